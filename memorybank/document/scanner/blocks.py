"""Blocks: the top-level blocks of a piece of Markdown, and its list items with their nesting."""

from __future__ import annotations

from memorybank.document.scanner.block_scanner import MAX_RECORDED, Machine
from memorybank.document.scanner.nodes import Block, Item, OpenBlock, TooMuch

__all__ = ["Block", "Item", "OpenBlock", "parse_blocks", "parse_leaves"]


def parse_blocks(shadow: str, start: int, end: int) -> tuple[tuple[Block, ...], tuple[Item, ...], OpenBlock | None]:
    """Read a region in which no block is open at its start, as if the text ended where it does.

    The third value is the fence or HTML block that would swallow what follows the region.
    """
    machine, left = _run(shadow, start, end, leaves=None)
    return tuple(machine.blocks), tuple(machine.items), left


def parse_leaves(shadow: str, start: int, end: int) -> tuple[tuple[Item, ...], tuple[Block, ...]]:
    """Read the same: the items, and every block that holds text and no other block, at whatever depth it stands."""
    leaves: list[Block] = []
    machine, _ = _run(shadow, start, end, leaves=leaves)
    return tuple(machine.items), tuple(leaves)


def _run(shadow: str, start: int, end: int, *, leaves: list[Block] | None) -> tuple[Machine, OpenBlock | None]:
    if end - start > MAX_RECORDED and shadow.count("\n", start, end) > MAX_RECORDED:
        # reading up to the limit would take seconds, and end there
        raise TooMuch(f"more than {MAX_RECORDED} lines in one piece")
    machine = Machine(shadow, end, record=True)
    machine.leaves = leaves
    at = start
    while at < end:
        at = machine.read_line(at)
    return machine, machine.finish()
