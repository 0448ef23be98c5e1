"""
Who the user is, and which rights templates there are: parts of Settings ([MS-ASCMD] UserInformation, [MS-ASRM]).

Up to 14.0 a user has addresses; from 14.1 on there are accounts that have them, and one address of each is the primary
one. Both are the same here: a user of an older server has one account.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.message import status_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import RightsManagement, Settings

__all__ = [
    "EmailAddresses",
    "RightsTemplate",
    "RightsTemplates",
    "UserAccount",
    "UserInformation",
    "decode_templates",
    "decode_user",
    "encode_templates",
    "encode_user",
]


class EmailAddresses(Record, frozen=True):
    """
    The addresses of an account.

    Attributes:
        smtp_addresses: all of them.
        primary_smtp_address: the one that mail is sent from (14.1 and later).
    """

    smtp_addresses: Annotated[tuple[str, ...] | None, At(Settings.SMTPAddress)] = None
    primary_smtp_address: Annotated[str | None, At(Settings.PrimarySmtpAddress)] = None


class UserAccount(Record, frozen=True):
    """
    One account of the user; most servers have one, and tell no more than its addresses.

    Attributes:
        account_id: names it when mail is sent (14.1 and later); empty for the main one.
        account_name: what it is called (14.1 and later).
        user_display_name: what the user is called (14.1 and later).
        send_disabled: whether no mail can be sent from it (14.1 and later).
        email_addresses: its addresses.
    """

    account_id: Annotated[str | None, At(Settings.AccountId)] = None
    account_name: Annotated[str | None, At(Settings.AccountName)] = None
    user_display_name: Annotated[str | None, At(Settings.UserDisplayName)] = None
    send_disabled: Annotated[bool | None, At(Settings.SendDisabled)] = None
    email_addresses: Annotated[EmailAddresses | None, At(Settings.EmailAddresses)] = None


class UserInformation(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who the user is.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        accounts: the user's accounts.
    """

    status: int = 1
    accounts: tuple[UserAccount, ...] = ()

    @classmethod
    def of(cls, *addresses: str) -> UserInformation:
        """
        Make the information about a user of one account, the primary address first.
        """
        listed = EmailAddresses(smtp_addresses=addresses, primary_smtp_address=addresses[0] if addresses else None)
        return cls(accounts=(UserAccount(email_addresses=listed),))

    @property
    def addresses(self) -> tuple[str, ...]:
        """
        All addresses, the primary ones first, each once.
        """
        holders = [one.email_addresses for one in self.accounts if one.email_addresses is not None]
        primary = [one.primary_smtp_address for one in holders if one.primary_smtp_address]
        others = (address for one in holders for address in one.smtp_addresses or () if address)
        return tuple(dict.fromkeys((*primary, *others)))


class RightsTemplate(Record, frozen=True):
    """
    A template that says what recipients may do with a message ([MS-ASRM] RightsManagementTemplate).

    Attributes:
        template_id: names it when mail is sent.
        template_name: what it is called.
        template_description: what it is for.
    """

    template_id: Annotated[str | None, At(RightsManagement.TemplateID)] = None
    template_name: Annotated[str | None, At(RightsManagement.TemplateName)] = None
    template_description: Annotated[str | None, At(RightsManagement.TemplateDescription)] = None


class RightsTemplates(msgspec.Struct, frozen=True, kw_only=True):
    """
    The rights templates of the user's organization (14.1 and later).

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        templates: up to 20.
    """

    status: int = 1
    templates: tuple[RightsTemplate, ...] = ()


def encode_user(user: UserInformation, version: Version) -> list[Any]:
    """
    Write the UserInformation element's children of an answer, in the form that the version has.
    """
    children: list[Any] = [Settings.Status, str(user.status)]
    if user.status != 1:
        return children
    if version >= Version.V14_1:
        listed = [part for one in user.accounts for part in (Settings.Account, record.encode(one, version))]
        return [*children, Settings.Get, [Settings.Accounts, listed]]
    flat = record.encode(EmailAddresses(smtp_addresses=user.addresses), version)
    return [*children, Settings.Get, [Settings.EmailAddresses, flat]]


def decode_user(value: wbxml.Value, notes: Notes) -> UserInformation:
    """
    Read the UserInformation element of an answer, in either form.
    """
    got = wbxml.find(value, Settings.Get, None)
    found = wbxml.find_all(wbxml.find(got, Settings.Accounts, None), Settings.Account)
    if not found and wbxml.find(got, Settings.EmailAddresses) is not wbxml.ABSENT:
        found = [got]
    return UserInformation(
        status=status_in(value, Settings.Status, notes),
        accounts=tuple(record.decode(UserAccount, one, notes) for one in found),
    )


def encode_templates(rights: RightsTemplates, version: Version) -> list[Any]:
    """
    Write the RightsManagementInformation element's children of an answer.
    """
    children: list[Any] = [Settings.Status, str(rights.status)]
    if rights.status != 1:
        return children
    listed = [
        part
        for one in rights.templates
        for part in (RightsManagement.RightsManagementTemplate, record.encode(one, version))
    ]
    return [*children, Settings.Get, [RightsManagement.RightsManagementTemplates, listed]]


def decode_templates(value: wbxml.Value, notes: Notes) -> RightsTemplates:
    """
    Read the RightsManagementInformation element of an answer.
    """
    got = wbxml.find(wbxml.find(value, Settings.Get, None), RightsManagement.RightsManagementTemplates, None)
    return RightsTemplates(
        status=status_in(value, Settings.Status, notes),
        templates=tuple(
            record.decode(RightsTemplate, one, notes)
            for one in wbxml.find_all(got, RightsManagement.RightsManagementTemplate)
        ),
    )
