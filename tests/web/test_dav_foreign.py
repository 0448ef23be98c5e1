"""
Foreign programs as proof: vdirsyncer finds the address book, reads all of it and then only what changed, through real
sockets and HTTP, from a hub that is changed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from carrierpost.bootstrap import open_hub_in_memory
from carrierpost.formats.vcard_in import read_cards
from carrierpost.model import DeviceSettings, IntentKind, ItemUpdate, NewDevice, Platform, TokenPurpose
from carrierpost.protocol.classes import Contact, ContentClass
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.device_passwords import new_device_password, password_hash
from tests.client.network import serve_app
from tests.store.values import Mailbox, contact
from tests.web.place import ADA
from tests.web.test_dav import set_policy_of

pytestmark = pytest.mark.slow

CONFIG = """
[general]
status_path = "{folder}/status"

[pair contacts]
a = "phone"
b = "hub"
collections = ["from b"]
conflict_resolution = "b wins"

[storage phone]
type = "filesystem"
path = "{folder}/cards"
fileext = ".vcf"

[storage hub]
type = "carddav"
url = "http://127.0.0.1:{port}/"
username = "{user}"
password = "{password}"
read_only = {read_only}
"""


class Vdirsyncer:
    """
    vdirsyncer with a folder of its own.
    """

    def __init__(self, folder: Path, port: int, password: str, *, read_only: bool) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.config.write_text(
            CONFIG.format(folder=folder, port=port, user=ADA, password=password, read_only=str(read_only).lower())
        )

    async def run(self, *words: str, status: int = 0) -> str:
        """Run a command of it; gives what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vdirsyncer", "--config", str(self.config), *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate(b"y\n" * 10)
        assert process.returncode == status, said.decode()
        return said.decode()

    async def sync(self, **values: Any) -> str:
        """Synchronize; a deletion of everything is meant."""
        return await self.run("sync", "--force-delete", **values)

    @property
    def files(self) -> dict[str, Path]:
        """Its files, by the first name of whom they are about."""
        return {(self.read(one).first_name or ""): one for one in (self.folder / "cards" / "contacts").glob("*.vcf")}

    def read(self, file: Path) -> Contact:
        """Read a file of it."""
        [card], _ = read_cards(file.read_bytes())
        return card.contact


class Proof:
    """
    A hub that serves, and vdirsyncer beside it.
    """

    def __init__(self, office: Office, box: Mailbox, phone: Vdirsyncer) -> None:
        self.office = office
        self.box = box
        self.phone = phone

    async def titles(self) -> dict[str | None, str | None]:
        """Give the job titles of the contacts that are held, by first name."""
        held = await self.office.hub.store.items(self.box.id, content_class=ContentClass.CONTACTS)
        return {one.data.first_name: one.data.job_title for one in held if isinstance(one.data, Contact)}

    async def policy(self, **values: Any) -> None:
        """Set what an administrator sets."""
        await set_policy_of(self.office.hub.store, **values)


@contextlib.asynccontextmanager
async def proof(folder: Path, **policy: Any) -> AsyncIterator[Proof]:
    """
    Serve a hub with three contacts at a real port, and let vdirsyncer find the book.
    """
    async with open_hub_in_memory(chance=random.Random(5)) as hub:
        box = await Mailbox.begin(hub.store)
        await box.sync("Contacts", adds=tuple(
            contact(number, name, "Elm", mobile_phone_number=f"+49 {number}")
            for number, name in enumerate(("Zoë", "Jan", "Ida"))
        ))  # fmt: skip
        await set_policy_of(hub.store, export_contacts=True, **policy)
        device = await hub.store.add_device(
            NewDevice(account_id=box.id, name="desk", platform=Platform.DESKTOP, time_zone="UTC")
        )
        await hub.store.set_device_settings(device.id, DeviceSettings(sync_with_local_contacts=True))
        password = new_device_password(bytes(range(26)))
        await hub.store.add_device_token(device.id, password_hash(password), name="x", purpose=TokenPurpose.CONTACTS)
        office = Office(hub, WebSettings())
        async with serve_app(build_app(office)) as port:
            phone = Vdirsyncer(folder, port, password, read_only=not policy.get("two_way_contacts"))
            await phone.run("discover")
            yield Proof(office, box, phone)
        office.drain()
        await office.sign_ins.close()
        assert await hub.store.check() == ()


async def test_CT10_vdirsyncer_reads_everything_and_then_what_changed(tmp_path: Path) -> None:
    """Found from the bare address; an edit, a new contact and one that is gone at the server arrive; nothing else."""
    async with proof(tmp_path) as at:
        await at.phone.sync()
        assert set(at.phone.files) == {"Zoë", "Jan", "Ida"}
        before = {name: file.stat().st_mtime_ns for name, file in at.phone.files.items()}
        assert "Copying" not in await at.phone.sync()
        held = await at.box.held("Contacts")
        data = msgspec.structs.replace(held["c1"].data, job_title="Gardener")
        update = ItemUpdate(item_id=held["c1"].id, revision=held["c1"].revision, data=data, fields=("job_title",))
        await at.box.sync(
            "Contacts", updates=(update,), adds=(contact(9, "Pia", "Ash"),),
            removals=(await at.box.removal("c2", "Contacts"),),
        )  # fmt: skip
        await at.phone.sync()
        assert set(at.phone.files) == {"Zoë", "Jan", "Pia"}
        assert at.phone.read(at.phone.files["Jan"]).job_title == "Gardener"
        assert at.phone.files["Zoë"].stat().st_mtime_ns == before["Zoë"]


async def test_CT7_vdirsyncer_loses_all_with_the_policy_and_gets_the_same_back(tmp_path: Path) -> None:
    """With the first synchronization after the policy is off nothing is left; afterwards the UIDs are those before."""
    async with proof(tmp_path) as at:
        await at.phone.sync()
        before = {file.read_bytes() for file in at.phone.files.values()}
        await at.policy(export_contacts=False)
        await at.phone.sync()
        assert at.phone.files == {}
        await at.policy(export_contacts=True)
        await at.phone.sync()
        assert {file.read_bytes() for file in at.phone.files.values()} == before
        await at.policy(contact_fields=["mail"])
        await at.phone.sync()
        assert {at.phone.read(file).mobile_phone_number for file in at.phone.files.values()} == {None}


async def test_CT10_vdirsyncer_writes_both_ways_by_policy(tmp_path: Path) -> None:
    """A new card keeps its UID, an edit and a deletion go to the outbox, and nothing comes back twice."""
    async with proof(tmp_path, two_way_contacts=True) as at:
        await at.phone.sync()
        jan, ida = at.phone.files["Jan"], at.phone.files["Ida"]
        jan.write_bytes(jan.read_bytes().replace(b"FN:", b"TITLE:Miller\r\nFN:"))
        ida.unlink()
        made = jan.with_name("made.vcf")
        made.write_bytes(b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:made-here\r\nFN:Bo Fir\r\nN:Fir;Bo;;;\r\nEND:VCARD\r\n")
        await at.phone.sync()
        assert await at.titles() == {"Zoë": None, "Jan": "Miller", "Bo": None}
        kinds = [one.kind for one in await at.office.hub.store.outbox(at.box.id)]
        assert sorted(kinds) == sorted([IntentKind.CHANGE, IntentKind.DELETE, IntentKind.ADD])
        for _ in range(2):
            await at.phone.sync()
            assert len(list(jan.parent.glob("*.vcf"))) == 3
        assert b"UID:made-here" in at.phone.files["Bo"].read_bytes()
        assert len(await at.office.hub.store.outbox(at.box.id)) == 3


async def test_CT10_a_program_that_may_not_write_is_told_so(tmp_path: Path) -> None:
    """Vdirsyncer names the refusal, nothing is changed here, and the rest of its synchronization goes on."""
    async with proof(tmp_path) as at:
        at.phone.config.write_text(at.phone.config.read_text().replace("read_only = true", "read_only = false"))
        await at.phone.run("discover")
        await at.phone.sync()
        jan = at.phone.files["Jan"]
        jan.write_bytes(jan.read_bytes().replace(b"FN:", b"TITLE:Miller\r\nFN:"))
        assert "403" in await at.phone.sync(status=1)
        assert set((await at.titles()).values()) == {None}
