"""
Files to attach: small, real and readable, made from their name.
"""

from __future__ import annotations

import random
import zlib

import msgspec

from carrierpost.server.world import pictures

__all__ = ["File", "Gallery", "make_file"]


class File(msgspec.Struct, frozen=True):
    """
    A file.

    Attributes:
        name: its name.
        content_type: its media type.
        content: its bytes.
    """

    name: str
    content_type: str
    content: bytes


class Gallery:
    """
    Some pictures of each kind, painted once and shown again and again, as people do.

    Args:
        chance: paints.
    """

    def __init__(self, chance: random.Random) -> None:
        self._pictures = {
            "photo": [pictures.photo(chance) for _ in range(7)],
            "plan": [pictures.plan(chance) for _ in range(4)],
            "chart": [pictures.chart(chance) for _ in range(4)],
            "banner": [pictures.banner(chance) for _ in range(4)],
        }
        self.drawings = [pictures.plan_canvas(chance) for _ in range(3)]

    def picture(self, kind: str, chance: random.Random) -> File:
        """
        Choose a picture.

        Args:
            kind: `photo`, `plan`, `chart` or `banner`.
            chance: chooses.
        """
        number = chance.randrange(len(self._pictures[kind]))
        return File(f"{kind}-{number + 1}.png", "image/png", self._pictures[kind][number])


def make_file(name: str, lines: list[str], gallery: Gallery, chance: random.Random) -> File:
    """
    Make what a file's name promises.

    Args:
        name: the name; its ending decides.
        lines: what a text says.
        gallery: has the drawings for PDFs.
        chance: makes figures.
    """
    match name.rpartition(".")[2]:
        case "pdf":
            return File(name, "application/pdf", _pdf([name[:-4], "", *lines], gallery.drawings, chance))
        case "csv":
            return File(name, "text/csv", _csv(chance))
        case "ics":
            return File(name, "text/calendar", "\r\n".join(lines).encode())
        case _:
            return File(name, "text/plain", "\r\n".join(lines).encode())


def _csv(chance: random.Random) -> bytes:
    rows = ["position,description,quantity,unit,x [m],y [m],z [m]"]
    things = ("Anchor", "Beam", "Bracket", "Deck plank", "Drain", "Handrail post", "Point", "Stringer")
    for number in range(1, chance.randint(30, 240)):
        where = ",".join(f"{chance.uniform(0, 90):.3f}" for _ in range(3))
        rows.append(f"{number},{chance.choice(things)} {chance.randint(1, 40)},{chance.randint(1, 60)},pc,{where}")
    return "\r\n".join([*rows, ""]).encode()


def _pdf(lines: list[str], drawings: list[pictures.Canvas], chance: random.Random) -> bytes:
    """
    Write a page with text and a drawing ([ISO 32000] 7.5).
    """
    canvas = chance.choice(drawings)
    text = ["BT /F1 11 Tf 14 TL 60 780 Td"]
    for line in lines:
        safe = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        text.append(f"({safe}) Tj T*")
    text.append(f"ET q {canvas.width} 0 0 {canvas.height} 60 90 cm /I1 Do Q")
    page = zlib.compress("\n".join(text).encode("cp1252", "replace"))
    colours = b"".join(bytes(colour) for colour in canvas.palette).hex()
    image = zlib.compress(b"".join(canvas.rows))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
        b"<< /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace "
        b"[/Indexed /DeviceRGB %d <%b>] /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
        % (canvas.width, canvas.height, len(canvas.palette) - 1, colours.encode(), len(image), image),
    )
    file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    ending = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + ending
