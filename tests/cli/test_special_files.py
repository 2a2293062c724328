"""A pipe, a socket, a device, a folder or a broken link in a bank's folders stops no command, and is named."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from tests.running import FULL, bank, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETUP = (
    ("save", "The API answers 429", "--type", "fact"),
    ("decide", "Use JWT"),
    ("bug", "new", "It hangs", "--severity", "low"),
    ("session", "start", "--label", "auth"),
    ("session", "message", "user", "hello"),
    ("group", "create", "uploads"),
    ("plan", "new", "Chunked uploads"),
    ("log", "the first day"),
    ("paf", "add", "AUTH", "Tokens live an hour"),
    ("checkpoint", "add", "half way"),
    ("workflow", "start", "BUILD", "Uploads", "--id", "wf-up"),
    ("note", "It is queued", "--role", "read-only"),
    ("summary", "set", "project_name=demo"),
)
READING = """
load
load --for session-start
load --for list
load --stage implement --query api
status
outline
show decisions
search api
headings learnings
list
list --archived
tags
types
bug list
paf list
paf check
log
artifact list
sessions
session show
session load
group list
workflow list
workflow show
notes list
checkpoint list
summary show
plan list
design list
research list
skills
index --force
check
doctor
review
history
diff
blame activeContext.md#Learnings
wrap-up
handoff
hydrate
gate implement
verify
task list
promote --suggest
cleanup --older-than 30 --type fact --dry-run
rotate --dry-run
migrate --dry-run
export --to ../out
note another line
undo
""".strip().split("\n")
# where it is one of what they list; check looks everywhere
NAMING = {
    "memories/fact": ("list", "check", "export --to ../out"),
    "memories/bug": ("bug list", "check", "export --to ../out"),
    "sessions": ("sessions", "check", "export --to ../out"),
    "groups": ("group list", "check", "export --to ../out"),
    "checkpoints": ("checkpoint list", "export --to ../out"),
    "workflows": ("workflow list",),
    "workflows/notes": ("notes list",),
}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    # the name of a socket is limited to 108 characters
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def device(path: Path) -> None:
    """Make /dev/zero, which never ends."""
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only the superuser makes devices")


def folder(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.md")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def some(first: int, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return every line in a full run, else one in four from `first` on, and those that must be there."""
    return [line for number, line in enumerate(READING) if FULL or (number + first) % 4 == 0 or line in but]


KINDS = (pipe, unix_socket, device, folder, dangling, loop, endless)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("special") / "project"
    project.mkdir()
    make_bank(project)
    for words in SETUP:
        assert bank(project, *words).returncode == 0, words
    return project


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "project")
    return tmp_path / "project"


@pytest.mark.parametrize("make", KINDS)
def test_no_command_hangs_or_fails(project: Path, make: Callable[[Path], None]) -> None:
    home = project / ".memorybank"
    folders = [home, *(each for each in home.rglob("*") if each.is_dir() and ".state" not in each.parts)]
    for each in (*folders, project / "docs/plans"):
        for end in (".md", ".json", ".jsonl"):
            if end == ".md" or each not in (home, project / "docs/plans"):
                make(each / f"special{end}")
    said = {}
    for line in some(KINDS.index(make), but=sum(NAMING.values(), ())):
        done = bank(project, *shlex.split(line), timeout=60)
        said[line] = done.stdout + done.stderr
        # 2: the line above is no command
        assert done.returncode not in (2, 7, 70), (line, done.stderr)
    if make in (pipe, unix_socket, device):
        for place, lines in NAMING.items():
            for line in lines:
                assert f"{place}/special." in said[line], (place, line, said[line])


@pytest.mark.parametrize(
    "name",
    [
        "development_log.md",
        "pafs.md",
        "summary.json",
        "sessions/*.md",
        "sessions/*.jsonl",
        "memories/decision/*.md",
        "workflows/wf-up.json",
        "workflows/notes/*.json",
        "checkpoints/*.json",
        "progress.md",
        "bank.toml",
        ".state/journal.jsonl",
        ".state/index.sqlite",
    ],
)
def test_a_file_that_became_a_pipe_is_named_by_what_needs_it(project: Path, name: str) -> None:
    home = project / ".memorybank"
    bank(project, "search", "api")
    path = next(iter(home.glob(name)), home / name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    for line in some(len(name)):
        done = bank(project, *shlex.split(line), timeout=60)
        assert done.returncode != 70, (line, done.stderr)
        if done.returncode == 7:
            assert path.name in done.stdout + done.stderr, (line, done.stderr)
