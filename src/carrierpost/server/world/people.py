"""
Who lives in this world: three people of an engineers' office, and everybody they write to.
"""

from __future__ import annotations

import random

import msgspec

from carrierpost.server.world import names

__all__ = ["OFFICE", "Circle", "Person", "Project", "circle"]

OFFICE = "Birch Engineers"


class Person(msgspec.Struct, frozen=True):
    """
    Somebody who writes mail.

    Attributes:
        first: first name.
        last: last name.
        address: mail address.
        firm: where they work.
        job: as what.
        role: what they are in stories: `client`, `supplier`...; empty for most.
        language: in which they write.
        phone: number at work.
    """

    first: str
    last: str
    address: str
    firm: str
    job: str = ""
    role: str = ""
    language: str = "en"
    phone: str = ""

    @property
    def name(self) -> str:
        """
        First and last name.
        """
        return f"{self.first} {self.last}".strip()


class Project(msgspec.Struct, frozen=True):
    """
    What the office builds.

    Attributes:
        name: its name, and that of the mail folder for it.
        site: the place, as it stands behind "the".
        code: its number at the office.
        client: who pays for it.
    """

    name: str
    site: str
    code: str
    client: Person


class Circle(msgspec.Struct, frozen=True):
    """
    Everybody.

    Attributes:
        staff: the three of the office by role: `me`, `tomas`, `yuki`.
        others: everybody else, those with a role first.
        projects: what is being built.
    """

    staff: dict[str, Person]
    others: tuple[Person, ...]
    projects: tuple[Project, ...]

    def somebody(self, role: str, language: str, chance: random.Random) -> Person:
        """
        Choose somebody for a role, of those who write this language if there is one.
        """
        able = [one for one in self.others if one.role == role]
        speaking = [one for one in able if one.language == language]
        return chance.choice(speaking or able)


def circle(chance: random.Random, size: int) -> Circle:
    """
    Make the people.

    Args:
        chance: decides about names and numbers.
        size: how many there are besides the one whose mailbox is shown.
    """
    staff = {role: Person(*row, firm=OFFICE, job=job, phone=phone) for role, row, job, phone in names.STAFF}
    named = [
        Person(first, last, f"{mail}@{domain}", firm, job, role, language, _phone(chance))
        for role, first, last, mail, domain, firm, job, language in names.NAMED
    ]
    taken = {one.name for one in (*staff.values(), *named)}
    while len(named) < size - len(staff) + 1:
        first, last = chance.choice(names.FIRST), chance.choice(names.LAST)
        if f"{first} {last}" in taken:
            continue
        taken.add(f"{first} {last}")
        firm, domain = chance.choice(names.FIRMS)
        mail = names.plain(f"{first}.{last}")
        named.append(Person(first, last, f"{mail}@{domain}", firm, chance.choice(names.JOBS), phone=_phone(chance)))
    clients = [one for one in named if one.role == "client"]
    projects = tuple(
        Project(name, site, code, clients[number % len(clients)])
        for number, (name, site, code) in enumerate(names.PROJECTS)
    )
    return Circle(staff, tuple(named), projects)


def _phone(chance: random.Random) -> str:
    return f"+49 555 {chance.randint(100, 999)} {chance.randint(1000, 9999)}"  # a code that no town has
