"""
Debian's libwbxml2 through ctypes: the peer that the codec is measured against.
"""

from __future__ import annotations

import ctypes
import ctypes.util

__all__ = ["LibWBXML", "LibWBXMLMissing"]

_LANG_ACTIVESYNC = 2402  # WBXML_LANG_ACTIVESYNC in libwbxml's enumeration of languages
_CHARSET_UTF8 = 106
_WBXML_13 = 3


class LibWBXMLMissing(Exception):
    """
    The library is not installed.
    """

    def __str__(self) -> str:
        return "libwbxml2 is not installed; on Debian: apt-get install libwbxml2-1"


class _GenerateParameters(ctypes.Structure):
    _fields_ = (
        ("wbxml_version", ctypes.c_int),
        ("keep_ignorable_ws", ctypes.c_uint8),
        ("use_strtbl", ctypes.c_uint8),
        ("produce_anonymous", ctypes.c_uint8),
    )


class LibWBXML:
    """
    The library's tree parser and tree encoder.

    Raises:
        LibWBXMLMissing: it is not installed.

    """

    def __init__(self) -> None:
        name = ctypes.util.find_library("wbxml2")
        if name is None:
            raise LibWBXMLMissing
        self._lib = ctypes.CDLL(name)
        self._parse = self._lib.wbxml_tree_from_wbxml
        self._parse.argtypes = [
            ctypes.c_char_p, ctypes.c_uint, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p)
        ]  # fmt: skip
        self._destroy = self._lib.wbxml_tree_destroy
        self._destroy.argtypes = [ctypes.c_void_p]
        self._write = self._lib.wbxml_tree_to_wbxml
        self._write.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_uint),
            ctypes.POINTER(_GenerateParameters),
        ]
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [ctypes.c_void_p]

    def parse(self, data: bytes) -> ctypes.c_void_p:
        """
        Parse a document to the library's tree; give it to `destroy`.

        Raises:
            ValueError: the library refuses it.

        """
        tree = ctypes.c_void_p()
        error = self._parse(data, len(data), _LANG_ACTIVESYNC, _CHARSET_UTF8, ctypes.byref(tree))
        if error:
            raise ValueError(f"libwbxml refuses the document: error {error}")
        return tree

    def destroy(self, tree: ctypes.c_void_p) -> None:
        """
        Free a tree.
        """
        self._destroy(tree)

    def decode(self, data: bytes) -> None:
        """
        Parse a document and free its tree, as every user must.
        """
        self._destroy(self.parse(data))

    def encode(self, tree: ctypes.c_void_p) -> bytes:
        """
        Write a tree as WBXML, without string table and public id, as ActiveSync wants it.

        Raises:
            ValueError: the library refuses it.

        """
        out, size = ctypes.c_void_p(), ctypes.c_uint()
        parameters = _GenerateParameters(_WBXML_13, 1, 0, 1)
        error = self._write(tree, ctypes.byref(out), ctypes.byref(size), ctypes.byref(parameters))
        if error:
            raise ValueError(f"libwbxml cannot write the tree: error {error}")
        data = ctypes.string_at(out.value or 0, size.value)
        self._free(out)
        return data
