"""Random memory files and random edits of them, for the laws of the merge."""

from __future__ import annotations

import copy
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

WORDS = ("cache", "token", "parser", "fails", "login", "slow", "retry", "index", "lock", "queue", "branch", "deploy")
EDITS = ("add", "add", "add", "delete", "reword", "reword", "tick", "move", "text", "section", "rename")
Sections = list[tuple[str, list[list[str]]]]


def words(random: Random, most: int = 6) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(2, most)))


def some_file(random: Random) -> Sections:
    return [
        (f"## {words(random, 2).title()}", [some_block(random) for _ in range(random.randint(0, 5))])
        for _ in range(random.randint(1, 4))
    ]


def some_block(random: Random) -> list[str]:
    kind = random.choice(["item", "item", "item", "task", "nested", "text", "fence", "rule", "table"])
    if kind == "item":
        return [f"- {words(random)}"]
    if kind == "task":
        return [f"- [ ] {words(random)} #{random.choice(WORDS)}"]
    if kind == "nested":
        return [f"- {words(random)}", f"  - {words(random)}", f"  - {words(random)}"]
    if kind == "text":
        return ["", f"{words(random)}.", ""]
    if kind == "fence":
        return ["", "```", f"x = {random.randint(0, 9)}", "---", "```", ""]
    if kind == "rule":
        return ["", "---", ""]
    return ["", "| a | b |", "|---|---|", f"| {words(random, 2)} | 1 |", f"| {words(random, 2)} | 2 |", ""]


def text_of(sections: Sections) -> bytes:
    rows: list[str] = []
    for row in ["# Title", "", *(row for head, blocks in sections for row in (head, "", *chain(*blocks), ""))]:
        if row or (rows and rows[-1]):
            rows.append(row)
    return "\n".join(rows).rstrip("\n").encode() + b"\n"


def edited(random: Random, sections: Sections, writer: str, count: int) -> Sections:
    found = copy.deepcopy(sections)
    for _ in range(count):
        _edit(random, found, writer)
    return found


def _edit(random: Random, sections: Sections, writer: str) -> None:
    at = random.randrange(len(sections))
    head, blocks = sections[at]
    what = random.choice(
        ["add", "add", "add", "delete", "reword", "reword", "tick", "move", "text", "section", "rename"]
    )
    if what == "add" or not blocks:
        blocks.insert(random.choice([0, len(blocks), random.randint(0, len(blocks))]), [f"- {writer} {words(random)}"])
    elif what == "delete":
        blocks.pop(random.randrange(len(blocks)))
    elif what == "reword":
        block = random.choice(blocks)
        row = random.randrange(len(block))
        if block[row] and not block[row].startswith(("```", "---", "|--")):
            block[row] += f" {random.choice(WORDS)}"
    elif what == "tick":
        block = random.choice(blocks)
        block[0] = block[0].replace("[ ]", "[x]")
    elif what == "move":
        blocks.insert(random.randint(0, len(blocks) - 1), blocks.pop(random.randrange(len(blocks))))
    elif what == "text":
        blocks.append(["", f"{writer} {words(random)}.", ""])
    elif what == "section":
        sections.insert(random.randint(0, len(sections)), (f"## {writer} {words(random)}", [[f"- {words(random)}"]]))
    else:
        sections[at] = (f"{head} {random.choice(WORDS)}", blocks)


def lines_in(data: bytes) -> Counter[str]:
    """Count the lines of a merge without the conflict markers and blank lines."""
    rows = data.decode().split("\n")
    return Counter(row for row in rows if row.strip() and not row.startswith(("<<<<<<<", "=======", ">>>>>>>")))
