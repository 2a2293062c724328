"""A block of ours between two markers in a Markdown file of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memorybank.agents.install.patched import Patched

BEGIN = "<!-- memorybank:begin (written by `bank install`; `bank uninstall` removes it) -->"
END = "<!-- memorybank:end -->"
_BEGINS = "<!-- memorybank:begin"


class BlockFaultError(ValueError):
    """The markers are not one beginning and one end."""


def block_of(text: str) -> tuple[int, int] | None:
    """Return the span of the block with its markers, without the line end behind it; None without one.

    Raises:
        BlockFaultError: a marker is missing, or there twice.
    """
    start, stop = text.find(_BEGINS), text.find(END)
    if start < 0 and stop < 0:
        return None
    if not 0 <= start < stop or text.count(_BEGINS) > 1 or text.count(END) > 1:
        raise BlockFaultError("the markers of the memorybank block are not one beginning and one end")
    return start, stop + len(END)


def set_block(draft: Patched, body: str) -> None:
    """Set the block; a new one goes to the end of the file, after an empty line.

    Raises:
        BlockFaultError: the markers are damaged.
    """
    end = "\r\n" if "\r\n" in draft.text else "\n"
    new = end.join([BEGIN, *body.strip("\n").split("\n"), END])
    span = block_of(draft.text)
    if span is not None:
        if draft.text[span[0] : span[1]] != new:
            draft.splice(*span, new)
        return
    text = draft.text.removeprefix("\ufeff")
    lead = "" if not text else end if text.endswith("\n") else end + end
    draft.splice(len(draft.text), len(draft.text), f"{lead}{new}{end}")


def remove_block(draft: Patched) -> None:
    """Remove the block, with the empty line before it.

    Raises:
        BlockFaultError: the markers are damaged.
    """
    span = block_of(draft.text)
    if span is None:
        return
    start, stop = span
    text = draft.text
    for end in ("\r\n", "\n"):
        if text.startswith(end, stop):
            stop += len(end)
            break
    for end in ("\r\n", "\n"):
        if text[:start].endswith(end * 2):
            start -= len(end)
            break
    draft.splice(start, stop, "")
