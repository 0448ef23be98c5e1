"""
Settings: who the user is, what the device is, out of office, the recovery password.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Settings
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("version", Version)
def test_both_are_answered_in_one(version: Version) -> None:
    """Device information is kept, and the user's addresses come back, in the form of each version."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        device = DeviceInformation(model="M", friendly_name="Ada's", os="OS", user_agent="U/1")
        answer = await phone.ask(SettingsRequest(device=device, user_information=True))
        assert answer.user_information is not None
        assert (answer.status, answer.device_information_status, answer.user_information.addresses) == (1, 1, (ADA,))
        assert phone.server.device(ADA).information == device

    story()


@virtual
async def test_nothing_at_all_is_refused() -> None:
    """A request for no setting is 2."""
    phone = Phone(make_server())
    assert status_of(await phone.post("Settings", Settings.Settings, [])) == (200, 2)


# -- out of office

INSIDE, KNOWN, UNKNOWN = Audience.INTERNAL, Audience.EXTERNAL_KNOWN, Audience.EXTERNAL_UNKNOWN
AWAY = Oof(
    state=OofState.ON,
    messages=tuple(
        OofMessage(audience=one, enabled=True, reply_message=f"For {one.name}", body_type="Text") for one in Audience
    ),
)


async def _set(phone: Phone, oof: Oof) -> int | None:
    return (await phone.ask(SettingsRequest(oof=oof))).oof_status


async def _get(phone: Phone, body_type: str = "Text") -> Any:
    answer = await phone.ask(SettingsRequest(oof_body_type=body_type))
    assert answer.oof_status == 1
    return answer.oof


@pytest.mark.parametrize("version", Version)
def test_out_of_office_is_kept_as_it_was_set(version: Version) -> None:
    """State, times and texts for three audiences; one that a change does not name stays."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        first = await _get(phone)
        assert first.state is OofState.OFF
        assert [one.audience for one in first.messages] == [INSIDE, KNOWN, UNKNOWN]
        assert await _set(phone, AWAY) == 1
        assert await _get(phone) == AWAY
        span = Oof(
            state=OofState.BETWEEN,
            start_time=EPOCH,
            end_time=EPOCH + DAY,
            messages=(OofMessage(audience=UNKNOWN, enabled=False),),
        )
        assert await _set(phone, span) == 1
        now = await _get(phone)
        assert (now.state, now.start_time, now.end_time) == (OofState.BETWEEN, EPOCH, EPOCH + DAY)
        assert [one.enabled for one in now.messages] == [True, True, False]
        assert [one.reply_message for one in now.messages] == [one.reply_message for one in AWAY.messages]

    story()


@pytest.mark.parametrize("version", Version)
def test_the_text_for_colleagues_is_hidden_by_16_1_while_nobody_is_away(version: Version) -> None:
    """Others show it; it is there again when out of office is turned on."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        await _set(phone, AWAY)
        await _set(phone, Oof(state=OofState.OFF))
        hidden = version >= Version.V16_1
        assert [one.reply_message is None for one in (await _get(phone)).messages] == [hidden, False, False]
        await _set(phone, Oof(state=OofState.ON))
        assert (await _get(phone)).messages[0].reply_message == "For INTERNAL"

    story()


@virtual
@pytest.mark.ungrammatical("asks for a format that is none")
async def test_texts_are_told_in_the_wanted_format() -> None:
    """HTML becomes text and text becomes HTML."""
    phone = Phone(make_server())
    rich = OofMessage(audience=INSIDE, enabled=True, reply_message="<p>Away &amp; out</p>", body_type="HTML")
    plain = OofMessage(audience=KNOWN, enabled=True, reply_message="a < b", body_type="Text")
    await _set(phone, Oof(state=OofState.ON, messages=(rich, plain)))
    inside, known, _ = (await _get(phone, "Text")).messages
    assert (inside.reply_message.strip(), inside.body_type, known.reply_message) == ("Away & out", "Text", "a < b")
    inside, known, _ = (await _get(phone, "HTML")).messages
    assert (inside.reply_message, "a &lt; b" in known.reply_message) == ("<p>Away &amp; out</p>", True)
    assert (await phone.ask(SettingsRequest(oof_body_type="RTF"))).oof_status == 5


@pytest.mark.parametrize(
    "oof",
    [
        Oof(state=OofState.BETWEEN, start_time=EPOCH),
        Oof(state=OofState.BETWEEN, start_time=EPOCH + dt.timedelta(days=1), end_time=EPOCH),
        Oof(state=OofState.ON, messages=(OofMessage(audience=Audience.INTERNAL, enabled=True),) * 2),
    ],
)
@pytest.mark.ungrammatical("asks wrongly")
def test_bad_arguments_change_nothing(oof: Oof) -> None:
    """Times that are no span, an audience twice: 5."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        assert await _set(phone, oof) == 5
        assert (await _get(phone)).state is OofState.OFF

    story()


def _mail(sender: str, *head: str) -> bytes:
    return "\r\n".join([f"From: {sender}", "To: ada@larch.example", "Subject: Tea", *head, "", "Now?", ""]).encode()


@virtual
async def test_who_writes_is_answered_once() -> None:
    """Each gets the text for their audience, one time; setting it anew answers again."""
    phone = Phone(make_server(delivers_outside=True))
    phone.mailbox.add(phone.folder(FolderType.CONTACTS), Contact(email2_address='"Kay" <Kay@far.example>'))
    await _set(phone, AWAY)
    post = phone.server.post
    for sender in ("ben@larch.example", "Kay <kay@far.example>", "who@far.example") * 2:
        post.receive(phone.mailbox, _mail(sender))
    answers = {one.recipients: one.mime for one in post.posted}
    assert len(post.posted) == 3
    assert b"For INTERNAL" in answers[("ben@larch.example",)]
    assert b"For EXTERNAL_KNOWN" in answers[("kay@far.example",)]
    assert b"For EXTERNAL_UNKNOWN" in answers[("who@far.example",)]
    [arrived] = phone.server.mailbox(BEN).folder(FolderType.INBOX).items.values()
    assert arrived.data.subject == "Automatic reply: Tea"  # type: ignore[union-attr]
    assert len(phone.folder(FolderType.INBOX).items) == 6
    await _set(phone, AWAY)
    post.receive(phone.mailbox, _mail("ben@larch.example"))
    assert len(post.posted) == 4


@virtual
async def test_machines_are_not_answered() -> None:
    """Neither automatic mail, nor lists, nor oneself, nor nobody; two who are away do not answer for ever."""
    phone = Phone(make_server(delivers_outside=True))
    await _set(phone, AWAY)
    post = phone.server.post
    for mime in (
        _mail("x@far.example", "Auto-Submitted: auto-generated"),
        _mail("x@far.example", "Precedence: bulk"),
        _mail("x@far.example", "List-Id: <l.far.example>"),
        _mail("noreply@far.example"),
        _mail(ADA),
        _mail(""),
    ):
        post.receive(phone.mailbox, mime)
    assert len(post.posted) == 0
    ben = Phone(phone.server, user=BEN)
    await _set(ben, AWAY)
    post.receive(phone.mailbox, _mail(BEN))
    assert len(post.posted) == 1


@virtual
async def test_nobody_is_answered_outside_the_span() -> None:
    """Before it begins and from its end on mail is not answered, between it is; an audience that is off is not."""
    phone = Phone(make_server(delivers_outside=True))
    start = phone.server.clock.now() + DAY
    off = OofMessage(audience=UNKNOWN, enabled=False, reply_message="x", body_type="Text")
    span = Oof(state=OofState.BETWEEN, start_time=start, end_time=start + DAY, messages=(*AWAY.messages[:2], off))
    await _set(phone, span)
    post = phone.server.post
    for senders, answered in ((("b@larch.example",), 0), (("c@larch.example", "x@far.example"), 1)):
        for sender in senders:
            post.receive(phone.mailbox, _mail(sender))
        assert len(post.posted) == answered
        await phone.server.clock.sleep(86400)
    post.receive(phone.mailbox, _mail("d@larch.example"))
    assert len(post.posted) == 1


# -- the recovery password


@virtual
@pytest.mark.ungrammatical("sends one that is too long")
async def test_a_recovery_password_is_kept_where_the_policy_wants_one() -> None:
    """7 without such a policy, 5 for one that is too long; the server keeps the last."""
    phone = Phone(make_server())

    async def told(text: str) -> int | None:
        return (await phone.ask(SettingsRequest(device_password=Secret(text)))).device_password_status

    assert await told("1234") == 7
    phone.server.set_policy(ProvisioningDocument(password_recovery_enabled=True))
    assert await told("1" * 256) == 5
    assert await told("1234") == 1
    kept = phone.server.device(ADA).recovery_password
    assert kept is not None
    assert kept.reveal() == "1234"
