"""
The hub over HTTP: sign-in, devices, the live stream, mail, and the description of it all.

`build_app` makes an ASGI application of a hub. What a person or a device may do is a list of operations
(`carrierpost.web.operations`), each a function from typed values to typed values; who asks, and whether they may, is
settled before it is called. The description in OpenAPI is made from the same list.
"""

from carrierpost.web.app import build_app
from carrierpost.web.office import Office
from carrierpost.web.settings import WebSettings

__all__ = ["Office", "WebSettings", "build_app"]
