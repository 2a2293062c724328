"""Line endings, byte order mark and final newline of a text that was saved elsewhere, as the file has them.

Editors save a text in their own form. Only what differs apart from that is a change.
"""

from __future__ import annotations

from memorybank.document.source import lines_of, with_eol, without_eol

_MARK = "\ufeff"
# written by a program that adds CR to lines that end with CRLF already
_TWICE = "\r\r\n"


def in_form_of(before: str, after: str) -> str:
    """Return the text `after` with the byte order mark, the line endings and the final newline of `before`.

    If `before` has several kinds of line ending, each unchanged line keeps its own.
    """
    if after.startswith(_MARK) and not before.startswith(_MARK):
        after = after.removeprefix(_MARK)
    if not before or not after:
        return after
    if _TWICE in after and _TWICE not in before:
        after = after.replace(_TWICE, "\r\n")
    text = with_endings_of(before, after)
    if before.endswith(("\n", "\r")):
        return text if text.endswith(("\n", "\r")) else text + _ending(lines_of(before)[-1])
    last = lines_of(text)[-1]
    return text[: len(text) - len(_ending(last))]


def with_endings_of(before: str, after: str) -> str:
    """Return the text `after` with the line endings of `before`; a last line without an ending gets none."""
    if "\r" not in before:
        # also if it has no ending at all
        return with_eol(after, "\n") if "\r" in after else after
    old, new = lines_of(before), lines_of(after)
    if not is_mixed(before):
        return with_eol(after, _ending(old[0]))
    bodies = [without_eol(line) for line in new]
    endings = _endings(old, bodies)
    last = endings[-1] if _ending(new[-1]) else ""
    return "".join(map("".join, zip(bodies, [*endings[:-1], last], strict=True)))


def is_mixed(text: str) -> bool:
    """Return whether the lines of a text have several kinds of ending."""
    return "\r" in text and len({_ending(line) for line in lines_of(text)} - {""}) > 1


def _endings(old: list[str], bodies: list[str]) -> list[str]:
    """Return an ending for each new line: its own if it is unchanged, else that of the line it replaces or follows."""
    from difflib import SequenceMatcher

    found: list[str] = []
    near = _ending(old[0])
    matcher = SequenceMatcher(None, [without_eol(each) for each in old], bodies)
    for kind, start, stop, first, end in matcher.get_opcodes():
        is_pair = kind == "equal" or stop - start == end - first
        for at in range(end - first):
            near = (_ending(old[start + at]) if is_pair else "") or near
            found.append(near)
    return found


def _ending(line: str) -> str:
    return line[len(without_eol(line)) :]
