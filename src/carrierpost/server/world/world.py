"""
Building a world, and what others see of it.
"""

from __future__ import annotations

import datetime as dt
import random

import msgspec

from carrierpost.server.exchange import ExchangeServer
from carrierpost.server.world.agenda import Agenda
from carrierpost.server.world.desk import fill_contacts, fill_notes, fill_tasks
from carrierpost.server.world.live import Happening, Life
from carrierpost.server.world.mail import Deck, MailRoom
from carrierpost.server.world.names import plain
from carrierpost.server.world.office import Office
from carrierpost.server.world.people import circle
from carrierpost.server.world.specials import fill_specials

__all__ = ["Happening", "Resident", "World", "build_world"]


class Resident(msgspec.Struct, frozen=True):
    """
    Somebody with a mailbox.

    Attributes:
        name: first and last name.
        address: mail address, also the login name.
        password: the password; no secret, for the world is made up.
    """

    name: str
    address: str
    password: str


class World:
    """
    A world that has been built.

    Attributes:
        people: everybody with a mailbox.
        person: the one whose mailbox is the fullest, and in which things go on happening.
    """

    def __init__(self, people: tuple[Resident, ...], life: Life) -> None:
        self.people = people
        self.person = people[0]
        self._life = life

    def happen(self) -> Happening:
        """
        Let the next thing happen in `person`'s mailbox, at once.

        Most often a mail arrives as the next of its conversation; else something is read, filed, moved, changed or
        done as if on another device. Items that have just been touched are left alone for a while, so that each
        happening can be followed to where it arrives.
        """
        return self._life.happen()


def build_world(
    server: ExchangeServer,
    *,
    now: dt.datetime,
    chance: random.Random,
    mails: int = 800,
    contacts: int = 120,
    events: int = 80,
) -> World:
    """
    Fill a server with three people and a year of their life.

    Args:
        server: gets the three as users; must not have them yet.
        now: the moment at which the year ends, with a zone.
        chance: decides about everything; the same chance and moment make the same world.
        mails: how many mails the first of them is to have.
        contacts: how many contacts.
        events: how many events and series.

    Returns:
        The world, which goes on when it is asked to.
    """
    people = circle(chance, contacts)
    residents = []
    for person in people.staff.values():
        resident = Resident(person.name, person.address, f"{plain(person.first)}-{chance.randint(100, 999)}")
        server.add_user(resident.address, resident.password, name=resident.name)
        residents.append(resident)
    office = Office(server, people, now.astimezone(dt.UTC), chance)
    deck = Deck(chance)
    fill_contacts(office)
    fill_specials(office)
    Agenda(office, events).fill()
    fill_tasks(office)
    fill_notes(office)
    room = MailRoom(office, deck, mails)
    room.fill()
    return World(tuple(residents), Life(office, deck, room.running))
