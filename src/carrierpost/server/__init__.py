"""
An ActiveSync server in this very process: for the demonstration, and for everybody's tests.
"""

from carrierpost.server.exchange import ExchangeServer
from carrierpost.server.mailbox import Attached, Mailbox, MailboxFolder, MailboxItem

__all__ = ["Attached", "ExchangeServer", "Mailbox", "MailboxFolder", "MailboxItem"]
