"""
What known servers do differently from the protocol, by name.

Each quirk says what the server does and what Carrierpost does about it. Nothing here changes behaviour: the engine is
built so that every one of them is harmless. The names are what `doctor` shows, and what the tests against the real
server are called by.
"""

from __future__ import annotations

import msgspec

from carrierpost.protocol.http import ServerFacts

__all__ = ["QUIRKS", "Quirk", "is_sogo", "quirks_of"]


class Quirk(msgspec.Struct, frozen=True):
    """
    One thing that a server does differently.

    Attributes:
        name: a short name, constant for ever.
        product: the server that does so.
        sentence: what it does.
        remedy: what Carrierpost does about it.
    """

    name: str
    product: str
    sentence: str
    remedy: str


QUIRKS = (
    Quirk(
        "interim-key",
        "SOGo",
        "an answer with items carries a key that is not the last one, and Ping reports changes until it is asked again",
        "a folder is asked again until an answer is empty, before anything is watched",
    ),
    Quirk(
        "first-add-status-3",
        "SOGo",
        "the first item of a folder that was empty makes the server lose its place in it",
        "the folder is matched anew; items keep their ids",
    ),
    Quirk(
        "one-second-stamps",
        "SOGo",
        "a contact, event or task that is changed within the second of a synchronisation is not reported",
        "none is possible before the item is changed again",
    ),
    Quirk(
        "truncation-ignored",
        "SOGo",
        "bodies come whole, whatever size was asked for",
        "the size of an answer is limited here; too large a one makes the engine ask for fewer items at once",
    ),
    Quirk(
        "provision-not-listed",
        "SOGo",
        "Provision works, though it is not among the commands that the server names",
        "the policy is agreed on in any case, and a server that does not know the command says so",
    ),
    Quirk(
        "made-up-keys",
        "SOGo",
        "a folder list key that the server never gave is taken, with no changes",
        "keys are only ever taken from committed answers",
    ),
    Quirk(
        "polled-ping",
        "SOGo",
        "the server looks for changes every few seconds instead of being told",
        "none is needed; news come that much later",
    ),
    Quirk(
        "zone-garbage",
        "SOGo",
        "the blob of a zone without daylight saving has random bytes where the change would be",
        "a month outside 1 to 12 means that clocks are not changed",
    ),
    Quirk(
        "zone-ignored",
        "SOGo",
        "an event that a device sends is put into the time zone of the person's settings at the server",
        "set your time zone in the server's web mail; until then a series keeps the clock of that zone, not of yours",
    ),
    Quirk(
        "deletes-move",
        "SOGo",
        "a mail that is deleted for good lies in the trash all the same",
        "none is possible; empty the trash to be rid of it",
    ),
    Quirk(
        "same-key",
        "SOGo",
        "the answer to a change carries the key that the change was sent with",
        "what the answer says of each change counts, not whether the key is another one",
    ),
    Quirk(
        "estimate-too-high",
        "SOGo",
        "the estimate counts what the device has already, or one too many",
        "it is used for progress bars alone",
    ),
)
"""All quirks, with what is done about each."""


def is_sogo(facts: ServerFacts) -> bool:
    """
    Recognise SOGo by what it answers to OPTIONS: it offers 2.5 up to 14.1, and does not name Provision.
    """
    offered = [one.strip() for one in facts.all_versions.split(",")]
    return "2.5" in offered and "12.0" in offered and "16.0" not in offered and "Provision" not in facts.commands


def quirks_of(facts: ServerFacts) -> tuple[Quirk, ...]:
    """
    List the quirks of the server that answers so.
    """
    return tuple(quirk for quirk in QUIRKS if quirk.product == "SOGo" and is_sogo(facts))
