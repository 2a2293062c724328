"""Every answer in JSON is what its schema says, and the schemas are those that the types say."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from memorybank import Bank
from memorybank.cli.commands.upkeep import tour
from memorybank.cli.main import cli
from memorybank.cli.options import AlreadyDone
from memorybank.facade.editing import interrupted
from memorybank.facade.schemas import answer_schema, commands, error_schema
from memorybank.facade.schemas.answers import ANSWERS
from memorybank.facade.schemas.derive import method_at, render
from memorybank.facade.schemas.names import NAMES
from memorybank.wire import to_answer, to_json
from tests.cli.test_processes import WORKING
from tests.facade.test_commands import commands as commands_of
from tests.facade.test_commands import tables
from tests.faults.writing_commands import COMMANDS as WRITING
from tests.faults.writing_commands import make_project
from tests.running import FULL, bank, folder_of, git, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.writing_commands import Project

ROOT = Path(__file__).parents[2]
# what the other tables do not run: reading, empty lists, the other forms of a command
MORE = """
sync --dry-run
sync init --dry-run
sync status
sync stats
load
load progress.md patterns.md
load activeContext.md#Learnings nothing.md
load --for session-start --mark
load --for list
load --stage plan --budget-tokens 400 --explain
load --stage implement --query redis
load --table
task reopen 'Old task 0'
show decisions
show {fact0}
show activeContext.md#Learnings
search redis --explain
search rediss
search nothingatallhere
search --type fact --limit 1
search redis --all-banks
outline
plan list
plan show uploads
research list
research show nfs
design list
design show parts
history --limit 1 --diff
undo -n 2
redo
restore activeContext.md
blame activeContext.md#Learnings
recall {fact0}
recall {fact0} --all-banks
list --limit 1
list --all-banks
list --tag nobody
open {fact0}
lineage {fact0}
tags
banks --orphans
bundle verify made.bundle
bundle apply made.bundle
cleanup --type fact --older-than 1
types
types show decision
bug list --limit 1
bug show {bug0}
log
log 'A title' -b one
paf activate AUTH-001
paf replace AUTH-001 --why old
paf deprecate AUTH-001 --why old
paf check
paf list --category NONE
trust
trust --yes
trust list
install claude-code --dry-run
install --list
uninstall codex
config get agents.writes
config path
trust revoke
artifact list
session show {session}
session load {session} --max-messages 1
session label {session} other
session update {session} --tags +auth
session resume {session}
session delete {session}
sessions --limit 1
session list --limit 1
group summary {group}
group context {group} --max-messages-per-session 1
group archive {group}
group reopen {group}
group remove {group} {session}
group list --tag nobody
workflow list
workflow resume
workflow auto
workflow auto on
gate plan
wrap-up
handoff
hydrate
notes edit {note0} 'said better'
checkpoint add --reason precompact
checkpoint list --limit 1
checkpoint show
summary show
prove 'it fails' -- false
verify
verify --all
promote --suggest
skills
headings learnings
index --force
index --repo .
check --notices
check --explain all
check --explain near-duplicate
check decision 'Cache: Redis'
check --fix
doctor
review
rotate
migrate
merge check HEAD
merge install
merge uninstall
merge status
install git --capture
uninstall git
install claude-code --dry-run
uninstall codex
banks
banks list
banks forget --missing
export --to out
import adr adr --dry-run
completion bash
version
init
item untick progress.md#Tasks 1
item list activeContext.md#Blockers
edit docs/notes.md#One --rename Uno
edit docs/notes.md#One --remove
tags rename api api
unarchive progress.md#Completed
corrections list
corrections show cor-20261120-aaaaa
corrections why cor-20261120-aaaaa
corrections load --window 10
corrections search pnpm
corrections decay --log
corrections fit
corrections label --source labelled --next 1
eval detector labelled
"""
# what is done first, where there would be nothing to do
FIRST = {
    "adopt-from": "init labelled",
    "bundle verify": "bundle create made.bundle",
    "bundle apply": "bundle create made.bundle",
    "unarchive": "rotate",
    "research show": "research new NFS",
    "design show": "design new Parts",
    "plan show": "plan new Uploads",
    "paf deprecate": "paf activate AUTH-001",
    "paf replace": "paf activate AUTH-001",
}
# of the terminal only, or for other programs
WITHOUT = {"completion", "help", "hook", "mcp", "merge-driver"}
# with a hub they are run in tests/team/hub; here, without one, they answer with an error
NEED_A_HUB = {"sync", "sync init", "sync status", "sync stats"}
WITHOUT_A_BANK = [
    "banks",
    "banks forget",
    "banks list",
    "install",
    "load",
    "trust list",
    "types",
    "types show",
    "uninstall",
    "version",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("made") / "project")


def lines(made: Project) -> Iterator[list[str]]:
    for line in (line for line, _ in WORKING.values() if line != "sync --help"):
        yield shlex.split(line.format(**made.names, python=sys.executable))
    yield from map(made.words, WRITING)
    for line in MORE.strip().split("\n"):
        yield shlex.split(line.format(**made.names))


def params_of(name: str) -> list[click.Parameter]:
    """Return the parameters of a command, those of `bank` not among them."""
    context = click.Context(cli)
    command: click.Command = cli
    for word in name.split(" "):
        found = command.get_command(context, word) if isinstance(command, click.Group) else None
        assert found is not None
        command = found
    return command.params


def command_of(words: list[str]) -> str:
    """Return the command that some words run: the longest that begins like them."""
    if words[0] == "checkpoint" and words[1:2] not in (["list"], ["show"]):
        return "checkpoint add"
    return next(name for count in (2, 1) if (name := " ".join(words[:count])) in ANSWERS)


def faults_of(answer: Any, schema: dict[str, Any]) -> list[str]:
    return [f"{each.json_path}: {each.message[:300]}" for each in Draft202012Validator(schema).iter_errors(answer)]


def check(project: Path, words: list[str], env: dict[str, str]) -> str:
    """Run some words with --json and compare the answer with the schema; return the command, "" for an error."""
    # what follows -- belongs to another command
    at = words.index("--") if "--" in words else len(words)
    done = bank(project, *words[:at], "--json", *words[at:], env=env)
    assert done.stdout, (words, done.stderr)
    answer = json.loads(done.stdout)
    if "error" in answer and "schema_version" in answer and len(answer) == 2:
        assert done.returncode != 0, words
        assert faults_of(answer, error_schema()) == [], words
        return ""
    assert faults_of(answer, answer_schema(command_of(words))) == [], words
    return command_of(words)


def test_every_answer_is_what_its_schema_says(made: Project, tmp_path: Path) -> None:
    """All commands in all tables, in a project with something to do: each answers well at least once."""
    seen = set()
    for number, words in enumerate(lines(made)):
        if words[0] in {*WITHOUT, "tour"}:
            continue
        project = tmp_path / str(number)
        shutil.copytree(made.folder, project)
        env = {"MEMORYBANK_HOME": str(tmp_path / f"home-{number}"), "EDITOR": "true", "HOME": str(tmp_path)}
        if words[0] == "merge" or "git" in words:
            git(project, "init", "-q")
            git(project, "commit", "-q", "--allow-empty", "-m", "first")
        before = FIRST.get(command_of(words))
        if before:
            bank(project, *shlex.split(before), env=env)
        seen.add(check(project, words, env))
        shutil.rmtree(project)
    assert sorted(set(ANSWERS) - seen - {"error", "already done", "tour"}) == sorted(NEED_A_HUB)


def test_a_dry_run_answers_in_the_same_form(made: Project, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(made.folder, project)
    env = {"MEMORYBANK_HOME": str(tmp_path / "home"), "EDITOR": "true"}
    before = sorted(project.rglob("*"))
    for name in WRITING:
        words = made.words(name)
        at = words.index("--") if "--" in words else len(words)
        check(project, [*words[:at], "--dry-run", *words[at:]], env)
    assert [each for each in sorted(project.rglob("*")) if ".state" not in each.parts] == [
        each for each in before if ".state" not in each.parts
    ]


def test_an_empty_bank_answers_in_the_same_form(tmp_path: Path) -> None:
    make_bank(tmp_path / "project")
    env = {"MEMORYBANK_HOME": str(tmp_path / "home"), "EDITOR": "true", "HOME": str(tmp_path)}
    lists = {"list", "sessions", "banks", "tags", "types", "skills"}
    names = [name for name in ANSWERS if name.split(" ")[-1] in lists and name != "item list"]
    more = ("history", "search x", "headings x", "verify", "doctor", "review", "status", "wrap-up", "log", "rotate")
    for name in (*names, *more, "item list activeContext.md#Blockers", "migrate", "trust", "promote --suggest"):
        assert check(tmp_path / "project", shlex.split(name), env), name


@pytest.mark.parametrize(
    "line",
    [
        "recall nothing-has-this-id",
        "show nothing.md#Here",
        "note 'x' --to patterns.md#Nowhere",
        "edit activeContext.md#Learnings --append x --expect 0000000000000000",
        "edit activeContext.md#Decisions --replace x",
        "note '## a heading'",
        "undo op-20200101-aaaaa",
        "session end",
        "task done nothing",
        "load nothing.md nor-this.md",
        "note 'ghp_0123456789abcdefghijABCDEFGHIJ012345'",
        "frobnicate",
        "note",
        "list --limit 0",
    ],
)
def test_errors_have_one_form(tmp_path: Path, line: str) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, *shlex.split(line), "--json", env={"MEMORYBANK_HOME": str(tmp_path / "home")})
    assert done.returncode != 0
    answer = json.loads(done.stdout)
    assert faults_of(answer, error_schema()) == []
    assert answer["error"]["code"]


def test_no_command_with_json_is_left_out(made: Project) -> None:
    """The tables above have every command of the help that takes --json, and the others are known."""
    run = {command_of(words) for words in lines(made) if words[0] not in WITHOUT}
    assert sorted(set(commands_of(cli)) - WITHOUT - run - {"tour"}) == []
    takes = {name for name in commands_of(cli) if any("--json" in each.opts for each in params_of(name))}
    assert sorted(set(commands_of(cli)) - takes) == sorted(WITHOUT)


def test_every_command_refuses_in_one_form(made: Project, tmp_path: Path) -> None:
    """Where there is no bank, and with an option that is unknown: one object on standard output, and a status."""
    env = {"MEMORYBANK_HOME": str(tmp_path / "home"), "EDITOR": "true", "HOME": str(tmp_path / "user")}
    empty = tmp_path / "empty"
    empty.mkdir()
    first = {command_of(words): words for words in lines(made) if words[0] not in WITHOUT}
    refused = set()
    for name, words in first.items():
        done = bank(made.folder, *name.split(" "), "--unknown-option", "--json", env=env)
        answer = json.loads(done.stdout)
        assert faults_of(answer, error_schema()) == [], name
        assert (answer["error"]["code"], done.returncode) == ("usage", 2), name
        if words[0] not in {"init", "tour"}:
            refused |= {name} if not check(empty, words, env) else set()
    assert sorted(empty.rglob("*")) == []
    # the others need no bank
    assert sorted(first.keys() - refused - {"init", "tour"}) == WITHOUT_A_BANK


def test_the_tour_answers_in_its_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default with one step: tests/cli/test_processes.py goes all the way."""
    if not FULL:
        monkeypatch.setattr(tour, "_walk", lambda began: began.run("version"))
    done = bank(tmp_path, "tour", "--json", env={"TMPDIR": str(tmp_path)})
    assert json.loads(done.stdout)["count"] > 0
    assert faults_of(json.loads(done.stdout), answer_schema("tour")) == []


def test_what_a_crash_left_is_answered_in_its_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_bank(tmp_path)
    receipt = Bank.open(tmp_path).note("one")
    AlreadyDone(folder_of(tmp_path), receipt).show(as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert (faults_of(answer, answer_schema("already done")), answer["already_done"]) == ([], True)
    nothing = to_answer(interrupted(receipt))
    assert (faults_of(nothing, answer_schema("undo")), nothing["interrupted"]) == ([], True)


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("task list", lambda bank: bank.tasks.list()),
        ("item list activeContext.md#Learnings", lambda bank: bank.items.list("activeContext.md#Learnings")),
        ("history --limit 2", lambda bank: bank.history(limit=2)),
        ("blame activeContext.md#Learnings", lambda bank: bank.blame("activeContext.md#Learnings")),
        ("outline", lambda bank: bank.outline()),
        ("list --limit 1", lambda bank: bank.list(limit=1)),
        ("bug list", lambda bank: bank.bugs.list()),
        ("paf list", lambda bank: bank.pafs.list()),
        ("plan list", lambda bank: bank.plans.list()),
        ("headings learnings", lambda bank: bank.headings("learnings")),
        ("workflow list", lambda bank: bank.workflows.list()),
        ("notes list", lambda bank: bank.notes.list()),
        ("promote --suggest", lambda bank: bank.suggest_promotions()),
        ("hydrate", lambda bank: bank.hydrate()),
        ("load --for list", lambda bank: bank.triggers()),
        ("check --explain all", lambda bank: bank.rules()),
    ],
)
def test_a_list_of_the_library_is_what_the_command_prints(
    made: Project, line: str, called: Callable[[Bank], Any]
) -> None:
    done = bank(made.folder, *shlex.split(line), "--json")
    assert json.loads(to_json(called(Bank.open(made.folder)))) == json.loads(done.stdout)


def test_every_command_has_a_schema_and_a_method() -> None:
    assert sorted({*ANSWERS} - {"error", "already done"}) == sorted(set(commands_of(cli)) - WITHOUT)
    assert commands() == tuple(ANSWERS)
    rows, _ = tables()
    for command, forms in ANSWERS.items():
        for form in (each for each in forms if ":" not in each and not each[0].isupper()):
            assert method_at(form).__annotations__["return"]
            # a command that shows things of several kinds borrows the methods of other commands
            assert command == "show" or form in rows[command], (command, form)


def test_the_schemas_are_those_of_the_types() -> None:
    """Made anew by `python -m memorybank.facade.schemas`."""
    text = (ROOT / "memorybank" / "facade" / "schemas" / "answers.schema.json").read_text(encoding="utf-8")
    assert text == render()
    Draft202012Validator.check_schema(json.loads(text))


def test_every_name_is_explained_and_used() -> None:
    used: set[str] = set()
    left: list[Any] = [json.loads(render())]
    while left:
        each = left.pop()
        used |= each.get("properties", {}).keys() if isinstance(each, dict) else set()
        left += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
    assert sorted(used) == sorted(NAMES)


def test_the_page_explains_names_as_the_schemas_do() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page.split("| name | is |")[1], re.MULTILINE)
    assert len(rows) > 40
    assert rows == [(name, NAMES[name]) for name, _ in rows]


def test_every_list_has_a_count() -> None:
    for command in commands():
        schema = answer_schema(command)
        forms = [schema["$defs"][each["$ref"].rpartition("/")[2]] for each in schema.get("anyOf", ())] or [schema]
        for form in forms:
            assert {"receipt", "records"} - form["properties"].keys() or "count" in form["properties"], command


HOSTILE = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00") | st.sampled_from("\u2028\ufeff\x1b\x85\U0001f469\u200d"),
    min_size=1,
    max_size=60,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("hostile") / "project"
    make_bank(project)
    return project


@settings(max_examples=100 if FULL else 8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE, title=HOSTILE)
def test_any_text_comes_back_in_the_form_that_is_promised(hostile: Path, text: str, title: str) -> None:
    env = {"MEMORYBANK_HOME": str(hostile.parent / "home"), "EDITOR": "true"}
    check(hostile, ["note", f"x{text}"], env)
    check(hostile, ["save", f"x{text}", "--title", f"x{title}", "--metadata", f"k={text}"], env)
    check(hostile, ["task", "add", f"x{text}"], env)
    for words in (["list"], ["task", "list"], ["history", "--diff"], ["search", f"x{text}"], ["load"], ["check"]):
        assert check(hostile, words, env), words
