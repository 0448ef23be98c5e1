"""
Write a sample of what the newest schema keeps, so that the next one has something to be upgraded from.

    python -m tests.store.old.make

writes `<number of the newest migration>.sql` beside this file. Do it before a new migration is added, never afterwards.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from pathlib import Path

import apsw

from carrierpost.model import (
    BodyUpdate,
    CardName,
    IntentKind,
    NewOutboxEntry,
    NewPolicyVersion,
    NewSetAside,
    NoticeSettings,
    QuietHours,
    Secret,
    Ticket,
    TokenPurpose,
)
from carrierpost.store import open_store
from carrierpost.store.queries import load_migrations
from tests.store.conftest import SteadyClock
from tests.store.values import NOW, Mailbox, attachment, contact, event, html, mail, note, phone, push, told

__all__ = ["main"]

_BEGUN = ("counters", "audit_end")  # a new store has rows in them
_INDEX = "words"  # its tables are SQLite's own; what waits for the index is written instead


async def _fill(path: Path) -> None:
    async with await open_store(path, None, clock=SteadyClock(), inline=True) as store:
        box = await Mailbox.begin(store)
        file = attachment("plan.pdf", "ref/1")
        await box.sync(adds=(mail(1, "linden", announce=True), mail(2, body=html("<p>birch</p>"), attachments=(file,))))
        await box.sync(
            adds=(mail(3),), removals=(await box.removal("m1"),), set_aside=(NewSetAside(server_id="x", reason="odd"),)
        )
        await store.put_body(BodyUpdate(item_id=(await box.item("m3")).id, type=4, data=b"\xff raw"))
        await box.sync("Contacts", adds=(contact(1, "Zoë", "Elm"),))
        await box.sync("Calendar", adds=(event(1, "Pruning"),))
        await box.sync("Notes", adds=(note(1, "Seeds"),))
        device = await store.add_device(phone(box.id))
        await store.put_subscription(push(device.id, "https://push.example/1"))
        await store.add_device_token(device.id, "hash of a token", name="app")
        await store.add_device_token(device.id, "hash of a password", name="book", purpose=TokenPurpose.CONTACTS)
        await store.put_card_name(box.id, CardName("zoe.vcf", "zoe", (await box.item("c1", "Contacts")).id))
        await store.put_card_back(device.id, "kept.vcf")
        session = await store.add_session("hash of a session", name="Firefox", expires_at=NOW.replace(year=2999))
        await store.sign_in(session.id, box.id, device_id=device.id)
        settings = NoticeSettings(quiet=(QuietHours(dt.time(22), dt.time(7)),), vips=frozenset({"bea@elm.example"}))
        await store.set_notice_settings(device.id, settings)
        await store.commit_notices(told(box.id, device.id, after=0))
        await store.put_ticket("hash of a ticket", Ticket(purpose="sign-in", expires_at=NOW.replace(year=2999)))
        await store.put_hub_setting("notify.trial", Secret("key"))
        await store.put_secret(box.id, "password", Secret("secret"))
        await store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="a", payload=b"\0x"))
        await store.commit_policies(NewPolicyVersion(after=0, policies=b"{}", by="root", why="trial"))


def main() -> None:
    """
    Write the sample.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        asyncio.run(_fill(path))
        connection = apsw.Connection(str(path))
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"
        lines = []
        for table in [str(row[0]) for row in connection.execute(query).fetchall()]:
            if table.startswith((_INDEX, "sqlite_", "migrations")):
                continue
            if table in _BEGUN:
                lines.append(f"DELETE FROM {table};")
            columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA table_info({table})"))
            rows = [
                ", ".join(map(apsw.format_sql_value, row))
                for row in connection.execute(f"SELECT {columns} FROM {table}")
            ]
            lines += [f"INSERT INTO {table} ({columns}) VALUES ({row});" for row in rows]
        connection.close()
    number = load_migrations("sqlite")[-1][0]
    Path(__file__).with_name(f"{number:04}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
