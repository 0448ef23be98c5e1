"""
What an administrator allows, as values: settings, the sets that set them, whom a set is for, and
the versions of it all.

What follows from them for a person's device is decided in `carrierpost.policy`.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import msgspec

from carrierpost.model.device import Channel, Platform
from carrierpost.protocol.commands.sync import FilterType

__all__ = [
    "AuditEntry",
    "LockScreenDetail",
    "NewAuditEntry",
    "NewPolicyVersion",
    "Policies",
    "PolicySet",
    "PolicyTarget",
    "PolicyValues",
    "PolicyVersion",
    "RemoteImages",
    "TargetKind",
]


class LockScreenDetail(enum.StrEnum):
    """
    What a notice may show to whoever looks at the phone; each shows what those before it show.
    """

    NOTHING = "nothing"
    """That there is something."""
    COUNT = "count"
    SENDER = "sender"
    """Who wrote, or what an event is called."""
    ALL = "all"


class RemoteImages(enum.StrEnum):
    """
    Whether pictures that a mail only links to are fetched.
    """

    BLOCK = "block"
    ASK = "ask"
    """Not before a person asks for those of one mail."""
    SHOW = "show"


class PolicyValues(msgspec.Struct, frozen=True, kw_only=True):
    """
    Every setting with a value; made without any, they are the product's defaults.

    What each one means, how it is written and which of two values is the stricter one stands in
    `carrierpost.policy.settings`.

    Attributes:
        export_contacts: contacts may leave for the phone's address book, for a file, and in a message.
        override_native_contacts_check: on iOS, contacts are synchronized although the system does so itself for an
            Exchange or Hotmail account.
        contact_fields: groups of a contact's fields, or single ones, that may leave (`carrierpost.policy.fields`).
        contact_photo_limit: the largest photo that may leave, kilobytes; 0 for any.
        contact_folders: names of folders that are exported beside the default contacts folder.
        two_way_contacts: what is changed in the phone's address book goes to the server.
        export_calendar: events may leave for the phone's calendar.
        notify_channels: channels that may notify.
        lock_screen_detail: the most that a notice may show.
        default_check_frequency: how often a folder is checked unless its owner chose; minutes, 0 push, -1 manual.
        shortest_check_frequency: the most often that may be; minutes, 0 push, -1 manual only.
        largest_mail_window: how far back mail may be synchronized.
        attachments: attachments may be fetched.
        attachment_limit: the largest one, kilobytes; 0 for any.
        share_attachments: attachments may be handed to other programs.
        sign_in_hours: how long a sign-in lasts.
        remote_images: the most that may be done about pictures that a mail links to.
        background_refresh: mail may be refreshed while the app is in the background.
    """

    export_contacts: bool = False
    override_native_contacts_check: bool = True
    contact_fields: tuple[str, ...] = ("all",)
    contact_photo_limit: int = 0
    contact_folders: tuple[str, ...] = ()
    two_way_contacts: bool = False
    export_calendar: bool = False
    notify_channels: tuple[Channel, ...] = tuple(Channel)
    lock_screen_detail: LockScreenDetail = LockScreenDetail.ALL
    default_check_frequency: int = 0
    shortest_check_frequency: int = 0
    largest_mail_window: FilterType = FilterType.ALL
    attachments: bool = True
    attachment_limit: int = 0
    share_attachments: bool = True
    sign_in_hours: int = 720
    remote_images: RemoteImages = RemoteImages.ASK
    background_refresh: bool = True


class TargetKind(enum.StrEnum):
    """
    By what a set chooses people.
    """

    EVERYONE = "everyone"
    ADDRESS = "address"
    GROUP = "group"


class PolicyTarget(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whom a set is for.

    Attributes:
        kind: by what people are chosen.
        name: a pattern for addresses, in which `*` stands for any text and `?` for any letter, or a group's name;
            empty for everyone.
        platforms: only their devices of these kinds; none means any, and a person without a device.
    """

    kind: TargetKind = TargetKind.EVERYONE
    name: str = ""
    platforms: tuple[Platform, ...] = ()


class PolicySet(msgspec.Struct, frozen=True, kw_only=True):
    """
    Some settings for some people.

    Attributes:
        name: unique among the sets.
        target: whom it is for.
        values: settings by name, as `carrierpost.policy.settings.parse_value` gives them; the others are left alone.
        note: what it is there for, in an administrator's words.
    """

    name: str
    target: PolicyTarget = PolicyTarget()
    values: Mapping[str, Any] = {}
    note: str = ""


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that an administrator set.

    Attributes:
        sets: in order; of two sets that name the same setting for a person, the later one counts.
        groups: addresses, or patterns for them, by the names of groups.
    """

    sets: tuple[PolicySet, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = {}


class NewPolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """
    A change of the policies.

    Attributes:
        after: the number of the version that it was made from; another one refuses the change.
        policies: all of them, as they are to be, as JSON.
        by: who changed them.
        why: the reason that was given; may be empty.
        concerned: names of settings that changed, by the ids of accounts for which they did.
    """

    after: int
    policies: bytes
    by: str
    why: str = ""
    concerned: Mapping[int, tuple[str, ...]] = {}


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """
    The policies as they were from some moment on.

    Attributes:
        number: grows by one with each change; 0 before the first.
        policies: all of them, as JSON.
        at: since when, UTC; `None` before the first change.
        by: who changed them.
        why: the reason that was given.
    """

    number: int = 0
    policies: bytes = b"{}"
    at: dt.datetime | None = None
    by: str = ""
    why: str = ""


class NewAuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that an administrator did.

    Attributes:
        who: who did it.
        what: what was done, as words with dots between: `policy.change`, `device.revoke`.
        subject: to what it was done: an address, a device, a set.
        detail: one sentence more; never a secret.
    """

    who: str
    what: str
    subject: str = ""
    detail: str = ""


class AuditEntry(NewAuditEntry, frozen=True, kw_only=True):
    """
    A line of the audit log.

    Attributes:
        number: grows by one with every line, without gaps, from 1.
        at: when, UTC.
        chain: a digest of this line and the chain of the line before it, as hexadecimal text.
    """

    number: int
    at: dt.datetime
    chain: str
