"""The five days in which a new member reads the memory: what is read on each of them, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Sequence


class Day(NamedTuple):
    """One day: its number, what it is about, the types of records it shows, files of the project, and its gap.

    `gap` says what is missing if the day has nothing, `fill` is the command that writes it.
    """

    number: int
    title: str
    kinds: tuple[str, ...]
    files: tuple[str, ...]
    gap: str
    fill: str


DAYS = (
    Day(
        1,
        "Architecture and tech stack",
        ("design", "fact"),
        ("README.md", "ARCHITECTURE.md", "docs/ARCHITECTURE.md", "docs/architecture.md"),
        "Nothing says what the parts of this project are and what it is built with.",
        'bank save "FastAPI on PostgreSQL" --type fact --title "Tech stack" --tags architecture,tech-stack,api',
    ),
    Day(
        2,
        "Development setup and environment",
        ("procedural", "fact"),
        ("CONTRIBUTING.md", "INSTALL.md", "DEVELOPMENT.md", "docs/CONTRIBUTING.md", "docs/development.md"),
        "Nothing says how to set the project up and which environment it needs.",
        'bank save "1. Run make setup" --type procedural --title "Set up" --tags setup,development,environment',
    ),
    Day(
        3,
        "Key decisions",
        ("decision",),
        (),
        "No decision is written down, with the reason for it.",
        'bank decide "Use SQLite" --why "One writer, nothing to run"',
    ),
    Day(
        4,
        "Common issues",
        ("error", "solution", "learning", "bug"),
        (),
        "No error, gotcha or lesson is written down.",
        'bank save --type error --title "CORS preflight" --section "Symptom=403" --section "Solution=Max-Age header"',
    ),
    Day(
        5,
        "Code patterns",
        ("code", "user"),
        (),
        "No pattern or convention of the code is written down.",
        'bank note "Functions return values, commands print them" --as convention',
    ),
)

# what the heading of a section is about; the first that matches counts
_SECTIONS = (
    (3, later(r"\bdecisions?\b|\bdecision log\b")),
    (4, later(r"gotcha|issue|\berrors?\b|pitfall|troubleshoot|blocker|learning|lesson|insight|\bbugs?\b|workaround")),
    (
        2,
        later(
            r"set-?up|install|environment|getting started|development|deploy|config|\bcommands?\b|tool usage|constraint"
        ),
    ),
    (
        1,
        later(
            r"architect|overview|structure|stack|technolog|dependenc|component|goals?\b|scope|purpose|why this project"
            r"|problems? it solves|how it should work|user experience|requirement|critical impl|vision|\bproduct\b"
        ),
    ),
    (5, later(r"pattern|convention|standard|style|testing|practice|preference|example|guideline|\bapis?\b")),
)
# where the sections of a file belong if their headings say nothing, as in another language
_FILES = {
    "projectbrief.md": 1,
    "productcontext.md": 1,
    "systempatterns.md": 1,
    "techcontext.md": 2,
    "decisionlog.md": 3,
}
# what changes each day is no introduction
_CURRENT = later(
    r"last updated|session settings|current|next steps|recent changes|what works|what's left|\btasks\b|completed|status"
)
# files of what is going on now: only what they say of decisions, issues and patterns lasts
_PASSING = frozenset(("activecontext.md", "progress.md"))
_FIRST_LASTING = 3
_SETUP = later(
    r"set-?up|install|environment|\benv\b|variables?|local|develop|deploy|config|credential|docker|port\b|command", 2
)
_ARCHITECTURE = later(r"architect|overview|structure|stack|technolog|component|framework|database|\bapi\b", 2)


def day_of_section(file: str, path: Sequence[str]) -> tuple[int, bool]:
    """Return the day on which a section is read, 0 for none, and whether a heading says so.

    `path` are the headings above it, the highest first, and its own: the highest that says anything counts.
    """
    names = [name.casefold() for name in path]
    if any(_CURRENT.search(name) and not name.startswith("current decisions") for name in names):
        return 0, False
    found = next((day for name in names for day, words in _SECTIONS if words.search(name)), 0)
    if file.casefold() in _PASSING and found < _FIRST_LASTING:
        return 0, False
    return (found, True) if found else (_FILES.get(file.casefold(), 0), False)


def day_of_record(kind: str, words: str) -> int:
    """Return the day on which a record of a type is read: a fact about the setup on the second; 0 for none."""
    if kind == "fact" and _SETUP.search(words) and not _ARCHITECTURE.search(words):
        return 2
    return next((day.number for day in DAYS if kind in day.kinds), 0)


def is_about_architecture(words: str) -> bool:
    """Return whether a record's title and tags say that it is about the whole."""
    return bool(_ARCHITECTURE.search(words))
