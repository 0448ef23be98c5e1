"""
A story being told: who plays which role, and one letter after the other.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo

from carrierpost.server.world.facts import make_facts
from carrierpost.server.world.files import File, Gallery, make_file
from carrierpost.server.world.letters import Letter, Thread, thread_start, to_html
from carrierpost.server.world.people import Circle, Person, Project
from carrierpost.server.world.stories import Beat, Story, fill

__all__ = ["ZONE", "Conversation", "message_id"]

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
"""Where the office is."""

_GREETINGS = {"en": "Dear {},", "de": "Guten Tag {},", "fr": "Bonjour {},"}
_CLOSINGS = {"en": "Best regards", "de": "Freundliche Grüße", "fr": "Bien cordialement"}
_ALL = {"en": "all", "de": "zusammen", "fr": "à tous"}


def message_id(person: Person, chance: random.Random) -> str:
    """
    Think of a Message-ID.
    """
    return f"<{chance.getrandbits(80):020x}@{person.address.rpartition('@')[2]}>"


class Conversation:
    """
    A conversation under way.

    Args:
        story: what is told.
        people: everybody.
        gallery: pictures.
        begun: when it begins, with a zone.
        chance: decides what the story leaves open.

    Attributes:
        project: what it is about.
        tags: its categories.
        cast: who plays which role.
        letters: how many there are in all.
    """

    def __init__(
        self, story: Story, people: Circle, gallery: Gallery, begun: dt.datetime, chance: random.Random
    ) -> None:
        self.project: Project = chance.choice(people.projects)
        self.tags = story.tags
        self.cast = {role: self._player(role, story, people, chance) for role in story.roles}
        self.letters = len(story.beats)
        supplier = self.cast.get("supplier") or people.somebody("supplier", "en", chance)
        self._facts = make_facts(self.project, supplier, begun.astimezone(ZONE), chance)
        self._story = story
        self._gallery = gallery
        self._chance = chance
        self._topic = fill(story.subject, self._facts, chance)
        self._told: list[Letter] = []

    def _player(self, role: str, story: Story, people: Circle, chance: random.Random) -> Person:
        if role in people.staff:
            return people.staff[role]
        return self.project.client if role == "client" else people.somebody(role, story.language, chance)

    @property
    def finished(self) -> bool:
        """
        Whether all is said.
        """
        return len(self._told) == self.letters

    @property
    def next_author(self) -> Person:
        """
        Who writes next; there is somebody until it is finished.
        """
        return self.cast[self._story.beats[len(self._told)].role]

    def next(self, moment: dt.datetime) -> Letter:
        """
        Let the next letter be written.

        Args:
            moment: when, with a zone.
        """
        beat = self._story.beats[len(self._told)]
        author = self.cast[beat.role]
        before = self._told[-1] if self._told else None
        to, cc = self._recipients(author, before)
        text = self._text(beat, author, to, before)
        file = self._file(beat, text)
        identifier = message_id(author, self._chance)
        picture = self._gallery.picture(beat.picture, self._chance) if beat.picture else None
        content_id = f"picture{len(self._told)}.{identifier[1:13]}@{author.address.rpartition('@')[2]}"
        html = None
        if picture is not None or self._chance.random() < 0.6:
            html = to_html(text, picture=content_id if picture is not None else None)
        letter = Letter(
            thread=self._thread(before, identifier, moment),
            subject=f"Re: {self._topic}" if before is not None else self._topic,
            topic=self._topic,
            author=author,
            to=to,
            cc=cc,
            moment=moment.astimezone(ZONE),
            text=text,
            html=html,
            files=(file,) if file is not None else (),
            pictures=((content_id, picture),) if picture is not None else (),
            urgent="Urgent" in self.tags and before is None,
        )
        self._told.append(letter)
        return letter

    def _thread(self, before: Letter | None, identifier: str, moment: dt.datetime) -> Thread:
        if before is not None:
            return before.thread.answer(identifier, moment)
        return thread_start(identifier, moment, self._chance.randbytes(16))

    def _recipients(self, author: Person, before: Letter | None) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
        others = [one for one in self.cast.values() if one is not author]
        if before is None:
            return tuple(others[:2]), tuple(others[2:])
        first = before.author if before.author is not author else before.to[0]
        return (first,), tuple(one for one in others if one is not first)

    def _text(self, beat: Beat, author: Person, to: tuple[Person, ...], before: Letter | None) -> str:
        said = fill(beat.text, self._facts, self._chance)
        language = self._story.language
        inside = all(one.firm == author.firm for one in to)
        parts = [said]
        if beat.text[0].islower():
            name = to[0].first if len(to) == 1 else " and ".join(one.first for one in to) if language == "en" else ""
            parts.insert(0, _GREETINGS.get(language, "{},").format(name or _ALL.get(language, "")))
        if inside:
            parts.append(author.first)
        else:
            closing = _CLOSINGS.get(author.language if language != "en" else "en", _CLOSINGS["en"])
            parts.append(f"{closing}\n{author.name}\n{author.job}, {author.firm}\n{author.phone}".rstrip())
        if before is not None and self._chance.random() < (0.3 if inside else 0.75):
            parts.append(_quoted(before))
        return "\n\n".join(parts)

    def _file(self, beat: Beat, text: str) -> File | None:
        if not beat.file:
            return None
        name = fill(beat.file, self._facts, self._chance)
        lines = text.split("\n\n>", 1)[0].splitlines()
        return make_file(name, lines, self._gallery, self._chance)


def _quoted(letter: Letter) -> str:
    when = f"{letter.moment:%Y-%m-%d at %H:%M}"
    lines = [f"> {line}".rstrip() for line in letter.text.splitlines()]
    return f"{letter.author.name} wrote on {when}:\n" + "\n".join(lines)
