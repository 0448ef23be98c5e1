"""
Which clause specifies an element of an item.

`clauses.tsv` has document, clause and heading of each element, in the numbering of the revisions that know version 16.1
(there Bcc is [MS-ASEMAIL] 2.2.2.9). Older revisions number otherwise. What is not in the table, because its name alone
does not tell the clause, is cited by its document: a wrong clause costs more than none.
"""

from __future__ import annotations

import functools
from pathlib import Path

from carrierpost.wbxml.pages import name_of

__all__ = ["DOCUMENTS", "clause"]

DOCUMENTS = {
    "AirNotify": "MS-ASWBXML",
    "Contacts": "MS-ASCNTC",
    "Contacts2": "MS-ASCNTC",
    "Email": "MS-ASEMAIL",
    "Email2": "MS-ASEMAIL",
    "Calendar": "MS-ASCAL",
    "Tasks": "MS-ASTASK",
    "Notes": "MS-ASNOTE",
    "AirSyncBase": "MS-ASAIRS",
    "DocumentLibrary": "MS-ASDOC",
    "RightsManagement": "MS-ASRM",
    "Provision": "MS-ASPROV",
}
"""Which document specifies a namespace's elements; the others are [MS-ASCMD]'s own."""

_PARENTS = {"NewAttachment": "Add", "DeletedAttachment": "Delete", "RightsLicense": "RightsManagementLicense"}
"""What a record is called on the wire where that is not its own name."""

_OF_MAIL = {"Flag", "Email", "MeetingRequest"}
"""Records whose elements of the Tasks namespace [MS-ASEMAIL] specifies."""


@functools.cache
def _clauses() -> dict[tuple[str, str], str]:
    lines = Path(__file__).with_name("clauses.tsv").read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        document, number, heading = line.split("\t")
        found[document, heading] = number
    return found


def clause(record: str, tag: int) -> str:
    """
    Cite what specifies an element.

    Args:
        record: the name of the record that has it: some elements have a clause for each parent.
        tag: the element.

    Returns:
        `[MS-ASEMAIL] 2.2.2.79`, or the document alone.
    """
    namespace, element = name_of(tag)
    document = DOCUMENTS.get(namespace, "MS-ASCMD")
    if namespace == "Tasks" and record in _OF_MAIL:
        document = "MS-ASEMAIL"
    if namespace == "ItemOperations" and record in ("Body", "BodyPart"):
        document = "MS-ASAIRS"
    known = _clauses()
    names = (f"{element} ({_PARENTS.get(record, record)})", f"{element} ({namespace} Namespace)", element)
    number = next((known[document, name] for name in names if (document, name) in known), "")
    return f"[{document}] {number}".rstrip()
