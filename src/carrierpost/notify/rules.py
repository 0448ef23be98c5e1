"""
Whether a device is told of a change, how, and why. Pure.

The rules are gone through in order; the first that speaks against it gives the reason, and when none does, the last
gives the reason for it. First comes what the news is (is it news, is it one's own, is it old), then what the person
wants (folders, very important people), whether the device was told of the same before, quiet hours, and last how mail
reaches the device just now: an app that is open hears of it over its live stream, and a device that refreshes by itself
finds it there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from carrierpost.delivery import Way
from carrierpost.delivery.folders import refreshes
from carrierpost.model import (
    Change,
    ChangeKind,
    Collection,
    FolderRule,
    FolderType,
    Item,
    NoticeKind,
    NoticeText,
    Origin,
    Urgency,
)
from carrierpost.notify.meetings import is_overtaken
from carrierpost.notify.news import News
from carrierpost.notify.people import bare
from carrierpost.notify.reminders import DECLINED
from carrierpost.notify.scene import Decision, Scene
from carrierpost.notify.weight import is_heard, may_be_silent, quiet_end, urgency_of
from carrierpost.notify.wording import answer_text, event_text, invitation_text, mail_text, span
from carrierpost.protocol.classes import Email, Event

__all__ = ["decide"]

_NEVER = {
    FolderType.SENT_ITEMS: "what is in {} was sent from here",
    FolderType.DRAFTS: "{} holds what was not sent yet",
    FolderType.OUTBOX: "{} holds what is being sent",
    FolderType.DELETED_ITEMS: "{} holds what was deleted",
}
_RECEIVED = 2  # [MS-ASCAL] MeetingStatus is a sum; this part of it says that somebody else called the meeting
_FAR_AHEAD = dt.timedelta(days=7)  # for how long news about something far away is worth a notice


def decide(change: Change, item: Item | None, collection: Collection | None, scene: Scene) -> Decision | None:
    """
    Decide whether a device is told of a change.

    Args:
        change: from the feed.
        item: the item as it is now, or `None` when it is gone.
        collection: the folder it is in, or `None` when that is gone.
        scene: everything else.

    Returns:
        The decision; `None` for a change of which nobody is ever told: contacts, tasks and notes, what is done to a
        mail after it came, folders, and what takes something away.
    """
    if change.kind not in (ChangeKind.ITEM_ADDED, ChangeKind.ITEM_CHANGED):
        return None
    if item is None or collection is None:
        if change.kind is ChangeKind.ITEM_CHANGED:
            return None
        return Decision(False, "it was gone again before anybody could be told", NoticeKind.MAIL, "", scene.now)
    if not isinstance(item.data, Email | Event):
        return None
    if isinstance(item.data, Email) and change.kind is ChangeKind.ITEM_CHANGED:
        return None
    news = News(change, item, collection)
    for rule in _RULES:
        if (objection := rule(news, scene)) is not None:
            return Decision(False, objection, news.kind, news.key, scene.now)
    return _told(news, scene)


def _new(news: News, scene: Scene) -> str | None:
    if news.change.origin is not Origin.SERVER:
        return "it was done here, and not by somebody else"
    if not news.change.announce:
        return "it came with a first synchronization or a repetition, and is not new"
    return None


def _own(news: News, scene: Scene) -> str | None:
    if news.mail is not None:
        sender = news.sender
        return "you sent it yourself" if sender is not None and bare(sender.address) in scene.own else None
    assert news.event is not None
    organizer = news.event.organizer_email
    if not (news.event.meeting_status or 0) & _RECEIVED and (not organizer or bare(organizer) in scene.own):
        return "it is an event of your own, which you made or changed elsewhere"
    return None


def _over(news: News, scene: Scene) -> str | None:
    if news.mail is not None:
        if news.mail.read:
            return "it was read already"
        if is_overtaken(news.mail):
            return "a newer message about the same meeting has come"
        if scene.now - news.received > scene.tuning.old_after:
            return f"it is from {span(news.received, None, scene.zone)}: it was moved here, and is not new"
        return None
    assert news.event is not None
    if news.event.response_type == DECLINED:
        return "you declined it"
    if news.event.recurrence is None and news.event.end_time is not None and news.event.end_time <= scene.now:
        return "it is over"
    return None


def _folder(news: News, scene: Scene) -> str | None:
    name, kind = news.collection.display_name, news.collection.type
    if kind in _NEVER:
        return _NEVER[kind].format(name)
    rule = scene.settings.folders.get(news.collection.id)
    if rule is FolderRule.NONE:
        return f"notices of the folder {name} are off"
    if rule is FolderRule.VIP and not news.concerns(scene.settings.vips):
        return f"of the folder {name} only what very important people take part in is told"
    if rule is None and not refreshes(news.collection, scene.device_settings):
        return f"the folder {name} is not set to refresh by itself"
    if news.event is not None and not scene.settings.calendar:
        return "notices of changes in the calendar are off"
    return None


def _twice(news: News, scene: Scene) -> str | None:
    return "the device was told of the same already" if scene.told else None


def _quiet(news: News, scene: Scene) -> str | None:
    if is_heard(news, scene) or may_be_silent(scene.device.platform, scene.channel):
        return None
    return f"{_quiet_words(scene)}; on iOS a web app cannot change its number without showing something"


def _way(news: News, scene: Scene) -> str | None:
    delivery = scene.delivery
    if delivery.way is Way.NOTIFY:
        return None
    then = {
        Way.LIVE: "the device hears of it over its live stream",
        Way.REFRESH: "the device finds it at its next refresh",
        Way.NOTHING: "the device finds it when the app is opened",
    }[delivery.way]
    return f"{then}: {delivery.reason}"


Rule = Callable[[News, Scene], str | None]

_RULES: tuple[Rule, ...] = (_new, _own, _over, _folder, _twice, _quiet, _way)


def _told(news: News, scene: Scene) -> Decision:
    """
    Say how the device is told, when nothing speaks against it.
    """
    expires_at = _expiry(news, scene)
    if not is_heard(news, scene):
        reason = f"{_quiet_words(scene)}; only the number on the icon changes"
        return Decision(True, reason, NoticeKind.BADGE, news.key, expires_at, Urgency.LOW, None, "badge")
    text = _text(news, scene)
    if scene.now - news.received > scene.tuning.late_after:
        reason = f"it came on {span(news.received, None, scene.zone)}, when nobody could be told; a summary tells of it"
        return Decision(True, reason, NoticeKind.SUMMARY, news.key, expires_at, Urgency.NORMAL, text, "summary")
    urgency, why = urgency_of(news, scene)
    why = why or f"it is new in {news.collection.display_name}"
    if until := quiet_end(scene):
        why = f"{why}, which may be heard in quiet hours (until {until:%H:%M})"
    collapse = f"event:{news.item.id}" if news.event is not None else ""  # what an event was before is of no interest
    reason = f"{why}; {scene.delivery.reason}"
    return Decision(True, reason, news.kind, news.key, expires_at, urgency, text, collapse)


def _expiry(news: News, scene: Scene) -> dt.datetime:
    """
    Give from when on nobody wants to know: a mail after a day, a meeting when it is over, at the latest after a week.
    """
    meeting = news.event or (news.mail.meeting_request if news.mail is not None else None)
    last = (meeting.end_time or meeting.start_time) if meeting is not None else None
    if last is None:
        return scene.now + scene.tuning.mail_life
    return min(max(last, scene.now + scene.tuning.late_after), scene.now + _FAR_AHEAD)


def _text(news: News, scene: Scene) -> NoticeText:
    if news.event is not None:
        return event_text(news.event, news.kind, scene.device.time_zone, scene.zone)
    assert news.mail is not None
    if news.kind in (NoticeKind.INVITATION, NoticeKind.CANCELLATION):
        return invitation_text(news.mail, news.kind, scene.zone)
    return answer_text(news.mail) if news.kind is NoticeKind.ANSWER else mail_text(news.mail, scene.preview)


def _quiet_words(scene: Scene) -> str:
    until = quiet_end(scene)
    return f"quiet hours until {until:%H:%M}" if until is not None else "quiet hours"
