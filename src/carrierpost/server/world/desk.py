"""
What lies about on Mara's desk: contacts, tasks, notes.
"""

from __future__ import annotations

import datetime as dt
import random

import msgspec

from carrierpost.protocol.classes import (
    Body,
    BodyType,
    Contact,
    Importance,
    NoteItem,
    RecurrenceType,
    Task,
    TaskRecurrence,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.world import names
from carrierpost.server.world.conversation import ZONE
from carrierpost.server.world.office import Office
from carrierpost.server.world.people import Person
from carrierpost.server.world.pictures import avatar

__all__ = ["fill_contacts", "fill_notes", "fill_tasks", "plain", "task"]

_DAY = dt.timedelta(days=1)


def plain(text: str) -> Body:
    """
    Make a plain body.
    """
    return Body(type=BodyType.PLAIN, data=text.replace("\n", "\r\n"))


# -- contacts


def fill_contacts(office: Office) -> None:
    """
    Give Mara everybody, and the others those of the office and whom they write to.
    """
    everybody = [*office.people.staff.values(), *office.people.others]
    cards = {one: _contact(one, office.chance) for one in everybody}
    for owner in office.people.staff.values():
        known = everybody if owner is office.me else everybody[:22]
        mailbox = office.mailbox_of(owner)
        for person in known:
            if person is not owner:
                mailbox.add(mailbox.folder(FolderType.CONTACTS), cards[person])


def _contact(person: Person, chance: random.Random) -> Contact:
    city, code, country = chance.choice(names.CITIES)
    domain = person.address.rpartition("@")[2]
    values: dict[str, object] = {}
    if chance.random() < 0.35:
        values["birthday"] = dt.date(chance.randint(1955, 1999), chance.randint(1, 12), chance.randint(1, 28))
    if chance.random() < 0.3:
        values |= {
            "home_address_street": f"{chance.choice(names.STREETS)} {chance.randint(1, 90)}",
            "home_address_city": city,
            "home_address_postal_code": code,
            "home_address_country": country,
        }
    if chance.random() < 0.2:
        values["email2_address"] = f'"{person.name}" <{names.plain(person.first) or "home"}@home.example>'
    if chance.random() < 0.2:
        met = chance.choice(("the bridge conference", "the site visit", "Tomás", "the timber prize"))
        values |= {
            "body": plain(f"Met through {met}.\nPrefers to be rung before ten."),
            "native_body_type": BodyType.PLAIN,
        }
    if person.role in ("client", "supplier", "authority"):
        values["categories"] = (person.role.capitalize(),)
    if person.language == "ja":
        values |= {"yomi_first_name": "あきこ", "yomi_last_name": "たかはし"}
    return Contact(
        first_name=person.first,
        last_name=person.last,
        file_as=f"{person.last}, {person.first}",
        company_name=person.firm,
        job_title=person.job,
        email1_address=f'"{person.name}" <{person.address}>',
        business_phone_number=person.phone or None,
        mobile_phone_number=f"+49 1555 {chance.randint(1_000_000, 9_999_999)}" if chance.random() < 0.7 else None,
        business_address_street=f"{chance.choice(names.STREETS)} {chance.randint(1, 90)}",
        business_address_city=city,
        business_address_postal_code=code,
        business_address_country=country,
        web_page=f"https://www.{domain}/" if chance.random() < 0.5 else None,
        picture=avatar(chance),
        **values,  # type: ignore[arg-type]  # each as its field wants it
    )


# -- tasks

_TASKS = (
    ("Read the ground report for {project}", -9, True, "Structure"),
    ("Send the fee note for phase 3 to {client}", -4, True, "Finance"),
    ("Check the drainage detail, south end", -2, False, "Structure"),
    ("Ring {client} about the lighting", 0, False, "Client"),
    ("Approve Tomás' sections for the diagonals", 1, False, "Structure"),
    ("Order helmets in sensible sizes", 2, False, "Site"),
    ("Abstract for the bridge conference", 5, False, "Travel"),
    ("Compare both offers for the stairs", 6, False, "Tender"),
    ("Photos for the website, with digger", 9, False, "Team"),
    ("Renew passport", 25, False, ""),
    ("Prepare the jury's tour of {site}", 12, False, "Client"),
    ("Sign contract for phase 5", -12, True, "Client"),
    ("Return the reserved books", 4, False, ""),
    ("Ask the owl expert for his report", -20, True, "Permits"),
    ("Talk to Yuki about her days off", -1, True, "Team"),
    ("Find out who has the long tape", None, False, "Team"),
    ("Write down why the bearing was turned", None, False, "Structure"),
    ("Learn to say 'expansion joint' in Japanese", None, False, ""),
    ("Plant something that likes shade behind the office", None, False, ""),
    ("Frame the first sketch of {project}", None, False, ""),
    ("Дізнатися про олію для дощок", None, False, "Site"),
    ("Angebot für Lärchenstufen einholen", 8, False, "Tender"),
    ("Clean the coffee machine", -30, True, "Team"),
)
"""Title, days until it is due or `None`, whether it is done, category."""

_REPEATED = (
    ("Walk once around every open site", TaskRecurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=32)),
    ("Close the month with Yuki", TaskRecurrence(type=RecurrenceType.MONTHLY, interval=1, day_of_month=28)),
    ("Water the office plants", TaskRecurrence(type=RecurrenceType.DAILY, interval=3, regenerate=True)),
)


def fill_tasks(office: Office) -> None:
    """
    Give Mara something to do.
    """
    mailbox, chance = office.mailbox, office.chance
    folder = mailbox.folder(FolderType.TASKS)
    for title, due, done, category in _TASKS:
        project = chance.choice(office.people.projects)
        subject = title.format(project=project.name, client=project.client.name, site=project.site)
        mailbox.add(folder, task(office, subject, due, done=done, category=category))
    for title, pattern in _REPEATED:
        data = task(office, title, 2)
        mailbox.add(folder, _repeated(data, pattern))


def task(office: Office, subject: str, due: int | None, *, done: bool = False, category: str = "") -> Task:
    """
    Make a task.

    Args:
        office: whose.
        subject: what is to be done.
        due: in how many days, or `None`.
        done: whether it is.
        category: its category, or empty.
    """
    today = office.now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    dates: dict[str, object] = {}
    if due is not None:
        day = today + due * _DAY
        dates = {"due_date": day.replace(tzinfo=dt.UTC), "utc_due_date": day.replace(tzinfo=ZONE).astimezone(dt.UTC)}
        dates |= {"start_date": dates["due_date"], "utc_start_date": dates["utc_due_date"]}
        if not done and office.chance.random() < 0.4:
            reminder = (day + dt.timedelta(hours=8)).replace(tzinfo=ZONE).astimezone(dt.UTC)
            dates |= {"reminder_set": True, "reminder_time": reminder}
    if done:
        dates["date_completed"] = office.now.replace(microsecond=0) + ((due or -1) * _DAY)
    return Task(
        subject=subject,
        importance=office.chance.choices((Importance.LOW, Importance.NORMAL, Importance.HIGH), (1, 7, 2))[0],
        complete=done,
        categories=(category,) if category else None,
        sensitivity=0,
        body=plain("See the mail of that day." if office.chance.random() < 0.3 else ""),
        native_body_type=BodyType.PLAIN,
        **dates,  # type: ignore[arg-type]  # each as its field wants it
    )


def _repeated(data: Task, pattern: TaskRecurrence) -> Task:

    return msgspec.structs.replace(data, recurrence=msgspec.structs.replace(pattern, start=data.start_date))


# -- notes

_NOTES = (
    ("Bearing, why turned", "12 degrees because of the tree.\nThe tree's roots reach to axis C.", ("Structure",)),
    ("Good coffee on the way", "Nordby: the kiosk behind the platform.\nKesterholm: everywhere but the station.", ()),
    ("Door codes", "They are with Yuki. They are not in this note.", ("Team",)),
    ("Questions for the jury", "Who sits on it?\nDo they climb?\nWill somebody ask about parking?", ("Client",)),
    ("橋の日本語", "橋 はし bridge\n手すり てすり handrail\n伸縮装置 しんしゅくそうち expansion joint", ()),
    (
        "Talk, twenty minutes",
        "1. the swallows' nest\n2. what went wrong\n3. what we did about it\n4. pictures",
        ("Travel",),
    ),
    ("Formeln", "q = 5 kN/m² Menschengedränge\nf > 1,3 Hz quer, sonst Dämpfer", ("Structure",)),
    ("Presents", "Yuki: the good pencils.\nTomás: a torch that works.", ()),
    ("Paint", "Handrail: dark green, matt. Two coats, the third in spring.", ("Site",)),
    ("Recipe from the canteen", "Lentils, celeriac, mustard, a little vinegar at the end.", ()),
    ("If I am run over by a bus", "Heron Bridge: ask Tomás. Everything else: ask Yuki.", ("Team",)),
    ("Сло́ва", "міст bridge\nпоручень handrail\nдошка plank", ()),
)


def fill_notes(office: Office) -> None:
    """
    Give Mara notes.
    """
    mailbox: Mailbox = office.mailbox
    for title, text, categories in _NOTES:
        changed = office.now.replace(microsecond=0) - office.chance.uniform(0, 300) * _DAY
        data = NoteItem(
            subject=title,
            message_class="IPM.StickyNote",
            last_modified_date=changed.replace(microsecond=0),
            categories=categories or None,
            body=plain(text),
            native_body_type=BodyType.PLAIN,
        )
        mailbox.add(mailbox.folder(FolderType.NOTES), data)
