"""
The grammar of ActiveSync, and a check of documents against it.

The grammar is written for people, in `text/`: which element may stand inside which, in what order where the
specification demands one, how often, in which versions, with what kind of value. It was written from the specifications
alone, and the codecs of this package know nothing of it; so it is a second opinion on what they write.

    >>> from carrierpost import wbxml
    >>> from carrierpost.protocol.grammar import Direction, check
    >>> from carrierpost.protocol.version import Version
    >>> from carrierpost.wbxml.pages import FolderHierarchy
    >>> document = wbxml.Document(FolderHierarchy.FolderSync, [FolderHierarchy.Status, "1"])
    >>> for violation in check(document, "FolderSync", Direction.ANSWER, Version.V14_1):
    ...     print(violation)
    FolderSync: Status 1 needs SyncKey
    FolderSync: Status 1 needs Changes
"""

from carrierpost.protocol.grammar.check import check, check_payload, commands_of
from carrierpost.protocol.grammar.language import Direction, GrammarError
from carrierpost.protocol.grammar.shapes import Violation

__all__ = ["Direction", "GrammarError", "Violation", "check", "check_payload", "commands_of"]
