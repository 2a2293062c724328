"""The plugin's icon, drawn: a page with a heading and three items, one of them marked."""

from __future__ import annotations

import math
import struct
import zlib
from itertools import chain
from typing import NamedTuple

SIZE = 512
_NAVY = (24, 38, 72)
_PAPER = (248, 250, 252)
_GREY = (148, 163, 184)
_AMBER = (245, 158, 11)


class _Box(NamedTuple):
    """A box with round corners; all lengths are pixels."""

    left: int
    top: int
    right: int
    bottom: int
    radius: int
    colour: tuple[int, int, int]


def _items() -> list[_Box]:
    boxes = []
    for number, colour in enumerate((_GREY, _AMBER, _GREY)):
        top = 222 + 58 * number
        boxes += [
            _Box(164, top, 192, top + 28, 14, colour),
            _Box(212, top, 348 - 40 * (number == 2), top + 28, 14, colour),  # noqa: PLR2004  the last line is shorter
        ]
    return boxes


# each is drawn over those before it
_BOXES = (
    _Box(0, 0, SIZE, SIZE, 112, _NAVY),
    _Box(120, 88, 392, 424, 32, _PAPER),
    _Box(164, 140, 296, 172, 16, _NAVY),
    *_items(),
)


def icon_png() -> bytes:
    """Return the icon as a PNG file, square, with a clear background."""
    rows: dict[tuple[float, ...], bytes] = {}
    data = bytearray()
    for y in range(SIZE):
        key = tuple(_depth(box, y) for box in _BOXES)
        if key not in rows:
            rows[key] = _row(key)
        # no filter
        data += b"\0" + rows[key]
    head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(data), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts))


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, data = part
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _depth(box: _Box, y: int) -> float:
    """Return how far a row is in the round part of a box: 0 in its straight part, -1 outside of the box."""
    middle = y + 0.5
    if not box.top <= middle <= box.bottom:
        return -1
    return max(0.0, box.top + box.radius - middle, middle - (box.bottom - box.radius))


def _row(depths: tuple[float, ...]) -> bytes:
    pixels: list[tuple[int, ...]] = [(0, 0, 0, 0)] * SIZE
    for box, depth in zip(_BOXES, depths, strict=True):
        if depth < 0:
            continue
        inset = box.radius - (box.radius**2 - depth**2) ** 0.5
        left, right = box.left + inset, box.right - inset
        first, last = math.ceil(left), math.floor(right)
        pixels[first:last] = [(*box.colour, 255)] * (last - first)
        for x, share in ((first - 1, first - left), (last, right - last)):
            if share > 0:
                pixels[x] = _over(pixels[x], box.colour, share)
    return bytes(chain.from_iterable(pixels))


def _over(below: tuple[int, ...], colour: tuple[int, int, int], share: float) -> tuple[int, ...]:
    """Return a pixel of which this share is covered by a colour."""
    rest = below[3] / 255 * (1 - share)
    alpha = share + rest
    mixed = (round((new * share + old * rest) / alpha) for new, old in zip(colour, below[:3], strict=True))
    return (*mixed, round(alpha * 255))
