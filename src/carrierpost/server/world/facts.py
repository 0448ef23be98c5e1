"""
The facts of a conversation: its project, and numbers, days and sums that stay the same from message to message.
"""

from __future__ import annotations

import datetime as dt
import random

from carrierpost.server.world.people import Person, Project

__all__ = ["make_facts"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_DAYS_DE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _date(moment: dt.datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def _workday(moment: dt.datetime) -> dt.datetime:
    return moment + dt.timedelta(days=max(0, 7 - moment.isoweekday() + 1) if moment.isoweekday() > 5 else 0)


def make_facts(project: Project, supplier: Person, begun: dt.datetime, chance: random.Random) -> dict[str, str]:
    """
    Think of the facts.

    Args:
        project: what it is about.
        supplier: whose goods it is about.
        begun: when the conversation begins, on the writers' clocks.
        chance: thinks.
    """
    first, second = sorted(chance.sample(range(5), 2))
    hours = sorted(chance.sample(range(9, 17), 2))

    def price(low: int, high: int) -> str:
        return f"{chance.randint(low, high)}.{chance.choice(('00', '20', '50', '90'))} EUR"

    def amount(low: int, high: int) -> str:
        return f"{chance.randint(low, high) * 10:,} EUR"

    return {
        "project": project.name,
        "site": project.site,
        "site2": chance.choice(("Nordby", "Tarnby", "Elm Quay", "Saint-Aubin")),
        "code": project.code,
        "client": project.client.name,
        "clientfirm": project.client.firm,
        "client_address": project.client.address,
        "supplier": supplier.firm,
        "weekday": _DAYS[first],
        "weekday2": _DAYS[second],
        "weekday_de": _DAYS_DE[first],
        "past": _date(_workday(begun - dt.timedelta(days=chance.randint(6, 20)))),
        "date": _date(_workday(begun + dt.timedelta(days=chance.randint(8, 16)))),
        "date2": _date(_workday(begun + dt.timedelta(days=chance.randint(20, 40)))),
        "month": _MONTHS[begun.month - 1],
        "week": str((begun + dt.timedelta(days=chance.randint(10, 24))).isocalendar().week),
        "time": f"{hours[0]}:{chance.choice(('00', '15', '30'))}",
        "time2": f"{hours[1]}:{chance.choice(('00', '15', '30'))}",
        "number": str(chance.randint(20_000, 79_999)),
        "number2": str(chance.randint(20_000, 79_999)),
        "count": str(chance.randint(24, 90)),
        "count2": str(chance.randint(11, 23)),
        "small": str(chance.randint(3, 9)),
        "small2": str(chance.randint(10, 12)),
        "percent": str(chance.randint(4, 18)),
        "amount": amount(900, 6000),
        "amount2": amount(300, 880),
        "price": price(18, 120),
        "price2": price(6, 28),
        "price3": price(2, 9),
        "letter": chance.choice("BCDEF"),
        "room": chance.choice(("Alder", "Larch", "Willow")),
        "colour": chance.choice(("cyan", "magenta", "yellow", "black")),
    }
