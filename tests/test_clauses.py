"""
The clauses that the reference cites.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.wbxml.pages import AirSyncBase, Calendar, ComposeMail, Contacts, Email, Email2, Notes, Tasks
from tools.reference import clauses
from tools.reference.clauses import clause


@pytest.mark.parametrize(
    ("record", "tag", "cited"),
    [
        ("Email", Email.To, "[MS-ASEMAIL] 2.2.2.79"),
        ("Email", Email2.Bcc, "[MS-ASEMAIL] 2.2.2.9"),
        ("Event", Calendar.UID, "[MS-ASCAL] 2.2.2.46"),
        ("Contact", Contacts.LastName, "[MS-ASCNTC] 2.2.2.45"),
        ("NoteItem", Notes.Subject, "[MS-ASNOTE] 2.2.2.6"),
        ("Task", Tasks.Subject, "[MS-ASTASK] 2.2.2.27"),
        ("Flag", Tasks.Subject, "[MS-ASEMAIL] 2.2.2.75.2"),
        ("Body", AirSyncBase.Type, "[MS-ASAIRS] 2.2.2.41.1"),
        ("BodyPreference", AirSyncBase.Type, "[MS-ASAIRS] 2.2.2.41.4"),
        ("NewAttachment", AirSyncBase.ContentId, "[MS-ASAIRS] 2.2.2.16.1"),
        ("SendMailRequest", ComposeMail.ClientId, "[MS-ASCMD]"),
    ],
)
def test_an_element_is_cited_by_the_clause_of_its_parent(record: str, tag: int, cited: str) -> None:
    """One name may have several clauses; where nothing tells which, the document is cited alone."""
    assert clause(record, tag) == cited


def test_each_clause_is_that_of_one_element() -> None:
    """The table says nothing twice, and is in order within each document."""
    rows = [
        line.split("\t") for line in Path(clauses.__file__).with_name("clauses.tsv").read_text("utf-8").splitlines()
    ]
    assert len({(document, heading) for document, _, heading in rows}) == len(rows)
    assert len({(document, number) for document, number, _ in rows}) == len(rows)
