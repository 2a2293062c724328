"""Patterns for the beginning of a line: the fields of an object up to the one that says what the line is."""

from __future__ import annotations

import re

_SPACE = rb"[ \t]*+"
_SCALAR = rb'(?:"(?:[^"\\\n]|\\.)*+"|true|false|null|-?[0-9][0-9.eE+-]*+)'


def head_pattern(form: bytes, stops: bytes) -> re.Pattern[bytes]:
    """Return the pattern of a form in which `~` is space and `FIELDS` are fields with plain values.

    None of the fields has a name of `stops`, which are separated by `|`.
    """
    key = rb'"(?!(?:' + stops + rb')")[A-Za-z_$][A-Za-z0-9_$-]*+"'
    fields = rb"(?:~" + key + rb"~:~" + _SCALAR + rb"~,)*+~"
    start = rb"[ \t\r\0\xef\xbb\xbf]*+\{"
    return re.compile(start + form.replace(b"FIELDS", fields).replace(b"~", _SPACE))
