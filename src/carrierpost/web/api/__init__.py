"""
The interface itself, a module for each subject.
"""

from carrierpost.web.api import accounts, devices, folders, live, mail, notices, session
from carrierpost.web.operations import Operation

__all__ = ["OPERATIONS"]

OPERATIONS: tuple[Operation, ...] = tuple(
    one for module in (session, accounts, devices, notices, live, folders, mail) for one in module.operations.all
)
