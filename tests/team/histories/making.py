"""Make the common bank of a history: contracts, records, ledgers, a plan, messages; each line with its token."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_WORDS = """
amber anchor apple arrow autumn badge barrel basin beacon birch blanket bottle branch bridge bronze bucket cabin
candle canyon carpet castle cedar chimney cider cliff clover cobalt comet copper coral cradle crystal daisy
delta desert dolphin dragon drizzle eagle ember engine falcon feather fennel ferry fiddle flint forest fossil
fountain galaxy garden ginger glacier granite harbor hazel helmet heron honey iceberg indigo island ivory jacket
jasmine juniper kettle lagoon lantern lemon lilac lobster magnet maple marble meadow melon mirror mosaic mustard
nectar nickel oasis olive onyx orchid otter paddle parcel pebble pepper pigeon pillow planet pocket prairie
quartz rabbit raven ribbon river rocket saddle saffron salmon sandal scarlet shadow silver sparrow spruce stable
summit sunset tangerine temple thistle thunder timber topaz tulip tunnel turnip valley vapor velvet violet
walnut willow window winter yarrow zephyr Zürich naïve 東京 café
"""
VOCABULARY = _WORDS.split()
STAMP = "2026-11-{:02d} {:02d}:{:02d} UTC"
CONTRACTS = {
    "activeContext.md": (
        "Active Context",
        (
            *("Current Focus", "Recent Changes <!-- SNAPSHOT: replaced at workflow end -->", "Next Steps", "Decisions"),
            *("Learnings", "References", "Blockers", "Session Settings", "Last Updated"),
        ),
    ),
    "progress.md": (
        "Progress Tracking",
        (
            *("Current Workflow", "Tasks <!-- SNAPSHOT: replaced at workflow end -->", "Completed", "Verification"),
            "Last Updated",
        ),
    ),
    "patterns.md": (
        "Project Patterns",
        (
            *("User Standards", "Architecture Patterns", "Code Conventions", "File Structure", "Testing Patterns"),
            *(
                "Common Gotchas",
                "API Patterns",
                "Error Handling",
                "Dependencies",
                "Project SKILL_HINTS",
                "Last Updated",
            ),
        ),
    ),
}
# sections whose text is one value, or is replaced as a whole: two changes in them may be a conflict
WHOLE = frozenset({"Current Focus", "Recent Changes", "Current Workflow", "Tasks"})
ANCHOR_NOTE = "<!-- The headings are anchors: write below them, keep their names and order. -->"


class Words:
    """What writers write: words by chance, and a token that nothing else has."""

    def __init__(self, rng: Random, numbers: count[int] | None = None) -> None:
        """Start with a chance and the numbers that are left."""
        self.rng = rng
        self.numbers = numbers or count(1)

    def token(self) -> str:
        """Return a new token."""
        return f"k{next(self.numbers)}k"

    def plain(self, least: int = 2, most: int = 6) -> str:
        """Return some words."""
        return " ".join(self.rng.choices(VOCABULARY, k=self.rng.randint(least, most)))

    def line(self) -> str:
        """Return words with a token among them."""
        words = self.plain().split()
        words.insert(self.rng.randint(0, len(words)), self.token())
        return " ".join(words)

    def items(self, most: int = 6, *, boxes: bool = False) -> list[str]:
        """Return a list as lines: bullets or numbers, some with a second line, nested items, a rule or a fence."""
        rng, lines = self.rng, []
        numbered = rng.random() < 0.15
        for number in range(1, rng.randint(1, most) + 1):
            marker = f"{number}." if numbered else "-"
            box = f"[{rng.choice(' x')}] " if boxes or rng.random() < 0.1 else ""
            lines.append(f"{marker} {box}{self.line()}")
            width = " " * (len(marker) + 1)
            if rng.random() < 0.12:
                lines.append(f"{width}{self.line()}")
            if rng.random() < 0.12:
                lines += [f"{width}- {self.line()}" for _ in range(rng.randint(1, 3))]
            if rng.random() < 0.05:
                lines += [f"{width}```sh", f"{width}{self.line()}", f"{width}```"]
        if rng.random() < 0.08:
            lines += ["- run the tests", "- run the tests"]
        return lines

    def blocks(self) -> list[str]:
        """Return the body of a free section: paragraphs, lists, fences, tables, rules, comments."""
        rng, lines = self.rng, [""]
        for _ in range(rng.randint(1, 3)):
            kind = rng.choice(["paragraph", "list", "list", "list", "fence", "table", "rule", "comment"])
            match kind:
                case "paragraph":
                    lines += [self.line() for _ in range(rng.randint(1, 3))]
                case "list":
                    lines += self.items()
                case "fence":
                    lines += ["```python", *(self.line() for _ in range(rng.randint(1, 3))), "", "# a comment", "```"]
                case "table":
                    lines += ["| name | text |", "|---|---|"]
                    lines += [f"| {self.plain(1, 1)} | {self.line()} |" for _ in range(rng.randint(1, 4))]
                case "rule":
                    lines.append("---")
                case "comment":
                    lines.append(f"<!-- {self.line()} -->")
            lines.append("")
        return lines

    def sections(self, most: int, level: int = 2) -> list[str]:
        """Return sections of one level, some with subsections, some with the same heading."""
        lines = []
        for _ in range(self.rng.randint(1, most)):
            heading = "Notes" if self.rng.random() < 0.12 else self.line()
            lines += [f"{'#' * level} {heading}", *self.blocks()]
            if level < 4 and self.rng.random() < 0.25:
                lines += self.sections(2, level + 1)
        return lines


def contract_text(words: Words, name: str) -> list[str]:
    """Return a memory file with entries in some of its sections."""
    rng, (title, names) = words.rng, CONTRACTS[name]
    lines = [f"# {title}", "", ANCHOR_NOTE, ""]
    for heading in names:
        lines += [f"## {heading}", ""]
        plain = heading.partition(" <!--")[0]
        if plain == "Last Updated":
            lines += [STAMP.format(1, rng.randint(0, 23), rng.randint(0, 59)), ""]
        elif plain in {"Current Focus", "Current Workflow"}:
            lines += [words.line() if rng.random() < 0.8 else "[Active work]", ""]
        elif plain == "Session Settings":
            lines += ["- AUTO_PROCEED: false", ""]
        elif rng.random() < 0.25:
            lines += ["1. [Step]" if plain == "Next Steps" else "- [None]", ""]
        else:
            lines += [*words.items(8, boxes=plain == "Tasks"), ""]
        if rng.random() < 0.06 and plain != "Last Updated":
            lines += [f"### {words.line()}", *words.blocks()]
    return lines[:-1]


def record_text(words: Words, ident: str) -> list[str]:
    """Return a memory with front matter."""
    rng = words.rng
    tags = rng.sample(["db", "pool", "api", "cache", "auth", "build"], rng.randint(0, 4))
    front = [f"id: {ident}", "type: fact", "status: active", "source_tool: cli", "created: 2026-11-01T08:00:00Z"]
    if tags and rng.random() < 0.5:
        front.append(f"tags: [{', '.join(tags)}]")
    elif tags:
        front += ["tags:", *(f"  - {tag}" for tag in tags)]
    if rng.random() < 0.3:
        front.append(f"summary: {words.plain()}")
    return ["---", *front, "---", f"# {words.line()}", *words.blocks(), *words.sections(2)]


def log_text(words: Words) -> list[str]:
    """Return a development log."""
    lines = ["# Development Log", ""]
    for day in range(words.rng.randint(1, 3)):
        lines += [f"## 2026-11-{day + 1:02d}", ""]
        for hour in range(words.rng.randint(1, 3)):
            lines += [f"### {hour + 8:02d}:15 - {words.line()}", ""]
            if words.rng.random() < 0.6:
                lines += [*words.items(3), ""]
    return lines[:-1]


def facts_text(words: Words) -> list[str]:
    """Return permanent facts."""
    lines = ["# Permanent Architectural Facts", ""]
    for category in words.rng.sample(["API", "DATA", "SEC"], 2):
        lines += [f"## {category}", ""]
        lines += [f"- **{category}-{n:03d}**: {words.line()}" for n in range(1, words.rng.randint(2, 5))]
        lines.append("")
    return lines[:-1]


def message(words: Words) -> str:
    """Return a message of a session as a JSON line."""
    role = words.rng.choice(["user", "assistant"])
    stamp = f"2026-11-01T08:{words.rng.randint(0, 59):02d}:00Z"
    return json.dumps({"role": role, "content": words.line(), "timestamp": stamp}, ensure_ascii=False)


def free_text(words: Words) -> list[str]:
    """Return a document of no contract, such as a plan."""
    return [f"# {words.line()}", *words.blocks(), *words.sections(4)]


def make_file(words: Words, name: str) -> str:
    """Return the text of the file of this name."""
    if name in CONTRACTS:
        lines = contract_text(words, name)
    elif name.startswith("memories/"):
        lines = record_text(words, name.rpartition("/")[2][:18])
    elif name.endswith(".jsonl"):
        return "".join(message(words) + "\n" for _ in range(words.rng.randint(1, 6)))
    elif name == "development_log.md":
        lines = log_text(words)
    elif name == "pafs.md":
        lines = facts_text(words)
    else:
        lines = free_text(words)
    while lines and not lines[-1]:
        lines.pop()
    text = "\n".join(lines) + "\n"
    if words.rng.random() < 0.05:
        text = text.removesuffix("\n")
    if words.rng.random() < 0.06:
        text = text.replace("\n", "\r\n")
    return "\ufeff" + text if words.rng.random() < 0.01 else text


NAMES = (
    *CONTRACTS,
    "memories/fact/fact-20261101-aaaaa-first.md",
    "memories/fact/fact-20261101-bbbbb-second.md",
    "development_log.md",
    "pafs.md",
    "docs/plans/plan.md",
    "sessions/ses-20261101-ccccc.jsonl",
)


def make_bank(words: Words) -> dict[str, str]:
    """Return the files of a bank by name."""
    return {name: make_file(words, name) for name in NAMES}
