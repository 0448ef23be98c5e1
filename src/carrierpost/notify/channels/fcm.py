"""
Google's push service, for apps on Android ([FCM] HTTP v1).

Only data is sent, never a notification that the system would show: the app is woken and decides itself. Google could
read what it carries, so that is an opaque id, and the notice encrypted to the device for an app that registered keys.
More travels only when the administrator allows it (`Readable`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import msgspec

from carrierpost.model import Channel, Subscription, Urgency
from carrierpost.notify.answers import EXPIRED, busy, opaque, values_of
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.google import NoToken, ServiceAccount
from carrierpost.notify.outgoing import Answer, Outgoing, Unanswered
from carrierpost.notify.payload import Readable, envelope, fitted, open_words, seconds_left
from carrierpost.notify.reach import Forbidden
from carrierpost.protocol.clock import Clock

__all__ = ["SERVICE", "FCMSender"]

SERVICE = "https://fcm.googleapis.com"

_LONGEST_LIFE = 28 * 24 * 3600  # seconds
_MOST_TEXT = 700  # bytes; with an envelope and what is around them, 4,096 are not reached
_QUOTA_PAUSE = 60.0  # seconds, where Google does not say


class FCMSender:
    """
    Sends by FCM.

    Args:
        account: shows who sends.
        outgoing: sends requests.
        clock: the time.
        readable: what Google may read.
        service: where the service is.
        random: gives random bytes.
    """

    channel = Channel.FCM

    def __init__(
        self,
        account: ServiceAccount,
        outgoing: Outgoing,
        *,
        clock: Clock,
        readable: Readable = Readable.NOTHING,
        service: str = SERVICE,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._account = account
        self._outgoing = outgoing
        self._clock = clock
        self._readable = readable
        self._url = f"{service}/v1/projects/{account.project}/messages:send"
        self._random = random

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether nothing need show: yes; but Android delivers later what shows nothing too often.
        """
        return True

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; see `Sender.send`.
        """
        token = subscription.address.get("token", "")
        life = seconds_left(message, self._clock.now())
        if not token:
            return Gone("its token is none; the app has to register again")
        if life <= 0:
            return EXPIRED
        try:
            data = self._data(token, subscription, message)
        except ValueError as error:
            return Gone(f"{error}; the app has to register again")
        android: dict[str, Any] = {
            "priority": "NORMAL" if message.urgency is Urgency.LOW else "HIGH",
            "ttl": f"{min(life, _LONGEST_LIFE)}s",
        }
        # A device has at most four collapse keys at a time, so only what is replaced again and again gets one.
        if message.kind in (Kind.WAKE, Kind.BADGE) or message.collapse:
            android["collapse_key"] = opaque(message.collapse or message.kind, token)
        body = msgspec.json.encode({"message": {"token": token, "data": data, "android": android}})
        return await self._deliver(body)

    def _data(self, token: str, subscription: Subscription, message: Message) -> dict[str, str]:
        """
        Give what the app gets; all values are texts, as FCM wants it.
        """
        data = {"id": message.notice_id, "kind": str(message.kind), "tag": opaque(message.tag, token)}
        words = open_words(message, self._readable)
        if words is not None and self._readable is Readable.ALL:
            words = fitted(words, _MOST_TEXT)
            data |= {"title": words.title, "body": words.body}
        if message.badge is not None and self._readable is not Readable.NOTHING:
            data["badge"] = str(message.badge)
        if message.kind is Kind.WITHDRAW:
            data["withdraw"] = opaque(message.about, token)
        if box := envelope(message, subscription.address, self._random):
            data["sealed"] = box
        return data

    async def _deliver(self, body: bytes) -> Outcome:
        for last in (False, True):
            try:
                token = await self._account.token()
                answer = await self._outgoing.post(
                    self._url,
                    {"authorization": f"Bearer {token.reveal()}", "content-type": "application/json"},
                    body,
                )
            except NoToken as error:
                return error.outcome
            except (Unanswered, Forbidden) as error:
                return Later(f"Google did not answer: {error}")
            if last or answer.status != 401 or _code(answer) == "THIRD_PARTY_AUTH_ERROR":
                break
            self._account.renew(token)
        return self._outcome(answer)

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.status == 200:
            return Accepted(str(values_of(answer).get("name", "")).rpartition("/")[2][:100])
        code = _code(answer)
        if code == "UNREGISTERED" or (answer.status == 404 and not code):
            return Gone("Google: UNREGISTERED, the app was removed, or its token is no longer in use")
        if code == "SENDER_ID_MISMATCH":
            return Gone("Google: SENDER_ID_MISMATCH, the token belongs to another project than the service account")
        text = str(_error(answer).get("message", ""))[:200]
        if code == "INVALID_ARGUMENT" and "registration token" in text:
            return Gone("Google: INVALID_ARGUMENT, its token is none; the app has to register again")
        if late := busy(answer, self._clock.now(), "Google"):
            after = late.after if late.after is not None or answer.status != 429 else _QUOTA_PAUSE
            return Later(f"{late.reason}: {code}" if code else late.reason, after)
        return Refused(f"Google: {code or f'HTTP {answer.status}'}{f', {text}' if text else ''}")

    async def close(self) -> None:
        """
        Let go of connections.
        """
        await self._outgoing.close()


def _error(answer: Answer) -> dict[str, Any]:
    error = values_of(answer).get("error")
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    """
    Find FCM's own code of an error, or Google's general one.
    """
    error = _error(answer)
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("errorCode"), str):
            return str(detail["errorCode"])[:60]
    return str(error.get("status", ""))[:60]
