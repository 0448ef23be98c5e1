"""
`carrierpost simulate`: when would mail be noticed, on which phone?
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.delivery.chart import draw
from carrierpost.delivery.errors import StoryError
from carrierpost.delivery.figures import CLASSES, figures_of, told_in_words, wait_in_words
from carrierpost.delivery.simulation import Course
from carrierpost.delivery.simulation import simulate as run_story
from carrierpost.delivery.story import Story, read_story

__all__ = ["simulate"]

_MOST_ROWS = 60
_NOTHING = "the story has no mail; add a [[mail]] to it"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), metavar="SVG", help="Draw it into this file.")
@click.option("--all", "everything", is_flag=True, help="List every mail, however many there are.")
@click.option("--refreshes", is_flag=True, help="List the background refreshes, and why each came when it did.")
@json_option
def simulate(file: Path, chart: Path | None, everything: bool, refreshes: bool, as_json: bool) -> None:
    """
    Tell when mail would be noticed on a phone, from a described day or month.

    FILE describes when a person opens the app, when mail comes, and what changes about battery and network, in TOML;
    examples/working-day.toml shows how. The story is run through the code that decides how mail reaches a device, on
    an iPhone with push, with background refresh, without either, and on an Android phone. Time is only played, so a
    month takes a second.
    """
    story = _read(file)
    courses = run_story(story, lambda: random.Random(story.seed).random)  # noqa: S311 - a story's chance, repeatable
    zone = ZoneInfo(story.zone)
    if chart is not None:
        chart.write_text(draw(story.title, courses, zone), encoding="utf-8")
    if as_json:
        print_json({"title": story.title, "zone": story.zone, "phones": [_values(one) for one in courses]})
        return
    click.echo(f"{story.title}: {_period(story)}, {story.zone}\n")
    many = len(courses[0].notices) > _MOST_ROWS
    if many and not everything:
        click.echo(f"{len(courses[0].notices)} mails; --all lists them.\n")
    else:
        _print_mails(courses, zone, days=story.days)
    _print_figures(courses)
    if refreshes:
        _print_refreshes(courses, zone)
    if chart is not None:
        click.echo(f"\nThe chart is in {chart}.")


def _read(file: Path) -> Story:
    try:
        return read_story(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise StoryError(f"{file}: this is not text in UTF-8 (at byte {error.start})") from None
    except StoryError as error:
        raise StoryError(f"{file}: {error}") from None


def _period(story: Story) -> str:
    first = f"{story.start:%A} {story.start.day} {story.start:%B %Y}"
    return first if story.days == 1 else f"{story.days} days from {first} on"


def _print_mails(courses: tuple[Course, ...], zone: ZoneInfo, *, days: int) -> None:
    clock = "%H:%M" if days == 1 else "%d %b %H:%M"
    rows = []
    for same in zip(*(course.notices for course in courses), strict=True):
        arrived = same[0].arrived.astimezone(zone)
        rows.append((f"{arrived:{clock}}", same[0].mail, *(told_in_words(one, zone) for one in same)))
    print_table(("Comes", "Mail", *(one.phone.name for one in courses)), rows, empty=_NOTHING)
    click.echo()


def _print_figures(courses: tuple[Course, ...]) -> None:
    every = [figures_of(one) for one in courses]
    rows: list[tuple[object, ...]] = []
    if every[0].mails:
        for number, (words, _) in enumerate(CLASSES):
            if any(one.classes[number] for one in every):
                rows.append((words, *(one.classes[number] or "-" for one in every)))
        if any(one.unnoticed for one in every):
            rows.append(("  not by the end", *(one.unnoticed or "-" for one in every)))
        rows.append(("half within", *(wait_in_words(one.half) for one in every)))
        rows.append(("nine in ten within", *(wait_in_words(one.most) for one in every)))
        rows.append(("longest wait", *(wait_in_words(one.longest) for one in every)))
    rows.append(("held connections", *(one.connections or "-" for one in courses)))
    rows.append(("  hours held", *(f"{one.held.total_seconds() / 3600:.1f}" for one in courses)))
    rows.append(("refreshes", *(len(one.refreshes) or "-" for one in courses)))
    rows.append(("  that found mail", *(sum(1 for _, found in one.refreshes if found) or "-" for one in courses)))
    rows.append(("pushes", *(one.pushes or "-" for one in courses)))
    print_table(("", *(f"{one.phone.name}>" for one in courses)), rows, empty="")


def _print_refreshes(courses: tuple[Course, ...], zone: ZoneInfo) -> None:
    rows = [
        (f"{moment.astimezone(zone):%d %b %H:%M}", found or "-", reason)
        for course in courses
        for (moment, found), reason in zip(course.refreshes, course.wishes, strict=True)
    ]
    click.echo()
    print_table(("Refreshed", "Found>", "It had been told before"), rows, empty="no phone refreshed in the background")


def _values(course: Course) -> dict[str, Any]:
    """
    Give a course as JSON-ready values; times in UTC, durations in seconds.
    """
    figures = figures_of(course)
    return {
        "phone": course.phone.key,
        "name": course.phone.name,
        "mails": figures.mails,
        "unnoticed": figures.unnoticed,
        "half_seconds": figures.half.total_seconds() if figures.half is not None else None,
        "nine_in_ten_seconds": figures.most.total_seconds() if figures.most is not None else None,
        "longest_seconds": figures.longest.total_seconds() if figures.longest is not None else None,
        "connections": course.connections,
        "held_seconds": course.held.total_seconds(),
        "pushes": course.pushes,
        "refreshes": [
            {"at": moment, "found": found, "reason": reason}
            for (moment, found), reason in zip(course.refreshes, course.wishes, strict=True)
        ],
        "notices": [
            {"mail": one.mail, "arrived": one.arrived, "noticed": one.noticed, "how": one.how, "reason": one.reason}
            for one in course.notices
        ],
    }
