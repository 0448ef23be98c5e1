"""
The live stream: no gap, no doubling, and an end when there has to be one.
"""

from __future__ import annotations

from tests.store.values import mail
from tests.support.virtual import virtual
from tests.web.place import Place, place


def live(at: Place) -> str:
    return f"/api/v1/accounts/{at.ada.id}/live"


@virtual
async def test_news_come_at_once_and_a_lost_connection_is_resumed_without_a_gap() -> None:
    """Each change once, in order, whatever happened while nobody listened."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        async with browser.stream(live(at)) as stream:
            assert await stream.beat()
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["x-accel-buffering"] == "no"
            await at.ada.sync(adds=(mail(4, announce=True),))
            event = await stream.event()
            assert event is not None
            name, data, number = event
            assert (name, data["kind"], data["announce"], str(data["number"])) == ("change", "item-added", True, number)
        await at.ada.sync(adds=(mail(5), mail(6)))
        async with browser.stream(live(at), last_event_id=number) as stream:
            await at.ada.sync(adds=(mail(7),))
            numbers = []
            for _ in range(3):
                event = await stream.event()
                assert event is not None
                numbers.append(int(event[2]))
            assert numbers == [int(number) + 1, int(number) + 2, int(number) + 3]


@virtual
async def test_SC1_what_cannot_be_told_without_a_gap_says_reload() -> None:
    """Too much was missed, too long ago, or the number is none of ours: load anew, behind the number that is given."""
    async with place(live_backlog=5) as at:
        browser = await at.signed_in(at.ada)
        await at.ada.sync(adds=tuple(mail(number) for number in range(10, 20)))
        position = (await at.hub.store.account(at.ada.id)).feed_position
        for after in (0, position - 6, position + 1):
            async with browser.stream(f"{live(at)}?after={after}") as stream:
                event = await stream.event()
                assert event is not None
                assert (event[0], event[1]["after"]) == ("reload", position)
                assert await stream.event() is None
        await at.hub.clock.sleep(40 * 86400)
        await at.hub.store.forget_changes(days=1, keep=1)
        browser = await at.signed_in(at.ada)
        async with browser.stream(f"{live(at)}?after={position - 5}") as stream:
            event = await stream.event()
            assert event is not None
            assert (event[0], event[1]["after"]) == ("reload", position)


@virtual
async def test_a_silent_stream_shows_life_and_the_device_counts_as_heard_of() -> None:
    """A comment every twenty seconds; last seen follows, so an open app is never taken for a silent one."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        async with browser.stream(live(at)) as stream:
            for _ in range(100):
                assert await stream.beat()
            seen = (await at.hub.store.device_life(device.id)).last_seen
            assert seen is not None
            assert (at.hub.clock.now() - seen).total_seconds() <= 80
            assert at.hub.clock.monotonic() > 1900


@virtual
async def test_a_stream_ends_the_moment_that_its_right_does() -> None:
    """Signed out elsewhere, its device removed, its account gone: it says so and ends, before any further news."""
    async with place() as at:
        other = await at.signed_in(at.ada)
        for how in ("session", "device", "account"):
            browser = await at.signed_in(at.ada, device=True)
            async with browser.stream(live(at)) as stream:
                assert await stream.beat()
                if how == "session":
                    await other.ok("DELETE", f"/api/v1/accounts/{at.ada.id}/sessions")
                elif how == "device":
                    [*_, device] = await at.hub.store.devices(at.ada.id)
                    await at.hub.store.remove_device(device.id)  # as another process would
                else:
                    await at.hub.store.remove_account(at.ada.id)
                while (event := await stream.event()) is not None and event[0] == "change":
                    assert event[1]["kind"] == "device-changed"
                assert event is not None
                assert event[0] == "end"
                assert await stream.event() is None


@virtual
async def test_what_an_administrator_or_the_person_changes_arrives_by_it() -> None:
    """A setting of the device and a folder's frequency are changes like any other."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        async with browser.stream(live(at)) as stream:
            assert await stream.beat()
            await browser.ok("PUT", f"/api/v1/devices/{device.id}/settings", {"auto_refresh": False})
            event = await stream.event()
            assert event is not None
            assert (event[1]["kind"], event[1]["fields"]) == ("device-changed", ["auto_refresh"])


@virtual
async def test_streams_end_when_the_hub_is_about_to_stop() -> None:
    """They do not hold it up, and say nothing that would keep the browser from coming back."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        async with browser.stream(live(at)) as stream:
            assert await stream.beat()
            at.office.drain()
            assert await stream.event() is None
