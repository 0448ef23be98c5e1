"""
Policies in two phases, and wipes.
"""

from __future__ import annotations

import asyncio

import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.commands.provision import Policy, ProvisionRequest, WipeKind
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.version import Version
from carrierpost.server.device import WipeState
from carrierpost.server.policies import POLICIES
from tests.server.phone import ADA, Phone, make_server, status_of
from tests.support.virtual import virtual

DEVICE = DeviceInformation(model="Test", os="Test 1")
STRICT = POLICIES["strict"]


def _first(version: Version) -> ProvisionRequest:
    return ProvisionRequest(device=DEVICE if version >= Version.V14_1 else None, policy=Policy())


async def _asked(phone: Phone) -> tuple[int, int | None]:
    return status_of(await phone.raw("FolderSync", FolderSyncRequest().encode(phone.version)))


async def _agree(phone: Phone, said: int = 1) -> int:
    """Go through both phases; gives the status of the second one."""
    offered = (await phone.ask(_first(phone.version))).policy
    assert offered is not None
    phone.adopt(policy_key=offered.key)
    agreed = await phone.ask(ProvisionRequest(policy=Policy(key=offered.key, status=said)))
    if agreed.policy is not None and agreed.policy.key:
        phone.adopt(policy_key=agreed.policy.key)
    return agreed.status


@pytest.mark.parametrize("version", Version)
def test_PV4_a_device_has_to_agree_before_anything_else(version: Version) -> None:
    """142 or 449 until both phases are through; the document arrives as it was set; then the new key opens the door."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(policy=STRICT, enforce=True), version=version)
        needed = (449, None) if version < Version.V14_0 else (200, 142)
        assert await _asked(phone) == needed
        offered = await phone.ask(_first(version))
        assert offered.policy is not None
        assert offered.policy.document == STRICT
        phone.adopt(policy_key=offered.policy.key)
        assert await _asked(phone) == needed
        assert await _agree(phone) == 1
        assert await _asked(phone) == (200, 1)
        assert phone.server.device(ADA).provisioned

    story()


@virtual
async def test_PV4_another_key_is_not_the_one_agreed_on() -> None:
    """144 for a wrong key, 142 for none; a Ping needs to carry no key."""
    phone = Phone(make_server(policy=STRICT, enforce=True))
    await _agree(phone)
    await phone.folders()
    await phone.begin(FolderType.INBOX)
    phone.adopt(policy_key="4711")
    assert await _asked(phone) == (200, 144)
    phone.adopt(policy_key="0")
    assert await _asked(phone) == (200, 142)
    assert (await phone.ping(FolderType.INBOX, seconds=60)).status == 1


@virtual
async def test_PV8_a_new_policy_has_to_be_agreed_on_anew() -> None:
    """143 after the policy changed; a held Ping ends so that the device hears of it."""
    phone = Phone(make_server(policy=STRICT, enforce=True))
    await _agree(phone)
    await phone.folders()
    await phone.begin(FolderType.INBOX)
    ping = asyncio.ensure_future(phone.ping(FolderType.INBOX, seconds=1800))
    while not phone.server.holding:
        await asyncio.sleep(0)
    phone.server.set_policy(POLICIES["basic"])
    assert (await ping).status == 1
    assert await _asked(phone) == (200, 143)
    assert await _agree(phone) == 1
    assert await _asked(phone) == (200, 1)


@pytest.mark.parametrize("version", Version)
def test_PV2_device_information_belongs_where_the_version_wants_it(version: Version) -> None:
    """From 14.1 on Provision demands it (165); before, Provision refuses it and Settings takes it."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(policy=STRICT, enforce=True), version=version)
        with_device = await phone.raw("Provision", _encoded(ProvisionRequest(device=DEVICE, policy=Policy())))
        if version >= Version.V14_1:
            assert (await phone.ask(ProvisionRequest(policy=Policy()))).status == 165
            assert status_of(with_device) == (200, 1)
        else:
            assert status_of(with_device) == (200, 2)
            assert await _agree(phone) == 1
            assert (await phone.ask(SettingsRequest(device=DEVICE))).device_information_status == 1
        assert phone.server.device(ADA).information == DEVICE

    story()


def _encoded(request: ProvisionRequest):  # type: ignore[no-untyped-def]
    return request.encode(Version.V16_1)


@virtual
async def test_PV5_no_policy_is_said_and_no_obstacle() -> None:
    """A server without policy answers policy status 2, and everything else goes on without a key."""
    phone = Phone(make_server())
    answer = await phone.ask(_first(phone.version))
    assert answer.status == 1
    assert answer.policy is not None
    assert (answer.policy.status, answer.policy.key) == (2, "")
    assert await _asked(phone) == (200, 1)


@pytest.mark.ungrammatical("asks wrongly")
@virtual
async def test_malformed_provisioning_is_refused() -> None:
    """No policy asked for: 2. An unknown type: policy status 3. A key from nowhere: 5. No word on how it went: 2."""
    phone = Phone(make_server(policy=STRICT, enforce=True))
    assert (await phone.ask(ProvisionRequest(device=DEVICE))).status == 2
    odd = (await phone.ask(ProvisionRequest(device=DEVICE, policy=Policy(type="MS-WAP-Provisioning-XML")))).policy
    assert odd is not None
    assert odd.status == 3
    wrong = (await phone.ask(ProvisionRequest(policy=Policy(key="99", status=1)))).policy
    assert wrong is not None
    assert wrong.status == 5
    offered = (await phone.ask(_first(phone.version))).policy
    assert offered is not None
    assert (await phone.ask(ProvisionRequest(policy=Policy(key=offered.key)))).status == 2
    assert not phone.server.device(ADA).provisioned


@pytest.mark.parametrize(("said", "answered"), [(1, 1), (2, 139), (3, 139), (4, 145)])
def test_PV7_a_strict_server_wants_the_whole_policy(said: int, answered: int) -> None:
    """Partly is not enough when the server is strict, and is when it is not."""

    @virtual
    async def story() -> None:
        strict = Phone(make_server(policy=STRICT, enforce=True, strict=True))
        assert await _agree(strict, said) == answered
        assert (await _asked(strict))[1] == (1 if answered == 1 else 142)
        lenient = Phone(make_server(policy=STRICT, enforce=True))
        assert await _agree(lenient, said) == 1

    story()


# -- wipes


@pytest.mark.parametrize("version", Version)
def test_WI1_a_wipe_is_ordered_acknowledged_and_final(version: Version) -> None:
    """Any command hears 140, an empty Provision brings the order, and after the acknowledgement the door is shut."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        await phone.folders()
        phone.server.order_wipe(ADA)
        assert await _asked(phone) == ((403, None) if version < Version.V14_0 else (200, 140))
        phone.adopt(policy_key="77")
        assert await _asked(phone) == ((449, None) if version < Version.V14_0 else (200, 140))
        assert (await phone.ask(ProvisionRequest())).wipe is WipeKind.DEVICE
        assert (await phone.ask(ProvisionRequest(wipe=WipeKind.DEVICE))).wipe is None
        assert phone.server.device(ADA).wipe is WipeState.DONE
        blocked = (403, None) if version < Version.V14_0 else (200, 129)
        assert await _asked(phone) == blocked
        assert status_of(await phone.raw("Provision", ProvisionRequest().encode(version))) == blocked

    story()


@virtual
async def test_WI2_a_wiped_device_stays_out_until_it_is_cleared() -> None:
    """Time and new attempts change nothing; the administrator does, and only for the device that is meant."""
    server = make_server()
    phone, tablet = Phone(server), Phone(server, device_id="TABLET")
    await phone.folders()
    await tablet.folders()
    server.order_wipe(ADA, device_id="PHONE1")
    assert (await tablet.folders()).status == 1
    await phone.ask(ProvisionRequest(wipe=WipeKind.DEVICE))
    await server.clock.sleep(30 * 24 * 3600)
    assert await _asked(phone) == (200, 129)
    server.clear_wipe(ADA)
    assert await _asked(phone) == (200, 1)


@virtual
async def test_WI1_a_wipe_wakes_the_held_ping() -> None:
    """The order does not wait for the heartbeat's end."""
    phone = Phone(make_server())
    await phone.folders()
    await phone.begin(FolderType.INBOX)
    ping = asyncio.ensure_future(phone.ping(FolderType.INBOX, seconds=1800))
    while not phone.server.holding:
        await asyncio.sleep(0)
    phone.server.order_wipe(ADA)
    assert (await ping).status == 1
    assert phone.server.clock.monotonic() == 0


@virtual
async def test_WI1_a_wipe_that_failed_is_ordered_again() -> None:
    """Status 2 from the device leaves the order standing."""
    phone = Phone(make_server())
    await phone.folders()
    phone.server.order_wipe(ADA)
    assert (await phone.ask(ProvisionRequest(wipe=WipeKind.DEVICE, wiped=False))).wipe is WipeKind.DEVICE
    assert phone.server.device(ADA).wipe is WipeState.ORDERED


@virtual
async def test_WI1_a_wipe_that_nobody_ordered_changes_nothing() -> None:
    """A device cannot lock itself out by acknowledging what it was not told."""
    phone = Phone(make_server())
    await phone.folders()
    assert (await phone.ask(ProvisionRequest(wipe=WipeKind.DEVICE))).status == 2
    assert await _asked(phone) == (200, 1)


@virtual
async def test_WI1_the_account_alone_is_wiped_from_16_1_on() -> None:
    """16.1 hears of an account-only wipe; an older device is kept out, and never told to erase more than was meant."""
    server = make_server()
    new, old = Phone(server, version=Version.V16_1, device_id="NEW"), Phone(server, version=Version.V16_0)
    await new.folders()
    await old.folders()
    server.order_wipe(ADA, WipeKind.ACCOUNT)
    assert await _asked(new) == (200, 140)
    assert (await new.ask(ProvisionRequest())).wipe is WipeKind.ACCOUNT
    assert (await new.ask(ProvisionRequest(wipe=WipeKind.DEVICE))).wipe is WipeKind.ACCOUNT
    await new.ask(ProvisionRequest(wipe=WipeKind.ACCOUNT))
    assert server.device(ADA, "NEW").wipe is WipeState.DONE
    assert status_of(await old.raw("Provision", ProvisionRequest().encode(old.version))) == (200, 129)
    assert server.device(ADA, "PHONE1").wipe is WipeState.ORDERED


@virtual
async def test_PV1_items_stay_hidden_from_a_device_that_told_nothing() -> None:
    """Folders look empty, and a Ping finds nothing, until the device said what it is."""
    phone = Phone(make_server(hides_until_known=True, policy=STRICT))
    phone.mailbox.deliver("Hidden", "text")
    await phone.folders()
    inbox = await phone.begin(FolderType.INBOX)
    await phone.all(FolderType.INBOX)
    assert phone.held[inbox] == {}
    assert (await phone.ping(FolderType.INBOX, seconds=60)).status == 1
    assert await _agree(phone) == 1
    await phone.all(FolderType.INBOX)
    assert len(phone.held[inbox]) == 1
