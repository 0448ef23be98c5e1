"""
How to prove who one is: one module for each way, all behind the same small face.

`basic` sends name and password, `bearer` a token that an authority gave (`authority`, `flows`), `windows` answers
NTLM and Negotiate challenges connection by connection, `certificate` lets TLS do it. What is kept of a login, and what
may be shown of it, is in `kept`; what a server asks for is read by `challenges`.
"""

from __future__ import annotations

from carrierpost.client.login.basic import BasicLogin
from carrierpost.client.login.credentials import Credentials

__all__ = ["BasicLogin", "Credentials"]
