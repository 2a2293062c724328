"""Every command once as a real process; the other tests run the command line inside their own."""

from __future__ import annotations

import shlex
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.cli.main import COMMANDS
from tests.faults.writing_commands import make_project
from tests.running import FULL, bank, bank_process, sampled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.writing_commands import Project

# command -> words that do its work in the project, and what it then says; {names} stand for ids of the project
WORKING: dict[str, tuple[str, str]] = {
    "init": ("init", ""),
    "load": ("load", "# Active Context"),
    "note": ("note one --as gotcha", "+ - one"),
    "focus": ("focus Retries", "+ Retries"),
    "task": ("task list", "Store the offset"),
    "show": ("show activeContext.md#Learnings", "Keys expire at midnight"),
    "outline": ("outline activeContext.md", "Learnings"),
    "edit": ("edit activeContext.md#Learnings --append more", "+ - more"),
    "item": ("item list activeContext.md#Learnings", "Keys expire at midnight"),
    "set": ("set {plan} status done", "+ status: done"),
    "plan": ("plan new Uploads", "uploads.md (new)"),
    "design": ("design new Parts", "parts.md (new)"),
    "research": ("research new NFS", "nfs.md (new)"),
    "save": ("save one --type fact", "memories/fact/"),
    "recall": ("recall {fact0}", "The API answers"),
    "list": ("list", "Rate limit"),
    "update": ("update {fact0} --summary short", "updated: {fact0}"),
    "delete": ("delete {fact0}", "memories/"),
    "supersede": ("supersede {fact0} {fact1}", "superseded"),
    "deprecate": ("deprecate {fact0}", "deprecated"),
    "link": ("link {fact0} see {fact1}", "see"),
    "lineage": ("lineage {fact0}", "{fact0}"),
    "tags": ("tags", "api"),
    "cleanup": ("cleanup --type fact --older-than 1 --dry-run", ""),
    "open": ("open {fact0}", ""),
    "search": ("search redis", "Redis drops"),
    "skills": ("skills", ""),
    "headings": ("headings learnings", "Learnings"),
    "index": ("index", ""),
    "types": ("types", "fact"),
    "session": ("session show {session}", "auth"),
    "sessions": ("sessions", "auth"),
    "group": ("group list", "uploads"),
    "decide": ("decide JSON --why readable", "memories/decision/"),
    "learn": ("learn Wait", "memories/learning/"),
    "workflow": ("workflow show wf-up", "Uploads survive a cut"),
    "gate": ("gate implement", "implement may not begin"),
    "wrap-up": ("wrap-up", "loaded: not read in this session"),
    "handoff": ("handoff", "wf-up"),
    "hydrate": ("hydrate", "Store the offset"),
    "notes": ("notes list", "Agents saw it"),
    "promote": ("promote --suggest", ""),
    "demote": ("demote 'Dates are local' --why mended", "Dates are local"),
    "bug": ("bug list", "Names are cut"),
    "eval": ("eval corrections --source labelled", "retention by the judge deterministic"),
    "corrections": ("corrections status", "0 waiting"),
    "log": ("log 'a day'", "a day"),
    "prove": ("prove works -- {python} -m unittest -q suite", "works"),
    "verify": ("verify --all", ""),
    "paf": ("paf list", "AUTH-001"),
    "trust": ("trust", ""),
    "config": ("config list", "agents.writes = block"),
    "install": ("install claude-code --dry-run", "mcpServers"),
    "uninstall": ("uninstall codex", "nothing to change"),
    "mcp": ("mcp --help", "Serve the bank"),
    "audit": ("audit", ""),
    "hook": ("hook SessionStart", ""),
    "checkpoint": ("checkpoint list", "half way"),
    "artifact": ("artifact add shot.txt", "shot"),
    "export": ("export --to out --format module71", "out"),
    "import": ("import adr adr", "WAL"),
    "summary": ("summary show", "demo"),
    "banks": ("banks list", ""),
    "check": ("check", ""),
    "rotate": ("rotate", "Old task 0"),
    "unarchive": ("unarchive progress.md#Completed", "Old task 12"),
    "doctor": ("doctor", ""),
    "review": ("review --quarterly", ""),
    "merge": ("merge file activeContext.md", "no unresolved merge"),
    "merge-driver": ("merge-driver docs/notes.md docs/notes.md docs/notes.md 7 docs/notes.md", ""),
    "sync": ("sync --help", "Sync the bank with the team's hub"),
    "confirm": ("confirm {fact0}", "still true: {fact0}"),
    "onboard": ("onboard", "## Day 5: Code patterns"),
    "report": ("report", "## New memories"),
    "adopt-from": ("adopt-from labelled", "merged: progress.md"),
    "bundle": ("bundle create whole.bundle --overwrite", "wrote whole.bundle"),
    "migrate": ("migrate", ""),
    "history": ("history", "undo"),
    "undo": ("undo", "The last one"),
    "redo": ("redo", "An undone one"),
    "diff": ("diff", "The last one"),
    "restore": ("restore activeContext.md --dry-run", ""),
    "blame": ("blame activeContext.md", "Keys expire at midnight"),
    "status": ("status", ".memorybank"),
    "tour": ("tour", "all as expected"),
    "completion": ("completion bash", "_bank_completion"),
    "help": ("help task done", "bank task done"),
    "version": ("version", "bank "),
}
# what stands in the project, or is asked about it, ends with a status of its own
STATUS = {"check": 1, "gate": 1, "wrap-up": 1}
# what is run inside this process as well
TWICE = frozenset([*COMMANDS][::3])
# what is done first where there would be nothing to do
FIRST = {"unarchive": "rotate", "adopt-from": "init labelled"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("made") / "project")


def test_no_command_is_left_out() -> None:
    assert sorted(WORKING) == sorted(COMMANDS)


@pytest.mark.parametrize("command", sampled([each for each in COMMANDS if each != "tour"], 5))
def test_a_command_works_as_a_process(made: Project, tmp_path: Path, command: str) -> None:
    """A third of them also show that the same words end in the same way inside this process."""
    line, said = (each.format(**made.names, python=sys.executable) for each in WORKING[command])
    words = shlex.split(line)
    assert words[0] == command
    done = []
    runs = ((bank_process, "one"), (bank, "two"))
    for run, name in runs if FULL or command in TWICE else runs[:1]:
        project = tmp_path / name
        shutil.copytree(made.folder, project)
        env = {"MEMORYBANK_HOME": str(tmp_path / f"home-{name}"), "EDITOR": "true"}
        if command in FIRST:
            assert bank(project, FIRST[command], env=env).returncode == 0
        done.append(run(project, *words, env=env))
    assert done[0].returncode == STATUS.get(command, 0), done[0].stdout + done[0].stderr
    assert said in done[0].stdout
    for inside in done[1:]:
        assert inside.returncode == done[0].returncode
        assert len(inside.stdout.split("\n")) == len(done[0].stdout.split("\n"))
        assert len(inside.stderr.split("\n")) == len(done[0].stderr.split("\n"))


def test_the_tour_ends_well(tmp_path: Path) -> None:
    """It runs most of the commands itself, so it is run once."""
    line, said = WORKING["tour"]
    done = bank_process(tmp_path, line, env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout
    assert said in done.stdout
    assert not list(tmp_path.glob("bank-tour-*"))
