"""
The public face as programs use it. Nothing here runs: `make check` type-checks it, in strict mode.
"""

from __future__ import annotations

import datetime as dt
import random
from email.message import EmailMessage
from pathlib import Path
from typing import assert_type

import carrierpost


async def reading() -> None:
    async with carrierpost.connect("ada@example.com", password="...", server="mail.example.com") as mailbox:
        assert_type(mailbox, carrierpost.Mailbox)
        for trouble in await mailbox.sync():
            assert_type(trouble, str)
        for folder in await mailbox.folders():
            assert_type(folder, carrierpost.Folder)
            assert_type(folder.type, carrierpost.FolderType)
        async for item in mailbox.items("Inbox", kind=carrierpost.ContentClass.EMAIL):
            assert_type(item, carrierpost.Item)
            match item.data:
                case carrierpost.Email(subject=subject, importance=carrierpost.Importance.HIGH):
                    assert_type(subject, str | None)
                case carrierpost.Event(busy_status=carrierpost.BusyStatus.FREE):
                    pass
            for attachment in getattr(item.data, "attachments", ()):
                if isinstance(attachment, carrierpost.Attachment):
                    assert_type(await mailbox.attachment(item, attachment), bytes)
            assert_type(await mailbox.text(item), str)
            assert_type(await mailbox.fetch(item), carrierpost.ItemBody)
        for hit in await mailbox.search("tea"):
            assert_type(hit, carrierpost.SearchHit)
        account = await mailbox.account()
        assert_type(account, carrierpost.Account)
        assert_type(account.state, carrierpost.AccountState)


async def watching(mailbox: carrierpost.Mailbox) -> None:
    try:
        async for change in mailbox.watch(after=0):
            assert_type(change, carrierpost.Change)
            if change.kind is carrierpost.ChangeKind.ITEM_ADDED and change.origin is carrierpost.Origin.SERVER:
                assert_type(change.item_id, int | None)
    except carrierpost.AccountStopped as error:
        print(error)  # noqa: T201 - an example


async def asking(mailbox: carrierpost.Mailbox, now: dt.datetime) -> None:
    async for found in mailbox.search_server("tea", folder=carrierpost.FolderType.INBOX, limit=10):
        assert_type(found, carrierpost.Found)
    async for person in mailbox.people("ad", pictures=carrierpost.PictureLimits(max_size=50_000)):
        assert_type(person, carrierpost.GALEntry)
    for busy in await mailbox.busy(["bo@example.com"], now, now + dt.timedelta(hours=8)):
        assert_type(busy, carrierpost.Busy)
        for start, _end, kind in carrierpost.merge_slots(busy.slots, now):
            assert_type(start, dt.datetime)
            assert_type(kind, carrierpost.FreeBusy)
    assert_type(await mailbox.out_of_office(), carrierpost.Oof)
    away = carrierpost.OofMessage(audience=carrierpost.Audience.INTERNAL, enabled=True, reply_message="Away")
    await mailbox.set_out_of_office(carrierpost.Oof(state=carrierpost.OofState.ON, messages=(away,)))


async def changing(mailbox: carrierpost.Mailbox, item: carrierpost.Item, now: dt.datetime) -> None:
    await mailbox.send(EmailMessage())
    await mailbox.mark_read(item)
    await mailbox.flag(item, on=False)
    await mailbox.move(item, "Inbox/Projects")
    await mailbox.delete(item, permanent=True)
    await mailbox.respond(item, carrierpost.UserResponse.ACCEPT, text="Gladly.")
    await mailbox.add("Contacts", carrierpost.Contact(first_name="Bea"))
    await mailbox.add("Tasks", carrierpost.Task(subject="Order bolts"))
    text = carrierpost.Body(type=carrierpost.BodyType.PLAIN, data="Twelve of them.")
    await mailbox.add("Notes", carrierpost.NoteItem(subject="Bolts", body=text))
    daily = carrierpost.Recurrence(type=carrierpost.RecurrenceType.DAILY, interval=1)
    with_bo = carrierpost.Attendee(email="bo@example.com")
    standup = carrierpost.Event(subject="Standup", start_time=now, end_time=now, recurrence=daily, attendees=(with_bo,))
    assert_type(await mailbox.add(carrierpost.FolderType.CALENDAR, standup), carrierpost.Item)
    await mailbox.change(item, flag=carrierpost.Flag(status=carrierpost.FlagStatus.COMPLETE))
    assert_type(mailbox.editor, carrierpost.Editor)
    projects = await mailbox.create_folder("Projects", parent="Inbox")
    await mailbox.rename_folder(projects, "Plans")
    await mailbox.move_folder(projects, None)
    await mailbox.delete_folder(projects)


async def at_home(clock: carrierpost.Clock) -> None:
    settings = carrierpost.EngineSettings()
    async with carrierpost.connect(
        "ada@example.com",
        password=carrierpost.Secret("..."),
        home=Path("/srv/mail"),
        version=carrierpost.Version.V14_1,
        ca_file="ca.pem",
        trace="trace",
        settings=settings,
        clock=clock,
        chance=random.Random(1),
    ) as mailbox:
        await mailbox.sync()


async def reading_whole(mailbox: carrierpost.Mailbox, item: carrierpost.Item) -> None:
    def told(how_far: carrierpost.FileProgress) -> None:
        assert_type(how_far.total, int | None)

    saved = await mailbox.save_attachment(item, "1:2/0", "letters", on_progress=told)
    assert_type(saved, Path)
    letter = await mailbox.letter(item)
    assert_type(letter, carrierpost.Letter)
    for judged in letter.signatures:
        assert_type(judged, carrierpost.Judged)
        assert_type(judged.verdict, carrierpost.Verdict)
    async for conversation in mailbox.threads():
        assert_type(conversation, carrierpost.Thread)
    try:
        mine = carrierpost.Keyring(
            identities=carrierpost.read_identities(b"", "password"), people=carrierpost.read_certificates(b"")
        )
        await mailbox.change_keyring(lambda held: held.joined(mine))
        await mailbox.send(b"", sign=True, encrypt=True)
    except (carrierpost.BadKeyFile, carrierpost.CannotProtect) as error:
        assert_type(str(error), str)


async def failing() -> str:
    clock: carrierpost.Clock = carrierpost.SystemClock()
    try:
        await at_home(clock)
    except carrierpost.HTTPStatusError as error:
        return str(error.status)
    except carrierpost.StatusError as error:
        return str(error.status)
    except carrierpost.AccountWaits as error:
        return error.until.isoformat()
    except (carrierpost.EditRefused, carrierpost.FolderRefused, carrierpost.NoOof, carrierpost.NotFetched) as error:
        return str(error)
    except (carrierpost.HubBusy, carrierpost.NotHeld, carrierpost.SendUnsure) as error:
        return str(error)
    except (
        carrierpost.ClientError,
        carrierpost.EngineError,
        carrierpost.ProtocolError,
        carrierpost.SetupError,
        carrierpost.StoreError,
    ) as error:
        return str(error)
    return carrierpost.__version__


def serving() -> None:
    with carrierpost.BackgroundExchange(versions=["14.1"]) as exchange:
        exchange.deliver("alice", "Tea?", "At four.")
        assert_type(exchange.server, carrierpost.ExchangeServer)
