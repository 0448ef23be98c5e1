"""
ASN.1 values as bytes, as far as CMS needs them ([X.690]): reading BER and DER, writing DER.

`cryptography` reads certificates and does all that is cryptographic. What it does not read are signed and encrypted
messages; these come in BER with lengths left open, so a strict reader would not do. Nothing is interpreted here.
"""

from __future__ import annotations

import msgspec

__all__ = ["Value", "integer", "oid", "read", "wrapped"]

SEQUENCE, SET, OCTETS, INTEGER, OID, NULL = 0x30, 0x31, 0x04, 0x02, 0x06, 0x05
_DEEPEST = 40
_MOST_CHILDREN = 10_000


class Value(msgspec.Struct, frozen=True):
    """
    A value.

    Attributes:
        tag: class, form and number in one octet; larger numbers do not occur.
        raw: the whole encoding.
        content: what stands between its length and its end.
    """

    tag: int
    raw: bytes
    content: bytes

    def children(self) -> list[Value]:
        """
        Give the values in it.

        Raises:
            ValueError: the content is none of values.
        """
        found: list[Value] = []
        position = 0
        while position < len(self.content):
            one, position = _read(self.content, position, 0)
            found.append(one)
            if len(found) > _MOST_CHILDREN:
                raise ValueError("it has too many parts")
        return found

    def octets(self) -> bytes:
        """
        Give the content of an octet string, which in BER may come in pieces.
        """
        if not self.tag & 0x20:
            return self.content
        return b"".join(one.octets() for one in self.children())

    def number(self) -> int:
        """
        Give the value of an integer.
        """
        return int.from_bytes(self.content, "big", signed=True)

    def identifier(self) -> str:
        """
        Give an object identifier, `1.2.840.113549`.

        Raises:
            ValueError: it is none.
        """
        if self.tag != OID or not self.content or self.content[-1] & 0x80 or len(self.content) > 100:
            raise ValueError("an object identifier is expected")
        numbers = []
        number = 0
        for octet in self.content:
            number = number << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(number)
                number = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def read(data: bytes) -> Value:
    """
    Read one value; what follows it is ignored.

    Raises:
        ValueError: it is cut off, or no value.
    """
    return _read(data, 0, 0)[0]


def _read(data: bytes, start: int, depth: int) -> tuple[Value, int]:
    if depth > _DEEPEST:
        raise ValueError("it is nested too deep")
    if start + 2 > len(data) or data[start] & 0x1F == 0x1F:
        raise ValueError("it is cut off or no ASN.1")
    tag, length, position = data[start], data[start + 1], start + 2
    if length == 0x80:
        return _open_ended(data, start, depth)
    if length & 0x80:
        size = length & 0x7F
        if size > 4 or position + size > len(data):
            raise ValueError("it has a length that cannot be")
        length = int.from_bytes(data[position : position + size], "big")
        position += size
    end = position + length
    if end > len(data):
        raise ValueError("it is cut off")
    return Value(tag, data[start:end], data[position:end]), end


def _open_ended(data: bytes, start: int, depth: int) -> tuple[Value, int]:
    """
    Read a value whose end is marked by two zero octets.
    """
    if not data[start] & 0x20:
        raise ValueError("it has a length that cannot be")
    position = start + 2
    while data[position : position + 2] != b"\0\0":
        if position >= len(data):
            raise ValueError("it is cut off")
        position = _read(data, position, depth + 1)[1]
    return Value(data[start], data[start : position + 2], data[start + 2 : position]), position + 2


def wrapped(tag: int, *contents: bytes) -> bytes:
    """
    Write a value in DER.
    """
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(number: int) -> bytes:
    """
    Write an integer.
    """
    return wrapped(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """
    Write an object identifier.
    """
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for number in (40 * first + second, *rest):
        octets = [number & 0x7F]
        while number := number >> 7:
            octets.append(number & 0x7F | 0x80)
        content += bytes(reversed(octets))
    return wrapped(OID, content)
