"""
Pictures that nobody took: avatars, photos, charts and plans, painted here and written as PNG.

A picture is a grid of palette numbers. Painting works on whole pieces of a row at a time, which is what makes it quick
in plain Python; grain comes from random bytes that a table turns into palette numbers.
"""

from __future__ import annotations

import itertools
import random
import struct
import zlib
from collections.abc import Sequence

__all__ = ["Canvas", "avatar", "banner", "chart", "photo", "plan"]

Colour = tuple[int, int, int]

_SKIN: tuple[Colour, ...] = ((255, 219, 188), (236, 188, 150), (198, 134, 94), (141, 85, 54), (92, 58, 40))
_HAIR: tuple[Colour, ...] = ((38, 30, 28), (84, 56, 36), (150, 98, 52), (212, 176, 106), (176, 176, 180))
_CLOTH: tuple[Colour, ...] = ((38, 70, 83), (42, 120, 110), (180, 82, 60), (90, 70, 130), (200, 160, 70), (70, 90, 50))
_WALL: tuple[Colour, ...] = ((221, 230, 237), (236, 226, 208), (214, 229, 215), (233, 216, 222), (222, 222, 236))
_STEPS = 16  # shades of each gradient


class Canvas:
    """
    A picture being painted.

    Args:
        width: pixels.
        height: pixels.
        palette: up to 256 colours; the picture begins filled with the first.
    """

    def __init__(self, width: int, height: int, palette: Sequence[Colour]) -> None:
        self.width = width
        self.height = height
        self.palette = tuple(palette)
        self.rows = [bytearray(width) for _ in range(height)]

    def box(self, left: float, top: float, right: float, bottom: float, colour: int) -> None:
        """
        Fill a rectangle.
        """
        begin, end = max(0, int(left)), min(self.width, int(right))
        if end > begin:
            piece = bytes((colour,)) * (end - begin)
            for row in self.rows[max(0, int(top)) : max(0, int(bottom))]:
                row[begin:end] = piece

    def ellipse(self, x: float, y: float, across: float, down: float, colour: int) -> None:
        """
        Fill an ellipse about a middle, with the half axes `across` and `down`.
        """
        for line in range(max(0, int(y - down)), min(self.height, int(y + down) + 1)):
            part = 1 - ((line + 0.5 - y) / down) ** 2
            if part > 0:
                half = across * part**0.5
                self.box(x - half, line, x + half, line + 1, colour)

    def line(self, x: float, y: float, to_x: float, to_y: float, colour: int, thick: int = 2) -> None:
        """
        Draw a line.
        """
        steps = int(max(abs(to_x - x), abs(to_y - y))) or 1
        for step in range(steps + 1):
            left, top = x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
            self.box(left, top, left + thick, top + thick, colour)

    def grain(self, top: int, bottom: int, first: int, chance: random.Random) -> None:
        """
        Fill rows with a gradient over the palette's `_STEPS` colours from `first` on, as grainy as a photo.
        """
        for number in range(top, bottom):
            level = (number - top) * (_STEPS - 1) / max(1, bottom - top - 1)
            share = int((level - int(level)) * 256)
            low, high = first + int(level), first + min(int(level) + 1, _STEPS - 1)
            table = bytes(high if value < share else low for value in range(256))
            self.rows[number][:] = chance.randbytes(self.width).translate(table)

    def pixels(self) -> bytes:
        """
        Give the rows as PNG and PDF compress them, each behind the byte of its filter.
        """
        return zlib.compress(b"".join(b"\0" + row for row in self.rows), 6)

    def png(self) -> bytes:
        """
        Write the picture.
        """
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        colours = b"".join(bytes(colour) for colour in self.palette)
        parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", self.pixels()), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )


def _gradient(begin: Colour, end: Colour) -> list[Colour]:
    return [
        (
            begin[0] + (end[0] - begin[0]) * step // (_STEPS - 1),
            begin[1] + (end[1] - begin[1]) * step // (_STEPS - 1),
            begin[2] + (end[2] - begin[2]) * step // (_STEPS - 1),
        )
        for step in range(_STEPS)
    ]


def avatar(chance: random.Random) -> bytes:
    """
    Paint a person: 96 by 96 pixels, about a kilobyte.
    """
    skin = chance.choice(_SKIN)
    shade = (skin[0] * 9 // 10, skin[1] * 9 // 10, skin[2] * 9 // 10)
    palette = (chance.choice(_WALL), skin, shade, chance.choice(_HAIR), chance.choice(_CLOTH), (250, 250, 248))
    canvas = Canvas(96, 96, palette)
    long_hair, wide = chance.random() < 0.45, chance.uniform(17, 20)
    if long_hair:
        canvas.ellipse(48, 46, wide + 7, 30, 3)
        canvas.box(48 - wide - 6, 46, 48 + wide + 6, 70, 3)
    canvas.ellipse(48, 106, 38, 32, 4)
    canvas.box(41, 58, 55, 78, 2)
    canvas.ellipse(48, 77, 10, 6, 5 if chance.random() < 0.4 else 1)
    canvas.ellipse(48, 42, wide, 23, 1)
    canvas.ellipse(48, 27 - chance.uniform(0, 2), wide + 2, chance.uniform(10, 14), 3)
    canvas.ellipse(48, 40, wide - 3, 12, 1)
    for x in (41, 55):
        canvas.ellipse(x, 42, 1.8, 2.2, 3)
    canvas.ellipse(48, 54, 6, 1.8, 2)
    if chance.random() < 0.3:
        for x in (41, 55):
            canvas.line(x - 5, 38, x + 5, 38, 3, 1)
            canvas.line(x - 5, 46, x + 5, 46, 3, 1)
    return canvas.png()


def photo(chance: random.Random) -> bytes:
    """
    Paint a river with hills and a footbridge: 480 by 300 pixels, some 40 kilobytes.
    """
    sky = _gradient((118, 160, 206), (226, 232, 226))
    water = _gradient((120, 150, 160), (58, 92, 104))
    land = [(86, 112, 74), (64, 92, 62), (120, 126, 84), (92, 60, 40), (150, 110, 76), (236, 236, 228)]
    canvas = Canvas(480, 300, [*sky, *water, *land])
    shore = chance.randint(165, 190)
    canvas.grain(0, shore, 0, chance)
    for _ in range(3):
        x, y = chance.randint(30, 450), chance.randint(25, 70)
        for shift in (-22, 0, 20):
            canvas.ellipse(x + shift, y, chance.randint(18, 34), chance.randint(6, 11), 37)
    for colour, height in ((34, 58), (32, 40), (33, 22)):
        for _ in range(4):
            canvas.ellipse(
                chance.randint(0, 480), shore + 6, chance.randint(60, 150), chance.randint(12, height), colour
            )
    deck, left, right = shore - chance.randint(18, 34), chance.randint(40, 110), chance.randint(370, 440)
    arch = [
        (x, shore + 6 - (shore + 22 - deck) * (1 - ((2 * x - left - right) / (right - left)) ** 2))
        for x in range(left, right + 1, 6)
    ]
    for before, after in itertools.pairwise(arch):
        canvas.line(*before, *after, 36, 7)
    canvas.grain(shore, 300, _STEPS, chance)
    canvas.box(0, deck, 480, deck + 5, 35)
    for x in range(6, 480, 18):
        canvas.box(x, deck - 12, x + 2, deck, 35)
    canvas.box(0, deck - 13, 480, deck - 11, 35)
    return canvas.png()


def plan_canvas(chance: random.Random) -> Canvas:
    """
    Draw a plan, for a picture or for a page of a PDF.
    """
    canvas = Canvas(
        420, 280, [(252, 252, 248), (40, 44, 52), (150, 156, 164), (60, 110, 80), (150, 140, 132), (190, 60, 40)]
    )
    for x in range(30, 400, 46):
        canvas.line(x, 14, x, 262, 2, 1)
    for y in range(30, 262, 46):
        canvas.line(14, y, 404, y, 2, 1)
    for number in range(chance.randint(5, 9)):
        left, top = chance.randint(2, 6) * 46 - 16, chance.randint(1, 4) * 46 - 16
        right, bottom = left + chance.randint(1, 3) * 46, top + chance.randint(1, 2) * 46
        if number < 2:
            canvas.box(left, top, right, bottom, 3 + number)
        for corner in ((left, top, right, top), (left, bottom, right, bottom), (left, top, left, bottom)):
            canvas.line(*corner, 1, 3)
        canvas.line(right, top, right, bottom, 1, 3)
    canvas.ellipse(chance.randint(120, 300), chance.randint(80, 200), 17, 17, 5)
    canvas.box(300, 240, 404, 266, 1)
    canvas.box(302, 242, 402, 264, 0)
    return canvas


def plan(chance: random.Random) -> bytes:
    """
    Draw a plan: 420 by 280 pixels.
    """
    return plan_canvas(chance).png()


def chart(chance: random.Random) -> bytes:
    """
    Draw two curves: 420 by 260 pixels.
    """
    canvas = Canvas(420, 260, [(255, 255, 255), (40, 44, 52), (222, 226, 230), (36, 110, 160), (200, 90, 50)])
    for y in range(30, 230, 40):
        canvas.line(40, y, 404, y, 2, 1)
    canvas.line(40, 16, 40, 230, 1)
    canvas.line(40, 230, 404, 230, 1)
    for colour in (3, 4):
        deep, flat = chance.uniform(80, 180), chance.uniform(1.6, 2.6)
        before = (40.0, 40.0)
        for x in range(48, 404, 8):
            part = abs((x - 222) / 182) ** flat
            point = (float(x), 40 + deep * (1 - part))
            canvas.line(*before, *point, colour, 3)
            before = point
    return canvas.png()


def banner(chance: random.Random) -> bytes:
    """
    Paint what stands at the top of a newsletter: 560 by 90 pixels.
    """
    palette = [*_gradient(chance.choice(_CLOTH), chance.choice(_WALL)), (250, 250, 248)]
    canvas = Canvas(560, 90, palette)
    canvas.grain(0, 90, 0, chance)
    for _ in range(6):
        canvas.ellipse(
            chance.randint(0, 560), 96, chance.randint(30, 90), chance.randint(16, 60), chance.randrange(_STEPS)
        )
    canvas.box(0, 84, 560, 90, _STEPS)
    return canvas.png()
