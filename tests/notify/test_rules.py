"""
Whether a device is told of a change: every rule by a table, with the reason as a person reads it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.model import (
    AppState,
    Change,
    ChangeKind,
    Channel,
    Collection,
    DeviceSettings,
    FolderRule,
    FolderType,
    Item,
    NoticeKind,
    NoticeSettings,
    NoticeText,
    Origin,
    Platform,
    QuietHours,
    Urgency,
)
from carrierpost.notify.news import is_news
from carrierpost.notify.rules import decide
from carrierpost.notify.scene import Scene
from carrierpost.protocol.classes import Contact, ContentClass, Importance, MeetingMessageType, MeetingRequest
from tests.delivery.devices import folder
from tests.notify.news import ADA, CALENDAR, INBOX, NOON, added, changed, event, item, mail, scene

QUIET = (QuietHours(dt.time(11), dt.time(13)),)
PROJECTS = folder(3, FolderType.USER_MAIL, "Projects")
HAND_ONLY = folder(4, FolderType.USER_MAIL, "Archive", minutes=-1)
BOSS = NoticeSettings(vips=frozenset({"bea@elm.example"}))

AGAINST: dict[str, tuple[Change, Item | None, Collection | None, Scene, str]] = {
    "a first synchronization": (
        added(announce=False), item(mail()), INBOX, scene(), "it came with a first synchronization or a repetition"),
    "made here": (added(origin=Origin.USER), item(event()), CALENDAR, scene(), "it was done here"),
    "gone again": (added(), None, INBOX, scene(), "it was gone again before anybody could be told"),
    "sent to oneself": (added(), item(mail(from_=f"Ada <{ADA.upper()}>")), INBOX, scene(), "you sent it yourself"),
    "read already": (added(), item(mail(read=True)), INBOX, scene(), "it was read already"),
    "moved here": (
        added(), item(mail(date_received=NOON - dt.timedelta(days=10))), INBOX, scene(),
        "it is from Fri 20 Feb, 12:00: it was moved here, and is not new"),
    "an overtaken invitation": (
        added(), item(mail(message_class="IPM.Schedule.Meeting.Request", meeting_request=MeetingRequest(
            meeting_message_type=MeetingMessageType.OUTDATED))), INBOX, scene(),
        "a newer message about the same meeting has come"),
    "in Sent": (
        added(), item(mail(from_="x@y.example")), folder(5, FolderType.SENT_ITEMS, "Sent"), scene(),
        "what is in Sent was sent from here"),
    "in Drafts": (
        added(), item(mail()), folder(5, FolderType.DRAFTS, "Drafts"), scene(), "Drafts holds what was not sent yet"),
    "in Trash": (
        added(), item(mail()), folder(5, FolderType.DELETED_ITEMS, "Trash"), scene(), "Trash holds what was deleted"),
    "a folder that is off": (
        added(), item(mail()), PROJECTS, scene(settings=NoticeSettings(folders={3: FolderRule.NONE})),
        "notices of the folder Projects are off"),
    "a folder for important people": (
        added(), item(mail()), PROJECTS, scene(settings=NoticeSettings(folders={3: FolderRule.VIP})),
        "of the folder Projects only what very important people take part in is told"),
    "a folder that nobody ticked": (
        added(), item(mail()), HAND_ONLY, scene(), "the folder Archive is not set to refresh by itself"),
    "Auto Refresh is off": (
        added(), item(mail()), PROJECTS, scene(device_settings=DeviceSettings(auto_refresh=False)),
        "the folder Projects is not set to refresh by itself"),
    "told before": (added(), item(mail()), INBOX, scene(told=True), "the device was told of the same already"),
    "the calendar is off": (
        added(), item(event()), CALENDAR, scene(settings=NoticeSettings(calendar=False)),
        "notices of changes in the calendar are off"),
    "an event of one's own": (
        added(), item(event(organizer_email=ADA, meeting_status=1)), CALENDAR, scene(),
        "it is an event of your own, which you made or changed elsewhere"),
    "an event without guests": (
        added(), item(event(organizer_email=None, meeting_status=0)), CALENDAR, scene(),
        "it is an event of your own, which you made or changed elsewhere"),
    "declined": (added(), item(event(response_type=4)), CALENDAR, scene(), "you declined it"),
    "over": (
        changed("location"), item(event(end_time=NOON)), CALENDAR, scene(), "it is over"),
    "quiet, and iOS cannot be silent": (
        added(), item(mail()), INBOX, scene(Platform.IOS, settings=NoticeSettings(quiet=QUIET)),
        "quiet hours until 13:00; on iOS a web app cannot change its number without showing something"),
    "open": (
        added(), item(mail()), INBOX, scene(state=AppState.FOREGROUND),
        "the device hears of it over its live stream: the app is open"),
    "grace": (
        added(), item(mail()), INBOX, scene(Platform.IOS, AppState.GRACE),
        "the device hears of it over its live stream: the app was just left"),
    "refreshing by itself": (
        added(), item(mail()), INBOX, scene(Platform.IOS, AppState.SUSPENDED, None),
        "the device finds it at its next refresh: the app is in the background, and background app refresh"),
    "nothing until opened": (
        added(), item(mail()), INBOX, scene(Platform.IOS, AppState.SUSPENDED, None, background_refresh=False),
        "the device finds it when the app is opened: the app is in the background, and background app refresh is off"),
}  # fmt: skip


@pytest.mark.parametrize("name", AGAINST)
def test_nobody_is_told_and_the_reason_says_why(name: str) -> None:
    """Each rule that speaks against a notice gives its own reason."""
    change, what, where, around, reason = AGAINST[name]
    decision = decide(change, what, where, around)
    assert decision is not None
    assert not decision.notify
    assert decision.reason.startswith(reason)
    assert decision.text is None


FOR: dict[str, tuple[Change, Item, Collection, Scene, NoticeKind, Urgency, str]] = {
    "a mail": (
        added(), item(mail()), INBOX, scene(), NoticeKind.MAIL, Urgency.NORMAL, "it is new in Inbox; the app is clo"),
    "a mail in a ticked folder": (
        added(), item(mail()), PROJECTS, scene(), NoticeKind.MAIL, Urgency.NORMAL, "it is new in Projects"),
    "a mail in a folder that was chosen": (
        added(), item(mail()), HAND_ONLY, scene(settings=NoticeSettings(folders={4: FolderRule.ALL})),
        NoticeKind.MAIL, Urgency.NORMAL, "it is new in Archive"),
    "a mail from somebody important": (
        added(), item(mail()), INBOX, scene(settings=BOSS), NoticeKind.MAIL, Urgency.HIGH,
        "its sender is one of your very important people"),
    "an important domain, in a folder for such": (
        added(), item(mail()), PROJECTS,
        scene(settings=NoticeSettings(vips=frozenset({"@ELM.example"}), folders={3: FolderRule.VIP})),
        NoticeKind.MAIL, Urgency.HIGH, "its sender is one of your very important people"),
    "somebody important got it too": (
        added(), item(mail(from_="x@y.example", cc="Bea <BEA@elm.example>")), INBOX, scene(settings=BOSS),
        NoticeKind.MAIL, Urgency.HIGH, "one of your very important people takes part"),
    "an important mail": (
        added(), item(mail(importance=Importance.HIGH)), INBOX, scene(), NoticeKind.MAIL, Urgency.HIGH,
        "its sender calls it important"),
    "an unimportant mail": (
        added(), item(mail(importance=Importance.LOW)), INBOX, scene(), NoticeKind.MAIL, Urgency.LOW,
        "its sender calls it unimportant, so it comes without a sound"),
    "quiet": (
        added(), item(mail()), INBOX, scene(settings=NoticeSettings(quiet=QUIET)), NoticeKind.BADGE, Urgency.LOW,
        "quiet hours until 13:00; only the number on the icon changes"),
    "somebody important in quiet hours": (
        added(), item(mail()), INBOX, scene(settings=msgspec.structs.replace(BOSS, quiet=QUIET)),
        NoticeKind.MAIL, Urgency.HIGH,
        "its sender is one of your very important people, which may be heard in quiet hours (until 13:00)"),
    "somebody important who may not be heard": (
        added(), item(mail()), INBOX, scene(settings=msgspec.structs.replace(BOSS, quiet=QUIET, vip_in_quiet=False)),
        NoticeKind.BADGE, Urgency.LOW, "quiet hours until 13:00"),
    "an important mail in quiet hours": (
        added(), item(mail(importance=Importance.HIGH)), INBOX,
        scene(settings=NoticeSettings(quiet=QUIET, important_in_quiet=True)), NoticeKind.MAIL, Urgency.HIGH,
        "its sender calls it important, which may be heard in quiet hours"),
    "an invitation": (
        added(), item(mail(message_class="IPM.Schedule.Meeting.Request")), INBOX, scene(), NoticeKind.INVITATION,
        Urgency.NORMAL, "it is new in Inbox"),
    "a cancellation": (
        added(), item(mail(message_class="IPM.Schedule.Meeting.Canceled")), INBOX, scene(), NoticeKind.CANCELLATION,
        Urgency.NORMAL, "it is new in Inbox"),
    "somebody declines": (
        added(), item(mail(message_class="IPM.Schedule.Meeting.Resp.Neg")), INBOX, scene(), NoticeKind.ANSWER,
        Urgency.NORMAL, "it is new in Inbox"),
    "a new event": (
        added(), item(event()), CALENDAR, scene(), NoticeKind.EVENT_NEW, Urgency.NORMAL, "it is new in Calendar"),
    "a changed event": (
        changed("location"), item(event(), revision=2), CALENDAR, scene(), NoticeKind.EVENT_CHANGED, Urgency.NORMAL,
        "it is new in Calendar"),
    "a cancelled event": (
        changed("meeting_status"), item(event(meeting_status=7), revision=2), CALENDAR, scene(),
        NoticeKind.CANCELLATION, Urgency.NORMAL, "it is new in Calendar"),
    "late": (
        added(), item(mail(date_received=NOON - dt.timedelta(hours=5))), INBOX, scene(), NoticeKind.SUMMARY,
        Urgency.NORMAL, "it came on Mon 2 Mar, 07:00, when nobody could be told; a summary tells of it"),
    "iOS with a channel": (
        added(), item(mail()), INBOX, scene(Platform.IOS, AppState.SUSPENDED, Channel.APNS), NoticeKind.MAIL,
        Urgency.NORMAL, "it is new in Inbox; the app is in the background, and its notify channel wakes it"),
    "iOS, quiet, with APNs": (
        added(), item(mail()), INBOX,
        scene(Platform.IOS, AppState.SUSPENDED, Channel.APNS, settings=NoticeSettings(quiet=QUIET)),
        NoticeKind.BADGE, Urgency.LOW, "quiet hours until 13:00; only the number on the icon changes"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOR)
def test_a_device_is_told_and_the_reason_says_why(name: str) -> None:
    """What it is about, how fast it is told, and the reason for it."""
    change, what, where, around, kind, urgency, reason = FOR[name]
    decision = decide(change, what, where, around)
    assert decision is not None
    assert (decision.notify, decision.kind, decision.urgency) == (True, kind, urgency)
    assert decision.reason.startswith(reason)
    assert (decision.text is None) == (kind is NoticeKind.BADGE)
    assert decision.expires_at > around.now


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (changed("read"), item(mail())),
        (changed("flag"), item(mail())),
        (added(kind=ChangeKind.ITEM_REMOVED), None),
        (added(kind=ChangeKind.COLLECTION_RESYNC), None),
        (changed("subject"), None),
    ],
)
def test_some_changes_are_no_news(change: Change, what: Item | None) -> None:
    """What is done to a mail after it came, and what goes, is nothing that a device is told as new."""
    assert decide(change, what, INBOX, scene()) is None


def test_contacts_are_nothing_to_tell() -> None:
    """A new contact is found where contacts are."""
    contact = msgspec.structs.replace(item(mail()), content_class=ContentClass.CONTACTS, data=Contact(first_name="Bea"))
    assert decide(added(), contact, folder(9, FolderType.CONTACTS, "Contacts"), scene()) is None


@pytest.mark.parametrize(
    ("change", "news"),
    [
        (added(), True),
        (added(announce=False), False),
        (added(origin=Origin.USER), False),
        (changed("start_time", "body"), True),
        (changed("body", "reminder"), False),
        (added(kind=ChangeKind.ITEM_MOVED), False),
    ],
)
def test_only_news_is_traced(change: Change, news: bool) -> None:
    """A first synchronization of ten thousand mails leaves no ten thousand traces."""
    assert is_news(change) is news


def test_an_invitation_and_its_event_are_the_same_news() -> None:
    """Whichever comes first is told; a meeting that is put to another time, or called off, is told anew."""
    request = MeetingRequest(uid="B1", start_time=NOON + dt.timedelta(hours=3))
    invitation = mail(message_class="IPM.Schedule.Meeting.Request", meeting_request=request)
    keys = [
        _key(added(), item(invitation), INBOX),
        _key(added(), item(event()), CALENDAR),
        _key(changed("start_time"), item(event(start_time=NOON), revision=2), CALENDAR),
        _key(changed("meeting_status"), item(event(meeting_status=7), revision=3), CALENDAR),
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_mail_in_two_folders_is_the_same_news() -> None:
    """A rule at the server that copies a mail makes no second notice; another mail does."""
    first = _key(added(7), item(mail(), 7), INBOX)
    assert _key(added(8), item(mail(), 8, PROJECTS), PROJECTS) == first
    assert _key(added(9), item(mail(subject="Dinner"), 9), INBOX) != first


def _key(change: Change, what: Item, where: Collection) -> str:
    decision = decide(change, what, where, scene())
    assert decision is not None
    return decision.key


ANY_SCENE = st.builds(
    scene,
    st.sampled_from(Platform),
    st.sampled_from(AppState),
    st.none() | st.sampled_from(Channel),
    settings=st.builds(
        NoticeSettings,
        quiet=st.sampled_from([(), QUIET]),
        vip_in_quiet=st.booleans(),
        calendar=st.booleans(),
        vips=st.sampled_from([frozenset[str](), frozenset({"bea@elm.example"})]),
        folders=st.dictionaries(st.integers(1, 4), st.sampled_from(FolderRule)),
    ),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "Nowhere/Land"]),
    told=st.booleans(),
    background_refresh=st.booleans(),
)


@given(
    around=ANY_SCENE,
    where=st.sampled_from([INBOX, PROJECTS, HAND_ONLY, CALENDAR, folder(5, FolderType.SENT_ITEMS, "Sent")]),
    data=st.sampled_from([mail(), mail(read=True), mail(from_=None), mail(from_=f"<{ADA}>"), event(), event(uid=None)]),
    change=st.sampled_from([added(), added(announce=False), changed("location"), added(origin=Origin.HUB)]),
)
def test_every_decision_has_a_reason_and_what_must_never_happen_does_not(
    around: Scene, where: Collection, data: Any, change: Change
) -> None:
    """
    Whatever comes together: one who is told is reached by a channel, was not told before, did not send it, has not read
    it; what is shown in quiet hours is from somebody important; and there always is a reason, one sentence.
    """
    decision = decide(change, item(data, where=where), where, around)
    if decision is None:
        return
    assert decision.reason
    assert decision.reason[0].islower()
    assert not decision.reason.endswith(".")
    if not decision.notify:
        return
    assert around.delivery.channel is not None
    assert change.announce
    assert change.origin is Origin.SERVER
    assert not around.told
    assert not getattr(data, "read", False)
    assert ADA not in (getattr(data, "from_", "") or "")
    assert where.type is not FolderType.SENT_ITEMS
    assert isinstance(decision.text, NoticeText) == (decision.kind is not NoticeKind.BADGE)
    if around.settings.quiet and around.device.time_zone != "Asia/Kolkata":
        heard = around.settings.vip_in_quiet and "bea@elm.example" in around.settings.vips
        assert decision.kind is NoticeKind.BADGE or heard
