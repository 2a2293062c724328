"""Every command that writes, and a project in which each of them has something to do."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.records.corrections.correction import Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found
from tests.corrections.evaluation.made_logs import made_logs
from tests.corrections.test_mine import denied
from tests.running import bank, folder_of, make_bank

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
CLASH = "# Clash\n\n<<<<<<< ours\n- one\n=======\n- two\n>>>>>>> theirs\n"
NOTES = "MEMORY_NOTES:\n  learnings: [Offsets are bytes, Parts are numbered]\n  deferred: [Bound the retries]\n"
ADR = "# 1. Use WAL\n\nDate: 2026-11-20\n\n## Status\n\nAccepted\n\n## Context\n\nOne writer.\n\n## Decision\n\nWAL.\n"

FOUND = Correction(
    "cor-20261120-aaaaa",
    "denied-with-comment",
    "keep build, only remove dist",
    Premise(tool="Bash: rm -rf build dist"),
    Origin("claude-code", "s-1", "session.jsonl", 12, 3, "2026-11-20T09:00:00Z"),
    values=("dist",),
)

# what is done once, before any of the commands; ids that are made are known by the name behind the arrow
_BEFORE: tuple[tuple[str, ...], ...] = (
    ("note", "Redis drops idle connections: keepalive 60"),
    ("note", "Keys expire at midnight"),
    ("note", "Dates are local", "--as", "gotcha"),
    ("note", "Cache: Redis", "--as", "decision"),
    ("note", "Agents saw it", "--role", "read-only"),
    ("note", "Agents saw that", "--role", "read-only"),
    ("task", "add", "Store the offset"),
    ("task", "add", "Resume from it"),
    ("save", "The API answers 429", "--type", "fact", "--title", "Rate limit", "--tags", "api"),
    ("save", "The API answers 503", "--type", "fact", "--title", "Overload", "--tags", "api"),
    ("decide", "Queue: SQLite", "--why", "nothing to run"),
    ("bug", "new", "Uploads stop at 2 GB", "--severity", "high"),
    ("bug", "new", "Names are cut", "--severity", "low"),
    ("paf", "add", "AUTH", "Tokens live an hour"),
    ("paf", "add", "AUTH", "Keys are rotated"),
    ("paf", "add", "DATA", "Rows are never deleted"),
    ("paf", "activate", "DATA-001"),
    ("paf", "add", "DATA", "Rows are archived"),
    ("paf", "activate", "DATA-002"),
    ("session", "start", "--label", "auth"),
    ("session", "message", "user", "hello"),
    ("group", "create", "uploads"),
    ("summary", "set", "project_name=demo"),
    ("plan", "new", "Move to HTTP/2"),
    ("log", "the first day"),
    ("checkpoint", "add", "half way"),
    ("workflow", "start", "BUILD", "Uploads survive a cut", "--id", "wf-up"),
    ("workflow", "task", "Read the parts"),
    ("workflow", "task", "t1", "--evidence", "`make` → exit 0 (4/4)"),
    ("workflow", "debug", "pinned the clock", "--result", "still red"),
    ("task", "add", "Name the parts"),
    ("task", "done", "Name the parts"),
    ("save", "A day long ago", "--type", "episodic"),
    ("session", "start", "--label", "ended"),
    ("session", "end"),
    ("session", "resume", "auth"),
    ("group", "create", "grouped"),
    ("group", "add", "grouped", "ended"),
    ("group", "create", "closed"),
    ("group", "close", "closed"),
    ("rotate",),
    ("note", "The last one"),
    ("note", "An undone one"),
    ("undo",),
)

# name: the words; {placeholders} are ids of the project
COMMANDS: dict[str, tuple[str, ...]] = {
    "note": ("note", "The CI image has no zsh"),
    "note supersedes": ("note", "Cache: SQLite", "--as", "decision", "--supersedes", "Cache: Redis"),
    "note queued": ("note", "A queued one", "--role", "read-only"),
    "focus": ("focus", "Retries"),
    "task add": ("task", "add", "Retry on 429"),
    "task done": ("task", "done", "Store the offset", "--evidence", "make: exit 0"),
    "task edit": ("task", "edit", "offset", "Store the offsets"),
    "task remove": ("task", "remove", "offset"),
    "task reopen": ("task", "reopen", "Name the parts"),
    "edit file": ("edit", "docs/notes.md", "--replace", "# Notes\n\n## One\n\nfirst\n\n## Two\n\nthird\n"),
    "open": ("open", "{fact0}"),
    "edit append": ("edit", "activeContext.md#Learnings", "--append", "- by hand"),
    "edit prepend": ("edit", "activeContext.md#Learnings", "--prepend", "- on top"),
    "edit replace": ("edit", "docs/notes.md#Two", "--replace", "new text", "--expect", "{two}"),
    "edit insert": ("edit", "docs/notes.md#One", "--insert-after", "## Three\ntext"),
    "item replace": ("item", "replace", "activeContext.md#Learnings", "Keys expire at midnight", "Keys expire at noon"),
    "item tick": ("item", "tick", "progress.md#Tasks", "Resume from it"),
    "item move": (
        "item",
        "move",
        "activeContext.md#Learnings",
        "Keys expire at midnight",
        "--to",
        "patterns.md#Gotchas",
    ),
    "item remove": ("item", "remove", "activeContext.md#Learnings", "Keys expire at midnight"),
    "item untick": ("item", "untick", "progress.md#Tasks", "{ticked}"),
    "set": ("set", "{plan}", "status", "done"),
    "config set": ("config", "set", "agents.writes", "warn"),
    "config unset": ("config", "unset", "kept_megabytes"),
    "plan new": ("plan", "new", "Chunked uploads"),
    "design new": ("design", "new", "Uploads in parts"),
    "research new": ("research", "new", "SQLite under NFS"),
    "save": ("save", "It is fast", "--type", "fact"),
    "update": ("update", "{fact0}", "--tags", "+net", "--summary", "short"),
    "delete": ("delete", "{fact0}"),
    "supersede": ("supersede", "{fact0}", "{fact1}"),
    "deprecate": ("deprecate", "{fact0}"),
    "link": ("link", "{fact0}", "see", "{fact1}"),
    "tags rename": ("tags", "rename", "api", "http"),
    "decide": ("decide", "Format: JSON", "--why", "readable"),
    "learn": ("learn", "Sleep is no synchronisation"),
    "bug new": ("bug", "new", "It hangs", "--severity", "low"),
    "bug deployed": ("bug", "deployed", "{bug0}", "production"),
    "bug fix": ("bug", "fix", "{bug0}", "--fix", "parts are sized"),
    "paf add": ("paf", "add", "AUTH", "Sessions end at midnight"),
    "paf review": ("paf", "review", "AUTH-001"),
    "paf activate": ("paf", "activate", "AUTH-001"),
    "paf deprecate": ("paf", "deprecate", "DATA-001"),
    "paf replace": ("paf", "replace", "DATA-001", "--by", "DATA-002"),
    "log": ("log", "the second day"),
    "session start": ("session", "start", "--label", "other"),
    "session save": ("session", "save", "--session", "{session}", "--label", "auth-2"),
    "session message": ("session", "message", "user", "again", "--session", "{session}"),
    "session end": ("session", "end", "--session", "{session}", "--summary", "done"),
    "session label": ("session", "label", "{session}", "auth-3"),
    "session update": ("session", "update", "{session}", "--goal", "Tokens rotate"),
    "session resume": ("session", "resume", "ended"),
    "session delete": ("session", "delete", "{session}"),
    "group create": ("group", "create", "downloads"),
    "group add": ("group", "add", "{group}", "{session}"),
    "group close": ("group", "close", "{group}"),
    "group remove": ("group", "remove", "grouped", "ended"),
    "group archive": ("group", "archive", "{group}"),
    "group reopen": ("group", "reopen", "closed"),
    "group delete": ("group", "delete", "{group}"),
    "summary set": ("summary", "set", "project_name=other"),
    "summary refresh": ("summary", "refresh"),
    "checkpoint": ("checkpoint", "add", "later"),
    "artifact add": ("artifact", "add", "shot.txt"),
    "workflow start": ("workflow", "start", "DEBUG", "Another", "--id", "wf-new"),
    "workflow phase": ("workflow", "phase", "{phase}"),
    "workflow task": ("workflow", "task", "One more"),
    "workflow gate": ("workflow", "gate", "scope", "--ask", "all of it?"),
    "workflow note": ("workflow", "note", "Parts: kept for a day", "--as", "decision"),
    "workflow debug": ("workflow", "debug", "again", "--result", "red"),
    "workflow result": ("workflow", "result", "builder", NOTES),
    "workflow abort": ("workflow", "abort", "wf-up", "--why", "no need"),
    "workflow finish": ("workflow", "finish", "wf-up"),
    "workflow auto": ("workflow", "auto", "on"),
    "wrap-up": ("wrap-up", "--none", "decisions,log"),
    "notes edit": ("notes", "edit", "{note0}", "Agents saw it all"),
    "notes ingest": ("notes", "ingest", NOTES),
    "notes apply": ("notes", "apply"),
    "notes drop": ("notes", "drop", "{note0}"),
    "promote pattern": ("promote", "Redis drops idle connections: keepalive 60", "--to", "pattern"),
    "promote document": ("promote", "Keys expire at midnight", "--to", "document"),
    "demote": ("demote", "Dates are local", "--why", "fixed upstream"),
    "rotate": ("rotate",),
    "unarchive": ("unarchive", "progress.md#Completed"),
    "merge": ("merge", "file", "docs/clash.md", "--ours"),
    "confirm": ("confirm", "{fact0}", "Keys expire at midnight", "DATA-001"),
    "cleanup": ("cleanup", "--older-than", "30", "--type", "episodic"),
    "restore": ("restore", "activeContext.md", "--at", "{note_op}"),
    "hydrate": ("hydrate", "--sync", "done.json"),
    "prove": ("prove", "it works", "--", sys.executable, "-m", "unittest", "-q", "suite"),
    "check --fix": ("check", "--fix"),
    "migrate": ("migrate",),
    "import adr": ("import", "adr", "adr"),
    "corrections mine": ("corrections", "mine", "--source", "session.jsonl"),
    "corrections propose": ("corrections", "propose"),
    "corrections accept": ("corrections", "accept", "cor-20261120-aaaaa"),
    "corrections drop": ("corrections", "drop", "cor-20261120-aaaaa", "--why", "only once"),
    "corrections pin": ("corrections", "pin", "cor-20261120-aaaaa"),
    "corrections tier": ("corrections", "tier", "cor-20261120-aaaaa", "critical"),
    "undo": ("undo",),
    "redo": ("redo",),
}
# these report what is left to do, also when they wrote
ENDS_WITH_1 = frozenset({"check --fix", "wrap-up"})
# what `open` starts
EDITOR = "sed -i s/429/430/"
# these have no part in the list: why
ELSEWHERE = {
    "sync": "needs a Postgres server; tests/team/hub",
    "sync init": "needs a Postgres server; tests/team/hub",
    "merge install": "writes git's configuration; tests/team/git",
    "merge uninstall": "writes git's configuration; tests/team/git",
    "install": "writes into the files of clients; tests/agents",
    "uninstall": "writes into the files of clients; tests/agents",
    "init": "makes the bank; tests/faults/test_kill.py",
    "adopt-from": "needs another bank, and is tested in tests/team/test_worktrees.py",
    "bundle create": "writes outside of the bank; tests/team/test_bundles.py",
    "bundle apply": "needs a bundle of another bank, and is killed in tests/team/test_bundles.py",
    "corrections fit": "writes into the ledger if there is enough to learn; tests/corrections/test_misstep.py",
    "export": "writes outside of the bank; tests/exchange",
    "verify": "runs only what somebody approved on this machine; tests/workflow/test_verify.py",
}


class Project(NamedTuple):
    """The project, and what the placeholders stand for in it."""

    folder: Path
    names: dict[str, str]

    def words(self, name: str) -> list[str]:
        return [re.sub(r"\{(\w+)\}", lambda found: self.names.get(found[1], found[0]), each) for each in COMMANDS[name]]


def make_project(folder: Path) -> Project:
    """Make a project in which every command has something to do."""
    home = make_bank(folder)
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "notes.md").write_text("# Notes\n\n## One\n\nfirst\n\n## Two\n\nsecond\n", encoding="utf-8")
    (folder / "docs" / "clash.md").write_text(CLASH, encoding="utf-8")
    (folder / "suite.py").write_text(SUITE, encoding="utf-8")
    (folder / "shot.txt").write_text("a picture\n", encoding="utf-8")
    (folder / "adr").mkdir()
    (folder / "adr" / "0001-use-wal.md").write_text(ADR, encoding="utf-8")
    denied("never touch the lock file").write(folder, "session.jsonl")
    done = [{"subject": "Resume from it", "status": "completed", "evidence": "make: exit 0"}]
    (folder / "done.json").write_text(json.dumps(done), encoding="utf-8")
    for words in _BEFORE:
        if words == ("rotate",):
            _complete(home, "Older")
        ended = bank(folder, *words)
        assert ended.returncode == 0, (words, ended.stderr)
    _over_the_caps(home)
    append_found(folder_of(folder), [FOUND])
    made_logs(folder / "labelled", sessions=2, filler=1)

    def stems(pattern: str) -> list[str]:
        return [each.stem for each in sorted(home.glob(pattern))]

    def rows(*words: str) -> list[dict[str, Any]]:
        answer = json.loads(bank(folder, *words, "--json").stdout)
        return next(each for each in answer.values() if isinstance(each, list))

    def ident(stem: str) -> str:
        return "-".join(stem.split("-")[:3])

    names = {"plan": next(folder.glob("docs/plans/*.md")).relative_to(folder).as_posix()}
    names |= {f"fact{number}": ident(each) for number, each in enumerate(stems("memories/fact/*.md"))}
    names |= {f"bug{number}": ident(each) for number, each in enumerate(stems("memories/bug/*.md"))}
    names |= {each["title"]: each["id"] for each in rows("group", "list") + rows("session", "list")}
    names["group"], names["session"] = names["uploads"], names["auth"]
    names["ticked"] = next(str(each["number"]) for each in rows("item", "list", "progress.md#Tasks") if each["done"])
    names["note_op"] = next(
        each["operation"] for each in rows("history", "--limit", "500")[::-1] if each["verb"] == "note"
    )
    names["two"] = json.loads(bank(folder, "show", "docs/notes.md#Two", "--json").stdout)["digest"]
    names["phase"] = json.loads((home / "workflows" / "wf-up.json").read_text(encoding="utf-8"))["phases"][1]["name"]
    waiting = json.loads(bank(folder, "notes", "list", "--json").stdout)["notes"]
    names |= {f"note{number}": each["id"] for number, each in enumerate(waiting)}
    return Project(folder, names)


def _over_the_caps(home: Path) -> None:
    """Let rotate, unarchive, cleanup, check --fix and migrate have something to do."""
    _complete(home, "Old")
    path = next(home.glob("memories/episodic/*.md"))
    path.write_text(re.sub(r"\b20\d\d-", "2020-", path.read_text(encoding="utf-8")), encoding="utf-8")
    path = home / "patterns.md"
    text = path.read_text(encoding="utf-8")
    text = text.replace("## User Standards\n\n", "## User Standards\n\n- Be brief\n- Be brief\n")
    path.write_text(text.replace("## Last Updated", "## Gotchas\n\n- Old name\n\n## Last Updated"), encoding="utf-8")


def _complete(home: Path, name: str) -> None:
    """Write more completed tasks than the section's limit, by hand."""
    path = home / "progress.md"
    rows = "".join(f"- [x] {name} task {number}\n" for number in range(13))
    text = path.read_text(encoding="utf-8").replace("## Completed\n\n- [None]\n", "## Completed\n\n")
    path.write_text(text.replace("## Completed\n\n", f"## Completed\n\n{rows}"), encoding="utf-8")
