"""
The interface itself, a module for each subject.
"""

from carrierpost.web.api import (
    accounts,
    calendar,
    contacts,
    devices,
    folders,
    live,
    mail,
    notice_settings,
    notices,
    passwords,
    reading,
    session,
    telling,
    writing,
)
from carrierpost.web.operations import Operation

__all__ = ["OPERATIONS"]

_SUBJECTS = (
    session,
    accounts,
    devices,
    passwords,
    notices,
    notice_settings,
    telling,
    live,
    folders,
    mail,
    reading,
    writing,
    calendar,
    contacts,
)

OPERATIONS: tuple[Operation, ...] = tuple(one for subject in _SUBJECTS for one in subject.operations.all)
