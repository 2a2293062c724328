"""Parse the top-level blocks of a Markdown text, and its list items with their nesting."""

from __future__ import annotations

from memorybank.document.scanner.block_scanner import MAX_RECORDED, Machine
from memorybank.document.scanner.nodes import Block, Item, OpenBlock, TooMuch

__all__ = ["Block", "Item", "OpenBlock", "check_lines", "parse_blocks", "parse_leaves"]


def parse_blocks(shadow: str, start: int, end: int) -> tuple[tuple[Block, ...], tuple[Item, ...], OpenBlock | None]:
    """Parse a region that begins where no block is open, as if the text ended at its end.

    The third value is the fence or HTML block that would swallow the text after the region.
    """
    machine, left = _run(shadow, start, end, leaves=None)
    return tuple(machine.blocks), tuple(machine.items), left


def parse_leaves(shadow: str, start: int, end: int) -> tuple[tuple[Item, ...], tuple[Block, ...]]:
    """Parse the same region into its items and its leaf blocks (with text, without other blocks) at every depth."""
    leaves: list[Block] = []
    machine, _ = _run(shadow, start, end, leaves=leaves)
    return tuple(machine.items), tuple(leaves)


def check_lines(text: str, start: int, end: int) -> None:
    """Refuse a region with more lines than are parsed.

    Raises:
        TooMuch: it has more than MAX_RECORDED.
    """
    if end - start > MAX_RECORDED and text.count("\n", start, end) > MAX_RECORDED:
        raise TooMuch(f"it has more than {MAX_RECORDED} lines in one section")


def _run(shadow: str, start: int, end: int, *, leaves: list[Block] | None) -> tuple[Machine, OpenBlock | None]:
    # parsing up to the limit would take seconds, and then fail
    check_lines(shadow, start, end)
    machine = Machine(shadow, end, record=True)
    machine.leaves = leaves
    at = start
    while at < end:
        at = machine.read_line(at)
    return machine, machine.finish()
