"""Banks of other tools, used where they stand: every step of the skill, migrate, and an undo of all of it.

    python -m tests.benchmarks.foreign_banks [--verbose] [NAME…]

The banks are those of ../shared/data/memory-banks (or of MEMORYBANK_SHARED_DATA), and templates that are made here in
the forms of Cline, Roo and cc10x. For each the table says how many steps were done and how many were refused, with
their codes, how many second sections were made beside one that stood there (none may be), and how many bytes of the
files were there again after the last undo.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from memorybank.contracts.read_triggers import TRIGGERS
from memorybank.contracts.similar_headings import is_near_name
from memorybank.document.names import plain_of
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.store.discover import find_bank
from memorybank.workflow.lines.placement import kinds_of
from tests.running import bank as run

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MEMORYBANK_SHARED_DATA", ROOT.parent / "shared" / "data")) / "memory-banks"


def page(title: str, *sections: str, eol: str = "\n") -> str:
    """Make a file of its title and of sections, each `name: text`."""
    parts = (each.partition(": ") for each in sections)
    text = f"# {title}\n\n" + "\n".join(f"## {name}\n{body}\n" for name, _, body in parts)
    return text.replace("\n", eol)


CC10X = {
    "activeContext.md": page(
        "Active Context\n<!-- Used as anchors. -->",
        "Current Focus: [What is worked on]",
        "Recent Changes <!-- SNAPSHOT -->: - [Change] - [file:line]",
        "Next Steps: 1. [Step]",
        "Decisions: - [Decision]: [Choice] - [Why]",
        "Learnings: - [Insight]",
        "References: - Plan: `docs/plans/...` (or N/A)",
        "Blockers: - [None]",
        "Session Settings: # AUTO_PROCEED: false",
        "Last Updated: [timestamp]",
    ),
    "patterns.md": page(
        "Project Patterns\n<!-- Used as anchors. -->",
        "User Standards: - [A standard]",
        "Architecture Patterns: - [Pattern]: [How it is done here]",
        "Code Conventions: - [Convention]: [Example]",
        "File Structure: - [File type]: [Where it goes]",
        "Testing Patterns: - [Test type]: [How to write]",
        "Common Gotchas: - [Gotcha]: [How to avoid / solution]",
        "API Patterns: - [Endpoint pattern]: [Convention]",
        "Error Handling: - [Error type]: [How it is handled]",
        "Dependencies: - [Dependency]: [Why used]",
        "Project SKILL_HINTS: - [cc10x:skill-name]",
    ),
    "progress.md": page(
        "Progress Tracking\n<!-- Used as anchors. -->",
        "Current Workflow: [PLAN | BUILD | REVIEW | DEBUG]",
        "Tasks: - [ ] Task 1\n- [x] Task 2 - evidence",
        "Completed: - [x] Item - evidence",
        "Verification: - `command` → exit 0 (X/X)",
        "Last Updated: [timestamp]",
    ),
}
OLDER = {
    "activeContext.md": page(
        "Active Context",
        "Current Focus: Import",
        "Recent Changes: - a",
        "Next Steps: 1. b",
        "Active Decisions: | Decision | Choice | Why |\n|---|---|---|\n| Cache | none | small |",
        "Learnings This Session: - c",
        "Plan Reference: `docs/plans/p.md`",
        "User Preferences Discovered: - d",
        "Last Updated: 2030-01-02",
    ),
    "patterns.md": page(
        "Project Patterns", "Architecture Patterns: - e", "Common Gotchas: - f", "Last Updated: 2030-01-02"
    ),
    "progress.md": page(
        "Progress Tracking",
        "Current Workflow: BUILD",
        "Completed: - [x] g - h",
        "In Progress: - [ ] i",
        "Remaining: - [ ] j",
        "Verification Evidence: | Check | Command | Result |\n|---|---|---|\n| Tests | `make` | exit 0 |",
        "Known Issues: - k",
        "Evolution of Decisions: - l",
        "Implementation Results: - m",
        "Last Updated: 2030-01-02",
    ),
}
CLINE = {
    "projectbrief.md": "# Project Brief\n\nA small importer.\n",
    "productContext.md": page("Product Context", "Why This Project Exists: - a", "How It Should Work: - b"),
    "activeContext.md": page(
        "Active Context",
        "Current Work Focus: Import",
        "Recent Changes: - a",
        "Next Steps: 1. b",
        "Active Decisions and Considerations: - c",
        "Important Patterns and Preferences: - d",
        "Learnings and Project Insights: - e",
    ),
    "systemPatterns.md": page(
        "System Patterns",
        "System Architecture: - a",
        "Key Technical Decisions: - b",
        "Design Patterns in Use: - c",
        "Component Relationships: - d",
    ),
    "techContext.md": page("Tech Context", "Technologies Used: - a", "Development Setup: - b", "Dependencies: - c"),
    "progress.md": page(
        "Progress",
        "What Works: - a",
        "What's Left to Build: - [ ] b",
        "Current Status: c",
        "Known Issues: - d",
        "Evolution of Project Decisions: - e",
    ),
}
ROO = {
    "productContext.md": page("Product Context", "Project Goal: *", "Key Features: *", "Overall Architecture: *"),
    "activeContext.md": page("Active Context", "Current Focus: *", "Recent Changes: *", "Open Questions/Issues: *"),
    "progress.md": page("Progress", "Completed Tasks: *", "Current Tasks: *", "Next Steps: *"),
    "decisionLog.md": page("Decision Log", "Decision: *", "Rationale: *", "Implementation Details: *"),
    "systemPatterns.md": page(
        "System Patterns", "Coding Patterns: *", "Architectural Patterns: *", "Testing Patterns: *"
    ),
}
DECORATED = {
    "activeContext.md": page(
        "🧠 Active Context",
        "🎯 Current Work Focus: Import",
        "🔁 Recent Changes:: - a",
        "3. Next Steps: 1. b",
        "🧭 Active Decisions & Considerations: - c",
        "**Learnings** & Project Insights: - d",
    ),
    "progress.md": page("Progress", "✅ What Works: - a", "🚧 What\u2019s Left to Build (open): - [ ] b", eol="\r\n"),
}
TEMPLATES = {
    "template cc10x v10": (".claude/cc10x/v10", CC10X),
    "template cc10x v9": (".claude/cc10x", CC10X),
    "older cc10x": (".cc10x", OLDER),
    "template Cline": ("memory-bank", CLINE),
    "template Roo": ("memory-bank", ROO),
    "decorated Cline": ("memory-bank", DECORATED),
}


UNIT = (
    "import unittest\n\n\nclass Zebra(unittest.TestCase):\n    def test_stripes(self):\n"
    "        self.assertEqual(len('zebra'), 5)\n"
)
HOME = {"MEMORYBANK_HOME": tempfile.mkdtemp()}


class Row(NamedTuple):
    """What came of one bank."""

    name: str
    layout: str
    done: int
    refused: Counter[str]
    doubled: list[str]
    restored: int
    total: int
    stray: list[str]
    told: list[str]


def projects(folder: Path) -> list[tuple[str, Path]]:
    """Make a project of every bank: those of the data, and the templates."""
    made = []
    for source in sorted(DATA.iterdir()) if DATA.is_dir() else []:
        if not source.is_dir():
            continue
        project = folder / source.name
        for path in sorted(source.glob("*.md")):
            name = path.name.replace("__", "/")
            # a repository that is a bank itself stands in a folder of that name
            target = project / (name if "/" in name or name.isupper() or name[:6].isupper() else f"memory-bank/{name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        made.append((source.name, project))
    for name, (place, files) in TEMPLATES.items():
        project = folder / name.replace(" ", "-")
        for file, text in files.items():
            target = project / place / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        made.append((name, project))
    return made


def files_of(project: Path) -> dict[str, bytes]:
    """Read every file of a project but local state."""
    paths = (
        path
        for path in sorted(project.rglob("*"))
        if path.is_file() and not {".state", "__pycache__"} & set(path.parts)
    )
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in paths}


def twins(files: dict[str, bytes]) -> Counter[tuple[str, str]]:
    """Count the sections of each memory file that have one name but for decoration."""
    found: Counter[tuple[str, str]] = Counter()
    for file, data in files.items():
        if file.endswith(".md") and "/memories/" not in file and not file.startswith("docs/"):
            names = [plain_of(each.name).words for each in outline(Source(data), file).sections[1:] if each.level == 2]
            found.update((file, name) for name in names)
    return Counter({key: count - 1 for key, count in found.items() if count > 1})


def beside(start: dict[str, bytes], now: dict[str, bytes]) -> list[tuple[str, str]]:
    """Name the sections that were made although one of nearly that name stood in the file."""
    found = []
    for file, data in start.items():
        if file.endswith(".md"):
            before = [each.name for each in outline(Source(data), file).sections[1:] if each.level == 2]
            made = [each.name for each in outline(Source(now.get(file, b"")), file).sections[1:] if each.level == 2]
            fresh = [each for each in made if each not in before]
            # a heading that gave way to another name, as `migrate` does, is no second one
            there = [each for each in before if each in made]
            found += [(file, each) for each in fresh if any(is_near_name(one, each) for one in there)]
    return found


def steps_of(project: Path, named: list[str]) -> list[list[str]]:
    """Give the steps of the skill, in their order, as they are typed."""
    bank = find_bank(project, named=named[1] if named else None, environ={})
    kinds = [kind for kind in kinds_of(bank) if kind != "skill"]
    learned, pattern = "activeContext.md#learning", kinds_of(bank)["gotcha"]
    loads = [["load"], *(["load", "--for", each.name] for each in TRIGGERS), ["status"], ["outline"]]
    notes = [["note", f"zebra {kind} one", "--as", kind] for kind in kinds]
    work = [
        ["focus", "zebra focus"],
        ["task", "add", "zebra task two"],
        ["task", "list"],
        ["task", "done", "zebra task two", "--evidence", "`true` → exit 0 (1/1)"],
        ["note", "zebra moved"],
        ["item", "move", learned, "zebra moved", "--to", pattern],
        ["note", "zebra trap in the tests"],
        ["promote", "zebra trap in the tests", "--to", "pattern"],
        ["note", "zebra paper"],
        ["promote", "zebra paper", "--to", "document"],
        ["note", "zebra proven"],
        ["promote", "zebra proven", "--to", "proven", "--evidence", "`true` → exit 0 (2/2)"],
        ["plan", "new", "Zebra plan"],
        ["research", "new", "Zebra research"],
        ["decide", "Zebra: stripes", "--why", "they are there"],
        ["learn", "Zebra: they bite"],
        ["prove", "zebra holds", "--", "python3", "-m", "unittest", "test_zebra"],
        ["verify"],
        ["workflow", "start", "BUILD", "Zebra stripes"],
        ["workflow", "task", "Paint it"],
        ["workflow", "task", "t1", "--status", "done", "--evidence", "`true` → exit 0 (3/3)"],
        ["workflow", "note", "zebra of the workflow", "--as", "learning"],
        ["workflow", "debug", "more paint", "--result", "too much"],
        ["workflow", "finish"],
        ["gate", "decision"],
        ["summary", "refresh"],
        ["checkpoint", "Zebra stands"],
        ["rotate"],
        ["migrate", "--dry-run"],
        ["migrate"],
        ["history"],
    ]
    return [*loads, *notes, *work]


def code_of(text: str) -> str:
    """Give the code that a refusal names."""
    found = re.search(r'"code": "([a-z-]+)"', text)
    return found[1] if found else "?"


def tried(name: str, project: Path) -> Row:
    """Do every step in one project, and take all of it back."""
    before = files_of(project)
    named: list[str] = []
    if (project / "memory").is_dir():
        named = ["--bank", "memory"]
    try:
        bank = find_bank(project, named="memory" and str(project / "memory") if named else None, environ={})
        layout = bank.layout.name
    except BankError as error:
        layout = f"none ({error.code})"
        run(project, "init", env=HOME)
    named = ["--bank", str(project / "memory")] if named else []
    (project / "test_zebra.py").write_text(UNIT, encoding="utf-8")
    start = files_of(project)
    said = run(project, "history", "--limit", "500", "--json", *named, env=HOME)
    known = {each["operation"] for each in json.loads(said.stdout)["operations"]}
    doubled_before = twins(start)
    refused: Counter[str] = Counter()
    told: list[str] = []
    doubled: list[str] = []
    done = 0
    learned = ""
    for words in steps_of(project, named):
        given = [learned if each == "activeContext.md#learning" else each for each in words]
        at = given.index("--") if "--" in given else len(given)
        result = run(project, *given[:at], "--json", *named, *given[at:], env=HOME)
        if given[:2] == ["note", "zebra moved"] and result.returncode == 0:
            found = re.search(r'"((?:[^"\\]|\\.)*#(?:[^"\\]|\\.)*)"', result.stdout)
            learned = (
                found[1].encode().decode("unicode_escape") if found and "\\u" in found[1] else found[1] if found else ""
            )
        if result.returncode == 0 or (given[0] in ("verify", "gate") and result.returncode == 1):
            done += 1
        else:
            code = code_of(result.stderr + result.stdout)
            refused[code] += 1
            told.append(f"{' '.join(given)}: {result.returncode} {(result.stderr or result.stdout).strip()[:700]}")
        now = files_of(project)
        new = [*(twins(now) - doubled_before), *beside(start, now)]
        fresh = [f"{file}: {section} ({' '.join(given)})" for file, section in new]
        doubled += [
            each for each in fresh if each.partition(" (")[0] not in {one.partition(" (")[0] for one in doubled}
        ]
    said = run(project, "history", "--limit", "500", "--json", *named, env=HOME)
    own = [each for each in json.loads(said.stdout)["operations"] if each["operation"] not in known]
    undone = run(project, "undo", "-n", str(len(own)), *named, env=HOME)
    if undone.returncode:
        told.append(f"undo: {undone.returncode} {undone.stderr.strip()[:400]}")
    after = files_of(project)
    total = sum(map(len, start.values()))
    restored = sum(len(data) for file, data in start.items() if after.get(file) == data)
    stray = sorted(file for file in after if file not in start)
    lost = [file for file, data in before.items() if after.get(file) != data]
    return Row(
        name, layout, done, refused, doubled, restored, total, stray + [f"CHANGED {each}" for each in lost], told
    )


def main(words: list[str]) -> int:
    """Print the table; end with 1 when a section was doubled or a byte did not come back."""
    verbose = "--verbose" in words
    wanted = [each for each in words if not each.startswith("-")]
    bad = 0
    print(f"{'bank':34} {'layout':16} {'done':>5} {'refused':24} {'doubled':>7} {'bytes restored':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for name, project in projects(Path(folder)):
            if wanted and not any(each in name for each in wanted):
                continue
            row = tried(name, project)
            refused = ", ".join(f"{count} {code}" for code, count in sorted(row.refused.items())) or "0"
            print(
                f"{row.name:34} {row.layout:16} {row.done:5} {refused:24} {len(row.doubled):7} "
                f"{row.restored:7} of {row.total:6}",
                flush=True,
            )
            for each in [*row.doubled, *row.stray, *row.told] if verbose else []:
                print(f"    {each}")
            bad += bool(row.doubled or row.restored != row.total or row.stray)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
