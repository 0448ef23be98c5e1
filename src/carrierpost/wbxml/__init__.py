"""
WBXML as ActiveSync uses it: bytes to a tree of plain values and back ([MS-ASWBXML]).

This room knows tokens and code pages and nothing of what they mean. A document is a root tag and its value; a
value is `None`, `str`, `bytes`, or the flat list of an element's children, tag and value alternating:

    [AirSync.SyncKey, "1", AirSync.Collections, [AirSync.Collection, [...]]]

Every refusal is a `WBXMLError` with the byte offset. The same source runs compiled or as pure Python.
"""

from carrierpost.wbxml import pages
from carrierpost.wbxml.document import Document, Value, decode, encode, implementation
from carrierpost.wbxml.errors import DEFAULT_LIMITS, Limits, WBXMLError
from carrierpost.wbxml.tree import ABSENT, TEXT, find, find_all, pairs, text
from carrierpost.wbxml.xml import XMLError, from_xml, to_xml

__all__ = [
    "ABSENT",
    "DEFAULT_LIMITS",
    "TEXT",
    "Document",
    "Limits",
    "Value",
    "WBXMLError",
    "XMLError",
    "decode",
    "encode",
    "find",
    "find_all",
    "from_xml",
    "implementation",
    "pages",
    "pairs",
    "text",
    "to_xml",
]
