"""docs/sources.md: what each row of its tables names as ours runs, in a bank where something is there to be found."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank import Bank
from memorybank.cli.main import run
from memorybank.records.corrections.ledger import append_found
from memorybank.serve.hooks.run import answer
from tests.corrections.evaluation.made_logs import made_logs
from tests.faults.writing_commands import FOUND
from tests.running import folder_of, git

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
ROW = re.compile(r"^\| (?P<there>.+) \| `(?P<here>[^`]+)` \|$", re.MULTILINE)
TEXT = PAGE.read_text(encoding="utf-8")
CODE = [each["here"] for each in ROW.finditer(TEXT)]
# commands in the notes below the tables
NOTED = re.compile(r"`(bank [^`]+)`")
# these end with 1 where they have something to say
FINDS = {"check", "gate", "wrap-up"}
# what a command prints that had nothing to do; a row that does this proves nothing
NOTHING = re.compile(r"^(?:no|nothing|none) ", re.MULTILINE | re.IGNORECASE)
# these are about an answer that is empty, or end with such a line for other reasons
MAY_FIND_NOTHING = {
    'bank search "no such words" --all-banks',
    # of each part that has no gap
    "bank report --since 14d",
    "bank onboard",
    # of each point that is open
    "bank wrap-up",
    # what a dry run ends with
    "bank import contextfs context.db --dry-run",
    "bank import --format module71 module71 --dry-run",
    "bank cleanup --older-than 180 --type episodic --dry-run",
    "bank cleanup --older-than 90 --type fact --dry-run",
    "bank rotate --dry-run",
    # an editor that changes nothing
    "EDITOR=true bank edit activeContext.md#Learnings",
}
WORD = re.compile(r"(?<!\w)(?:ID|OLD|NEW)\Z")
METHOD = ("bank.", "Bank.")
SENTENCES = re.compile(r"^\|(?! ---| there \|).*\|$", re.MULTILINE)
SESSION, OTHER_SESSION, GROUP = "auth-refactor", "auth-research", "Authentication Feature"
# the tables of the file that ContextFS 0.2 keeps
CONTEXTFS = """
CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT NULL, type TEXT NOT NULL, tags TEXT, summary TEXT,
  namespace_id TEXT NOT NULL, source_file TEXT, source_repo TEXT, session_id TEXT, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, metadata TEXT);
INSERT INTO memories VALUES ('a1', 'Uses FastAPI', 'fact', '["stack"]', NULL, 'global', NULL, NULL, NULL,
  '2025-01-01T00:00:00', '2025-01-01T00:00:00', '{}');
"""


def noted() -> list[str]:
    """Return the commands of the notes; a single name is only mentioned."""
    lines = [line for line in TEXT.split("\n") if not line.startswith("|")]
    found = [each for line in lines for each in NOTED.findall(line)]
    return [each for each in dict.fromkeys(found) if len(each.split()) > 2 or each.split()[1] in {"check", "hydrate"}]


class Place(NamedTuple):
    """A project with a bank in use, and the ids that the page's words stand for."""

    project: Path
    home: Path
    words: dict[str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Make a bank with something of everything, once."""
    folder = tmp_path_factory.mktemp("sources")
    project, home = folder / "app", folder / "mine"
    project.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        _alone(patch, home, project)
        git(project, "init", "-q")
        git(project, "commit", "-q", "--allow-empty", "-m", "first")
        made_logs(project / "logs", sessions=2, filler=1)
        (project / "login.png").write_bytes(b"\x89PNG\0\xff")
        (project / "talk.json").write_text(json.dumps([{"role": "user", "content": "How?"}]), encoding="utf-8")
        with sqlite3.connect(project / "context.db") as db:
            db.executescript(CONTEXTFS)
        bank = Bank.init(project)
        append_found(folder_of(project), [FOUND])
        for more in (["--global"], ["--namespace", "team-x"]):
            assert run(["init", *more]) == 0
        words = {
            name: bank.save(text, type=kind, tags=["db", "auth"], project="platform").record.id
            for name, text, kind in (
                ("ID", "Rate limit", "fact"),
                ("OLD", "Memcached", "decision"),
                ("NEW", "Redis", "decision"),
            )
        }
        yesterday = datetime.now(UTC) - timedelta(days=1)
        patch.setenv("SOURCE_DATE_EPOCH", f"{yesterday.timestamp():.0f}")
        Bank.open(project).sessions.start(label="database design")
        Bank.open(project).end_session()
        patch.delenv("SOURCE_DATE_EPOCH")
        bank.groups.create(GROUP, tags=["auth"])
        bank.sessions.start(label=OTHER_SESSION, groups=[GROUP])
        bank.end_session()
        bank.start_session(label=SESSION, goal="Tokens rotate")
        bank.add_message("user", "Which library?")
        bank.bugs.report("Email is case-sensitive")
        bank.tasks.add("Ship the login")
        bank.note("Keys expire after a day")
        bank.workflows.start("BUILD", "Uploads survive a cut")
        (project / "report.md").write_text("MEMORY_NOTES:\n  learnings: [Parts are numbered]\n", encoding="utf-8")
        (project / "cc10x").mkdir()
        (project / "docs" / "plans").mkdir(parents=True)
        (project / "docs" / "plans" / "auth.md").write_text("---\nstatus: proposed\n---\n# Auth\n", encoding="utf-8")
        bank.pafs.add("AUTH", "Tokens are signed", status="active")
        bank.pafs.add("AUTH", "Tokens rotate", status="review")
        bank.export(project / "module71")
        _fill(project, bank)
        raw = {"tool_name": "Write", "tool_input": {"file_path": str(bank.path / "progress.md"), "content": "x"}}
        assert answer("PreToolUse", json.dumps({"cwd": str(project), **raw}).encode(), environ=os.environ)
    yield Place(project, home, words)
    shutil.rmtree(folder, ignore_errors=True)


def _fill(project: Path, bank: Bank) -> None:
    """Add what the rows look for: each search and list has something to find, each repair something to repair."""
    for text, given in (
        ("The framework that we are using is FastAPI", {}),
        ("We handle authentication with signed tokens", {"tags": "auth,pattern"}),
        ("The rate limit is 1000 requests a minute", {"project": "platform"}),
        ("JWT validation errors come from clocks that differ", {"type": "error", "tags": "jwt"}),
        ("Performance fell when the pool was empty", {"type": "error", "project": "backend", "source_tool": "cli"}),
        ("The retrospective of the sprint", {"type": "episodic", "metadata": {"sprint": 42}}),
        ("The pages are made by a template", {"source_repo": "frontend", "source_tool": "claude-code"}),
        ("Login pages are cached", {"tags": "auth"}),
        ("MAX_RETRIES is 5", {}),
        ("1. Run make setup", {"type": "procedural", "title": "Development setup", "tags": "setup"}),
    ):
        bank.save(text, **given)
    for kind in ("episodic", "fact"):
        old = project / ".memorybank" / bank.save(f"An old {kind}", type=kind).record.file
        text = old.read_text(encoding="utf-8")
        old.write_text(re.sub(r"^created: .*$", "created: 2024-01-01T00:00:00Z", text, flags=re.MULTILINE), "utf-8")
    bank.sessions.start(label="from-a-shell", tool="cli", tags=["auth"])
    bank.add_message("user", "Which database design do we want?")
    bank.end_session()
    bank.note("Cache: Redis", kind="decision", why="it is there")
    bank.note("An image of the proxy", kind="reference")
    bank.note("cc10x:planning <!-- plans -->", kind="skill")
    bank.research.new("SQLite under NFS")
    assert run(["note", "Uploads need a lock", "--as", "gotcha", "--role", "read-only"]) == 0
    with (project / ".memorybank" / "bank.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[paf.checks]\nAUTH-001 = "true"\n')
    bank.note("The pool stays empty after a cut")
    bank.bugs.report("The pool stays empty after a cut")
    for number in range(25):
        bank.note(f"Line {number}: {'abcdefghijklmnopqrstuvwxyz'[number]} is a letter")
    patterns, progress, active = (
        project / ".memorybank" / name for name in ("patterns.md", "progress.md", "activeContext.md")
    )
    patterns.write_text(patterns.read_text("utf-8").replace("## API Patterns\n", ""), "utf-8")
    active.write_text(active.read_text("utf-8").replace("## Blockers", "## Blokers"), "utf-8")
    progress.write_text(
        progress.read_text("utf-8").replace("## Completed", "## Remaining\n\n- [ ] Left\n\n## Completed")
    )


@pytest.fixture
def place(made: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Give a copy of that bank, and stand in it."""
    project, home = tmp_path / "app", tmp_path / "mine"
    shutil.copytree(made.project, project)
    shutil.copytree(made.home, home)
    _alone(monkeypatch, home, project)
    # a session that is current is so in a worktree, and the copy is another one
    monkeypatch.setenv("MEMORYBANK_SESSION", SESSION)
    # and so are the commands that were approved in it
    assert run(["trust", "--yes"]) == 0
    return made._replace(project=project, home=home)


def _alone(patch: pytest.MonkeyPatch, home: Path, project: Path) -> None:
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK_", "CLAUDE"))]:
        patch.delenv(name)
    patch.setenv("MEMORYBANK_HOME", str(home))
    patch.setenv("NO_COLOR", "1")
    patch.chdir(project)


@pytest.mark.parametrize("code", [each for each in CODE if not each.startswith(METHOD)] + noted())
def test_the_command_of_a_row_runs(
    place: Place, code: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = [WORD.sub(lambda found: place.words[found.group()], each) for each in shlex.split(code)]
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        monkeypatch.setenv(name, value)
    assert words.pop(0) == "bank"
    status = run(words)
    printed = capfd.readouterr()
    assert status in ((0, 1) if words[0] in FINDS else (0,)), printed.err
    if code not in MAY_FIND_NOTHING:
        assert not NOTHING.search(f"{printed.out}\n{printed.err}"), printed


@pytest.mark.parametrize("code", [each for each in CODE if each.startswith(METHOD)])
def test_the_expression_of_a_row_gives_a_value(place: Place, code: str) -> None:
    names = {"Bank": Bank, "Path": Path, "bank": Bank.open(place.project), "memory": place.words["ID"]}
    value = eval(code, {**names, "session": SESSION, "group": GROUP})
    assert value, "it finds nothing"


def test_every_row_of_the_page_is_one_that_is_run() -> None:
    rows = SENTENCES.findall(PAGE.read_text(encoding="utf-8"))
    assert len(CODE) == len(rows) > 100
