"""
How much a piece of news weighs: how fast it is told, and whether it may be heard in quiet hours. Pure.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.model import Channel, Platform, Urgency
from carrierpost.notify.news import News
from carrierpost.notify.quiet import quiet_until
from carrierpost.notify.scene import Scene
from carrierpost.protocol.classes import Importance

__all__ = ["is_heard", "may_be_silent", "quiet_end", "urgency_of"]


def urgency_of(news: News, scene: Scene) -> tuple[Urgency, str]:
    """
    Give how fast a device is told, and why when that is unusual.
    """
    vips = scene.settings.vips
    if news.is_from(vips):
        return Urgency.HIGH, "its sender is one of your very important people"
    importance = news.mail.importance if news.mail is not None else None
    if importance is Importance.HIGH:
        return Urgency.HIGH, "its sender calls it important"
    if news.concerns(vips):
        return Urgency.HIGH, "one of your very important people takes part"
    if importance is Importance.LOW:
        return Urgency.LOW, "its sender calls it unimportant, so it comes without a sound"
    return Urgency.NORMAL, ""


def quiet_end(scene: Scene) -> dt.datetime | None:
    """
    Tell until when the device is not to make itself heard; `None` when it may.
    """
    return quiet_until(scene.settings.quiet, scene.now, scene.zone)


def is_heard(news: News, scene: Scene) -> bool:
    """
    Tell whether a device may make itself heard: it is not quiet, or the news is such that it may be heard then.
    """
    if quiet_end(scene) is None:
        return True
    if scene.settings.vip_in_quiet and news.is_from(scene.settings.vips):
        return True
    important = news.mail is not None and news.mail.importance is Importance.HIGH
    return scene.settings.important_in_quiet and important


def may_be_silent(platform: Platform, channel: Channel | None) -> bool:
    """
    Tell whether a device can be told something without showing it. iOS takes a web app's subscription away when its
    pushes show nothing.
    """
    return not (platform is Platform.IOS and channel is Channel.WEB_PUSH)
