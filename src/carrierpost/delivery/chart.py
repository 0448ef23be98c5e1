"""
A simulated story as a picture (SVG): up to three days as lanes of time, more as shares of how long mail waited.

In a lane, the band shows how mail reached the phone, a tick on it each refresh; below it every mail has a line from
when it came to when it was noticed, and only a dot when that was at once. The picture needs nothing from elsewhere and
reads the same on paper: every colour is named in its legend, every share has its number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from carrierpost.delivery.decision import Way
from carrierpost.delivery.figures import AT_ONCE, CLASSES, Figures, figures_of, wait_in_words
from carrierpost.delivery.simulation import Course, Notice

__all__ = ["draw"]

_WIDTH, _LEFT, _RIGHT = 960, 178, 24
_INK, _MUTED, _FAINT, _PAPER = "#1b1b19", "#5f5e58", "#dddcd5", "#ffffff"
_WAYS = {
    Way.LIVE: ("#2a78d6", "connected: seen as it comes"),
    Way.NOTIFY: ("#1a9a6c", "notified over its channel"),
    Way.REFRESH: ("#e0a32e", "refreshed from time to time (ticks)"),
    Way.NOTHING: ("#cfcec6", "nothing until it is opened"),
}
_SHADES = ("#cfe2f7", "#8fbcec", "#3a7cc9", "#24599f", "#12305c")
_TIMELINE_DAYS = 3
_Scale = Callable[[dt.datetime], float]
_FONT = "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\""


def draw(title: str, courses: Sequence[Course], zone: dt.tzinfo) -> str:
    """
    Draw a story.

    Args:
        title: what it is called.
        courses: how it went on each phone; at least one.
        zone: the phone's zone.

    Returns:
        An SVG document.
    """
    begin, end = courses[0].spans[0].begin, courses[0].spans[-1].end
    days = (end - begin) / dt.timedelta(days=1)
    first, last = begin.astimezone(zone), (end - dt.timedelta(seconds=1)).astimezone(zone)
    when = f"{first:%A} {first.day} {first:%B %Y}"
    if first.date() != last.date():
        when = f"{first.day} {first:%B} to {last.day} {last:%B %Y}"
    if days <= _TIMELINE_DAYS + 0.1:
        parts, height = _timeline(courses, zone, begin, end)
    else:
        parts, height = _shares(courses)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" {_FONT} font-size="13">',
        f"<title>{escape(title)}: when mail is noticed</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
        _text(16, 28, f"{title}: when mail is noticed", size=17, weight=600),
        _text(16, 48, when, fill=_MUTED),
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


# -- lanes of time


def _timeline(
    courses: Sequence[Course], zone: dt.tzinfo, begin: dt.datetime, end: dt.datetime
) -> tuple[list[str], int]:
    def x(moment: dt.datetime) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ((moment - begin) / (end - begin))

    parts: list[str] = []
    lanes: list[str] = []
    y = 84
    for course in courses:
        packed = _packed(course.notices, end)
        lanes += _lane(course, packed, y, x, zone, end)
        y += 44 + 9 * (1 + max(packed, default=0))
    bottom = y - 14
    for moment in _hours(begin, end, zone):
        local = moment.astimezone(zone)
        parts.append(_line(x(moment), 70, x(moment), bottom, _FAINT))
        parts.append(_text(x(moment), bottom + 16, f"{local:%H:%M}", fill=_MUTED, size=11, anchor="middle"))
    parts += lanes
    used = [way for way in Way if any(span.way is way for course in courses for span in course.spans)]
    column = 0.0
    for way in used:
        colour, words = _WAYS[way]
        parts.append(_box(16 + column, bottom + 34, 14, 10, colour))
        parts.append(_text(36 + column, bottom + 43, words, fill=_MUTED, size=12))
        column += 34 + 6.4 * len(words)
    parts.append(_mail_legend(bottom + 60))
    return parts, round(bottom + 84)


def _mail_legend(y: float) -> str:
    line = _line(16, y + 4, 40, y + 4, _INK, 1.5) + _dot(40, y + 4)
    return line + _text(52, y + 8, "a mail, from its arrival to when it is noticed; a dot alone: at once", _MUTED, 12)


def _lane(
    course: Course,
    rows: Sequence[int],
    y: float,
    x: _Scale,
    zone: dt.tzinfo,
    end: dt.datetime,
) -> Iterator[str]:
    figures = figures_of(course)
    yield _text(16, y + 9, course.phone.name, weight=600)
    told = _half(figures) if figures.classes[0] < figures.mails else "every mail at once"
    if figures.mails:
        yield _text(16, y + 25, told, fill=_MUTED, size=11)
    for span in course.spans:
        yield _box(x(span.begin), y, max(1.0, x(span.end) - x(span.begin)), 10, _WAYS[span.way][0])
    for moment, found in course.refreshes:
        yield _line(x(moment), y - 4, x(moment), y + 10, _INK, 2 if found else 1)
    for notice, row in zip(course.notices, rows, strict=True):
        yield _mark(notice, y + 19 + 9 * row, x, zone, end)


def _mark(notice: Notice, y: float, x: _Scale, zone: dt.tzinfo, end: dt.datetime) -> str:
    begin, noticed = x(notice.arrived), x(min(notice.noticed or end, end))
    words = f"{notice.mail}, {notice.arrived.astimezone(zone):%H:%M}: {wait_in_words(notice.wait)}"
    marks = "" if notice.wait is not None and notice.wait <= AT_ONCE else _line(begin, y, noticed, y, _INK, 1.5)
    if notice.noticed is not None:
        marks += _dot(noticed, y)
    return f"<g><title>{escape(words)}</title>{marks}</g>"


def _packed(notices: Sequence[Notice], end: dt.datetime) -> list[int]:
    """
    Give every mail a row, so that no two lines lie on each other.
    """
    free: list[dt.datetime] = []
    rows = []
    gap = dt.timedelta(minutes=8)
    for one in notices:
        row = next((number for number, until in enumerate(free) if until <= one.arrived), len(free))
        until = (one.noticed or end) + gap
        free[row : row + 1] = [until]
        rows.append(row)
    return rows


def _hours(begin: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    step = 3 if end - begin <= dt.timedelta(days=1, hours=1) else 12
    moment = begin
    while moment <= end:
        if moment.astimezone(zone).hour % step == 0:
            yield moment
        moment += dt.timedelta(hours=1)


# -- shares


def _shares(courses: Sequence[Course]) -> tuple[list[str], int]:
    parts: list[str] = []
    room = _WIDTH - _LEFT - _RIGHT
    y = 74
    for course in courses:
        figures = figures_of(course)
        parts.append(_text(16, y + 15, course.phone.name, weight=600))
        x = float(_LEFT)
        for number, count in enumerate(figures.classes):
            if not count:
                continue
            width = room * count / figures.mails
            share = f"{100 * count / figures.mails:.0f} %"
            parts.append(
                f"<g><title>{escape(CLASSES[number][0])}: {count} of {figures.mails}</title>"
                + _box(x, y, max(1.0, width - 2), 24, _SHADES[number])
                + (_text(x + 6, y + 16, share, fill=_INK if number < 2 else _PAPER, size=12) if width > 40 else "")
                + "</g>"
            )
            x += width
        parts.append(_text(_LEFT, y + 40, _spent(course), fill=_MUTED, size=12))
        y += 64
    column = 0.0
    for shade, (words, _) in zip(_SHADES, CLASSES, strict=True):
        parts.append(_box(_LEFT + column, y + 2, 14, 10, shade))
        parts.append(_text(_LEFT + 20 + column, y + 11, words, fill=_MUTED, size=12))
        column += 40 + 6.6 * len(words)
    return parts, y + 32


def _half(figures: Figures) -> str:
    words = wait_in_words(figures.half)
    return f"half within {words}" if words[0].isdigit() else f"half {words}"


def _spent(course: Course) -> str:
    figures = figures_of(course)
    said = []
    if figures.mails:
        said.append(_half(figures))
        said.append("some not by the end" if figures.unnoticed else f"longest {wait_in_words(figures.longest)}")
    said.append(f"connected {course.held / dt.timedelta(hours=1):.0f} h")
    if course.refreshes:
        said.append(f"{len(course.refreshes)} refreshes")
    if course.pushes:
        said.append(f"{course.pushes} pushes")
    return "; ".join(said)


# -- strokes


def _text(
    x: float, y: float, words: str, fill: str = _INK, size: int = 13, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" font-weight="{weight}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_INK}"/>'
