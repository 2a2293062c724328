"""Texts as they are shown: what would steer a terminal, hide or turn round a text, is an escape that can be read."""

from __future__ import annotations

import re

# C0 except tab and line feed, DEL, C1, bidirectional and invisible characters; joiners of letters and emoji stay
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]|[\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return a text with control characters and invalid bytes as escapes; a CR at a line end is not shown."""
    return CONTROL.sub(_escape, text.replace("\r\n", "\n"))


def in_one_line(name: str) -> str:
    """Return a name, such as that of a file, without line ends: they would look like lines of the answer."""
    return name.replace("\r", "\\x0d").replace("\n", "\\x0a")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004
