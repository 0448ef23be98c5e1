"""
What stands in the calendar, as tables.
"""

from __future__ import annotations

import msgspec

from carrierpost.protocol.classes import Recurrence, RecurrenceType

__all__ = ["SERIES", "SINGLES", "WHOLE_DAYS", "Series"]

_MO, _TU, _WE, _TH, _FR, _SA = 2, 4, 8, 16, 32, 64  # [MS-ASCAL] DayOfWeek
_WORKDAYS = _MO | _TU | _WE | _TH | _FR
_LAST = 5

DAILY, WEEKLY, MONTHLY = RecurrenceType.DAILY, RecurrenceType.WEEKLY, RecurrenceType.MONTHLY
MONTHLY_NTH, YEARLY, YEARLY_NTH = RecurrenceType.MONTHLY_NTH, RecurrenceType.YEARLY, RecurrenceType.YEARLY_NTH


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """
    A series as planned.

    Attributes:
        title: its title.
        pattern: when.
        hour: hours after midnight at which it begins, in its zone.
        minutes: how long it lasts.
        place: where.
        zone: IANA name of the zone in which its hour stays the same.
        asked: roles of those who come; nobody for an appointment.
        organizer: `me`, or else the first of those asked.
        category: its category, or empty.
        began: days ago.
        until: days from its begin to its last occurrence, or `None`.
        exceptions: what becomes of some occurrences about now: `moved`, `changed`, `cancelled`.
        family: whether it stands in the family's calendar.
    """

    title: str
    pattern: Recurrence
    hour: float
    minutes: int = 60
    place: str = ""
    zone: str = "Europe/Berlin"
    asked: tuple[str, ...] = ()
    organizer: str = "me"
    category: str = ""
    began: int = 200
    until: int | None = None
    exceptions: tuple[str, ...] = ()
    family: bool = False


SERIES = (
    Series(
        title="Monday round",
        pattern=Recurrence(type=WEEKLY, interval=1, day_of_week=_MO, first_day_of_week=1),
        hour=9,
        minutes=45,
        place="Alder room",
        asked=("tomas", "yuki"),
        category="Team",
        exceptions=("moved", "cancelled", "changed"),
    ),
    Series(
        title="Site walk Heron weir",
        pattern=Recurrence(type=WEEKLY, interval=1, day_of_week=_TU | _TH),
        hour=7.5,
        minutes=90,
        place="Heron weir, site office",
        asked=("tomas", "supplier"),
        category="Site",
        exceptions=("cancelled", "moved"),
    ),
    Series(
        title="Read the gauge",
        pattern=Recurrence(type=DAILY, interval=1),
        hour=7,
        minutes=10,
        place="Heron weir",
        category="Survey",
        began=12,
        until=40,
    ),
    Series(
        title="Stretch and look out of the window",
        pattern=Recurrence(type=DAILY, day_of_week=_WORKDAYS),
        hour=15,
        minutes=10,
        exceptions=("cancelled",),
    ),
    Series(
        title="Every third day: plants",
        pattern=Recurrence(type=DAILY, interval=3, occurrences=60),
        hour=8.75,
        minutes=15,
        began=90,
    ),
    Series(
        title="Design review, Osaka",
        pattern=Recurrence(type=WEEKLY, interval=2, day_of_week=_WE),
        hour=17,
        place="Video call",
        zone="Asia/Tokyo",
        asked=("akiko@osakabridges.example", "tomas"),
        organizer="first",
        category="Structure",
        began=140,
    ),
    Series(
        title="Code committee, New York",
        pattern=Recurrence(type=MONTHLY_NTH, interval=1, week_of_month=2, day_of_week=_TH),
        hour=10,
        minutes=90,
        place="Video call",
        zone="America/New_York",
        asked=("friend",),
        organizer="first",
        began=190,
        exceptions=("moved",),
    ),
    Series(
        title="Drawings exchange with Pune",
        pattern=Recurrence(type=WEEKLY, interval=1, day_of_week=_FR, occurrences=30),
        hour=14.5,
        minutes=30,
        zone="Asia/Kolkata",
        asked=("surveyor",),
        began=120,
    ),
    Series(
        title="London desk",
        pattern=Recurrence(type=WEEKLY, interval=4, day_of_week=_MO | _TU),
        hour=10,
        minutes=360,
        place="Greyfriars, London",
        zone="Europe/London",
        category="Travel",
    ),
    Series(
        title="Invoices out",
        pattern=Recurrence(type=MONTHLY, interval=1, day_of_month=28),
        hour=11,
        asked=("yuki",),
        category="Finance",
    ),
    Series(
        title="Rent of the site office",
        pattern=Recurrence(type=MONTHLY, interval=1, day_of_month=1),
        hour=9.5,
        minutes=15,
        category="Finance",
    ),
    Series(
        title="Quarterly look at insurance",
        pattern=Recurrence(type=MONTHLY, interval=3, day_of_month=15),
        hour=14,
        asked=("vendor", "yuki"),
        category="Finance",
        began=300,
    ),
    Series(
        title="Timber society, evening",
        pattern=Recurrence(type=MONTHLY_NTH, interval=1, week_of_month=3, day_of_week=_TH),
        hour=19,
        minutes=120,
        place="Engineers' Library",
        exceptions=("changed",),
    ),
    Series(
        title="Last Friday: cake",
        pattern=Recurrence(type=MONTHLY_NTH, interval=1, week_of_month=_LAST, day_of_week=_FR),
        hour=15.5,
        minutes=45,
        place="Kitchen",
        asked=("yuki", "tomas"),
        category="Team",
    ),
    Series(
        title="Open bridge day",
        pattern=Recurrence(type=YEARLY_NTH, interval=1, week_of_month=2, day_of_week=1, month_of_year=9),
        hour=10,
        minutes=420,
        began=700,
    ),
    Series(
        title="Renew the licence of Framecheck",
        pattern=Recurrence(type=YEARLY, interval=1, day_of_month=12, month_of_year=1),
        hour=10,
        minutes=30,
        category="IT",
        began=800,
    ),
    Series(
        title="Choir",
        pattern=Recurrence(type=WEEKLY, interval=1, day_of_week=_TU),
        hour=19.5,
        minutes=120,
        place="St. Nicholas, hall",
        exceptions=("cancelled", "cancelled"),
        family=True,
    ),
    Series(
        title="Swimming with Ida",
        pattern=Recurrence(type=WEEKLY, interval=1, day_of_week=_SA),
        hour=9,
        place="Lido",
        family=True,
        exceptions=("moved",),
    ),
    Series(
        title="Paper and bottles",
        pattern=Recurrence(type=WEEKLY, interval=2, day_of_week=_TH),
        hour=7,
        minutes=5,
        family=True,
    ),
)

WHOLE_DAYS = (
    ("Bridge conference, Saint-Aubin", 16, 3, 3),
    ("Summer holidays", -140, 14, 3),
    ("Office closed", 33, 5, 3),
    ("Crane on site", 3, 2, 0),
    ("Yuki away", 9, 2, 0),
    ("Trade fair", -60, 2, 4),
    ("Bank holiday", -35, 1, 0),
    ("Tender ends: Nordby Lookout", 6, 1, 0),
)
"""Title, days until it begins, how many days it lasts, how its time is shown."""

SINGLES = (
    ("Site visit {site}", "{site}", ("client", "tomas"), "first", "Site"),
    ("{project}: review", "Larch room", ("client", "tomas"), "me", "Structure"),
    ("{project}: permit", "Town hall, room 12", ("authority",), "first", "Permits"),
    ("Call with {client}", "", ("client",), "me", "Client"),
    ("Price talk, {project}", "Willow room", ("supplier", "yuki"), "me", "Tender"),
    ("Survey of the {site}", "{site}", ("surveyor", "tomas"), "me", "Survey"),
    ("Visitors from Osaka", "Osaka", ("akiko@osakabridges.example",), "first", "Travel"),
    ("Train to Nordby", "Platform 2", (), "me", "Travel"),
    ("Write the report, no calls", "", (), "me", ""),
    ("Lunch with Tomás", "Behind the station", ("tomas",), "me", "Team"),
    ("Working student: interview", "Alder room", ("yuki",), "me", "Team"),
    ("Réunion à Saint-Aubin", "École du Bois", ("claire.dufour@ecole-ponts.example",), "first", "Travel"),
    ("Prüfstatik: offene Punkte", "Alder room", ("tomas",), "me", "Structure"),
    ("Dentist", "Chapel Hill 4", (), "me", ""),
    ("School concert", "School, big hall", (), "me", ""),
    ("Dinner with the neighbours", "", (), "me", ""),
)
"""Title, place, who is asked, who organises, category."""
