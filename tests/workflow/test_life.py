"""The whole life of a piece of work, as a project lives it, by the real command line.

Agents at work side by side, and whoever comes after, are processes of their own; the router's steps in between are run
in this one, to save their start. `pytest -s tests/workflow/test_life.py` prints it all as a transcript.
"""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.cli.main import run
from tests.running import MODULE, environment, git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CODE = "def offset(parts):\n    return sum(parts)\n"
BROKEN = CODE.replace("sum(parts)", "parts[-1]")
SUITE = """import sys
import unittest

sys.path.insert(0, "src")
from upload import offset


class Offset(unittest.TestCase):
    def test_of_two_parts(self):
        self.assertEqual(offset([1, 2]), 3)

    def test_of_none(self):
        self.assertEqual(offset([]), 0)
"""
TESTS = (sys.executable, "-m", "unittest", "-q", "tests.test_upload")
COVERS = ("--covers", "src/**", "--covers", "tests/**")
# what three agents say at the same time, each in the form and the role it has
REVIEW = """All looked at; two remarks below.

### Router Contract (MACHINE-READABLE)
```yaml
STATUS: APPROVE
MEMORY_NOTES:
  learnings: ["Proxies cut an upload after 60 s"]
  patterns: ["Tests share one folder, so they run one at a time"]
  verification: ["review: 0 critical issues"]
  deferred: ["Retries are not bounded"]
```
"""
HUNT = """Nothing is swallowed.

### Memory Notes (For Workflow-Final Persistence)
- **Learnings:** Proxies cut every upload after 60 s.
- **Patterns:** fsync the folder after a rename
"""


class Project:
    """A project and `bank` in it; what is typed and answered is printed."""

    def __init__(self, folder: Path, world: dict[str, str]) -> None:
        self.folder = folder
        self.env = environment(**world)

    def began(self, *words: str, role: str = "", text: str = "") -> subprocess.Popen[str]:
        """Start a command; several run side by side."""
        env = self.env | ({"MEMORYBANK_ROLE": role} if role else {})
        child = subprocess.Popen(
            [*MODULE, *words],
            cwd=self.folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        assert child.stdin is not None
        child.stdin.write(text)
        child.stdin.close()
        return child

    def ended(self, child: subprocess.Popen[str], status: int = 0) -> str:
        """Give what a command said, once it ended as it should."""
        with child:
            assert child.stdout is not None
            said = child.stdout.read()
        assert isinstance(child.args, list)
        return told(child.args[len(MODULE) :], said, child.returncode, status)

    def fresh(self, *words: str, text: str = "") -> Any:
        """Run a command in a new process, which knows nothing but what stands in the bank."""
        return json.loads(self.ended(self.began(*words, "--json", text=text)))

    def bank(self, *words: str, status: int = 0) -> str:
        """Run a command in this process."""
        kept = io.BytesIO()
        out = io.TextIOWrapper(kept, encoding="utf-8")
        with redirect_stdout(out), redirect_stderr(out):
            ended = run(list(words))
            out.flush()
        return told(words, kept.getvalue().decode(), ended, status)

    def json(self, *words: str) -> Any:
        return json.loads(self.bank(*words, "--json"))

    def lines(self, address: str) -> list[str]:
        """Give the lines of a section."""
        return [each for each in self.json("show", address)["text"].split("\n")[1:] if each.strip()]


def told(words: Sequence[str], said: str, ended: int, status: int) -> str:
    """Print what was typed and said; gives it, if the command ended as it should."""
    print(f"$ {shlex.join(['bank', *words])}\n{said.rstrip()}".replace(sys.executable, "python"))
    assert ended == status, said
    return said


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = tmp_path / "uploads"
    for name, text in (("src/upload.py", BROKEN), ("tests/test_upload.py", SUITE), (".gitignore", "__pycache__\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    world = {"MEMORYBANK_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    for name, value in world.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    return Project(folder, world)


def test_from_a_start_to_those_who_come_after(project: Project) -> None:
    started(project)
    three_agents_at_once(project)
    debugged(project)
    proof = promoted_and_proven(project)
    interrupted(project)
    finished(project, proof)
    found_again(project, proof)


def started(project: Project) -> None:
    project.bank("init")
    project.bank("gate", "implement", status=1)
    project.bank("load", "--for", "session-start", "--mark")
    project.bank("gate", "implement")
    project.bank("workflow", "start", "BUILD", "Uploads survive a cut", "--acceptance", "a 1 GB upload resumes")
    project.bank("workflow", "task", "Store the offset")
    project.bank("workflow", "task", "Resume from it", "--after", "t1")
    project.bank("workflow", "task", "Tell of it in the README", "--after", "t2")
    project.bank("workflow", "gate", "scope", "--ask", "Windows too?")
    project.bank("workflow", "phase", "build")


def three_agents_at_once(project: Project) -> None:
    """The builder, the reviewer and the hunter report together; none of them can write the memory files."""
    before = (project.folder / ".memorybank" / "patterns.md").read_bytes()
    agents = [
        project.began("note", "WAL mode needs a local disk", "--as", "gotcha", role="write-agent"),
        project.began("notes", "ingest", "-", "--agent", "code-reviewer", role="read-only", text=REVIEW),
        project.began("notes", "ingest", "-", "--agent", "silent-failure-hunter", role="read-only", text=HUNT),
        # the router is at work meanwhile
        project.began("workflow", "note", "Parts: kept for a day", "--as", "decision"),
        project.began("note", "Parts are numbered from 1"),
    ]
    for each in agents:
        project.ended(each)
    project.ended(project.began("edit", "patterns.md#Common Gotchas", "--append", "mine", role="write-agent"), 5)
    assert (project.folder / ".memorybank" / "patterns.md").read_bytes() == before
    waiting = project.json("notes", "list")["notes"]
    assert {each["role"] for each in waiting} == {"write-agent", "read-only"}
    assert sorted(each["text"] for each in waiting) == [
        "Proxies cut an upload after 60 s",
        "Proxies cut every upload after 60 s.",
        "Tests share one folder, so they run one at a time",
        "WAL mode needs a local disk",
        "[Deferred]: Retries are not bounded",
        "fsync the folder after a rename",
        "review: 0 critical issues",
    ]


def debugged(project: Project) -> None:
    project.bank("prove", "offsets add up", *COVERS, "--", *TESTS, status=1)
    for tried, result in (("pinned the clock", "still red"), ("one part", "green, two are red")):
        project.bank("workflow", "debug", tried, "--result", result)
    project.bank("workflow", "debug", "The offset is the sum of the parts", "--result", "green")
    (project.folder / "src" / "upload.py").write_text(CODE, encoding="utf-8")


def promoted_and_proven(project: Project) -> str:
    """What took three attempts rises to a document, an observation to a pattern, and the pattern is proven."""
    suggested = project.json("promote", "--suggest")["suggestions"]
    assert [each["why"] for each in suggested] == ["finding it took 3 attempts"]
    project.bank(*shlex.split(suggested[0]["hint"])[1:], "--keep")
    project.bank("promote", "Parts are numbered from 1", "--to", "pattern", "--section", "API Patterns")
    said = project.bank("prove", "offsets add up", "--json", *COVERS, "--", *TESTS)
    ident = str(json.loads(said)["id"])
    project.bank("workflow", "task", "t1", "--evidence", f"^{ident}")
    return ident


def interrupted(project: Project) -> None:
    """The context is lost in the middle; a process that knows nothing goes on."""
    project.bank("checkpoint", "--reason", "precompact")
    capsule = project.bank("handoff")
    assert "Uploads survive a cut" in capsule
    found = project.fresh("workflow", "resume")
    assert ([each["id"] for each in found["ready"]], found["phase"], found["done_count"]) == (["t2"], "build", 1)
    assert (found["note_count"], found["last_attempt"]["number"]) == (8, 3)
    project.bank("workflow", "finish", status=5)
    project.bank(*shlex.split(found["hint"])[1:], "--why", "next year")


def finished(project: Project, proof: str) -> None:
    done = project.json("workflow", "finish", "--changed", "Offsets are stored - src/upload.py")
    assert done["stuck"] == []
    assert [each for each in done["settled"] if each["same_as"]] == []
    (close,) = [each for each in done["settled"] if each["similar"]]
    assert "Proxies cut" in close["similar"]
    assert project.lines("activeContext.md#Decisions") == ["- Parts: kept for a day"]
    assert project.lines("activeContext.md#Recent Changes")[-1].endswith("] Offsets are stored - src/upload.py")
    assert "- WAL mode needs a local disk" in project.lines("patterns.md#Common Gotchas")
    assert project.lines("progress.md#Completed")[0].endswith(f"(^{proof})")
    text = "".join(each.read_text(encoding="utf-8") for each in (project.folder / ".memorybank").glob("*.md"))
    assert "[DEBUG-" not in text


def found_again(project: Project, proof: str) -> None:
    """Processes that come after find everything, and every file is sound."""
    assert project.fresh("workflow", "resume")["status"] == "finished"
    tasks = project.fresh("hydrate")["tasks"]
    assert [each["subject"] for each in tasks] == ["Resume from it", "Tell of it in the README"]
    assert tasks[1]["blocked_by"] == [tasks[0]["id"]]
    back = json.dumps([{**tasks[0], "status": "completed", "evidence": "src/upload.py"}])
    project.fresh("hydrate", "--sync", "-", text=back)
    assert [each["subject"] for each in project.json("hydrate")["tasks"]] == ["Tell of it in the README"]
    for words, file in (
        ("proxies cut", "activeContext.md"),
        ("WAL local disk", "patterns.md"),
        ("numbered from", "patterns.md"),
        ("sum of the parts", "docs/solutions/"),
        ("offsets add up", "progress.md"),
        ("kept for a day", "activeContext.md"),
        ("retries bounded", "activeContext.md"),
    ):
        hits = project.fresh("search", words)["hits"]
        assert any(file in json.dumps(each) for each in hits), words
    assert [each["state"] for each in project.json("verify")["evidence"]] == ["fresh", "fresh"]
    assert project.bank("load").count("WAL mode needs a local disk") == 1
    assert project.bank("check") == "no findings\n"
    assert proof in project.bank("show", "progress.md#Verification")
    project.bank("doctor")
    project.bank("history")
