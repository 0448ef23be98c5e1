"""
A lifelike world for the built-in server: an office of three bridge builders, a year of their mail, and what comes next.

Everything is made up here, from two files of stories and a handed-in chance: the same chance and the same moment give
the same world. `build_world` puts it into a server's mailboxes in a second; after that, each `World.happen()` lets
one thing happen as it would happen to any mailbox: a mail arrives, a meeting is moved, somebody ticks off a task on
another device. Devices that hold a connection are woken by it, as they always are.

    world = build_world(server, now=server.clock.now(), chance=random.Random(7))
    print(world.person.address, world.person.password)
    world.happen()
"""

from carrierpost.server.world.world import Happening, Resident, World, build_world

__all__ = ["Happening", "Resident", "World", "build_world"]
