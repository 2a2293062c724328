"""What goes wrong: a status by family, a code, a sentence, the next command, and files as they were."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.cli.main import COMMANDS, cli
from tests.running import wait_until_read

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Any]

ROOT = str(Path(__file__).parents[2])
STALE = "0123456789abcdef"
LEARNINGS = "activeContext.md#Learnings"
ERRORS: list[tuple[list[str], int, str]] = [
    (["show", "nope.md"], 3, "no-file"),
    (["show", "activeContext.md#Lernings"], 3, "no-anchor"),
    (["item", "tick", LEARNINGS, "nope"], 3, "no-item"),
    (["item", "remove", LEARNINGS, "^nope"], 3, "no-item"),
    (["undo", "op-nope"], 3, "no-record"),
    (["edit", LEARNINGS, "--append", "x", "--expect", STALE], 4, "stale-edit"),
    (["edit", "twice.md#A", "--append", "x"], 4, "dup-anchor"),
    (["edit", "activeContext.md#Blockers", "--append", "a\n## B"], 5, "spill"),
    (["note", "# x"], 5, "spill"),
    (["note", "\x1b[2J"], 5, "text"),
    (["note", "x", "--as", "nope"], 5, "contract"),
    (["edit", LEARNINGS, "--replace", "x"], 5, "contract"),
    (["edit", LEARNINGS, "--remove"], 5, "contract"),
    (["show", "../x.md"], 5, "outside"),
    (["edit", "open.md#A", "--append", "x"], 5, "unterminated"),
    (["set", "broken.md", "a", "1"], 5, "front-matter"),
    (["set", "patterns.md", "due", "2024-02-30"], 5, "field"),
    (["edit", "empty.md#A", "--append", "x"], 5, "encoding"),
    (["show", "folder.md"], 7, "permission"),
    (["show", "pipe.md"], 7, "permission"),
    (["plan", "new", "# x"], 5, "text"),
    (["--bank", "/nonexistent", "status"], 3, "no-bank"),
    (["frobnicate"], 2, "usage"),
    (["note"], 2, "usage"),
    (["note", "x", "--frobnicate"], 2, "usage"),
    (["edit", LEARNINGS, "--append", "--replace", "x"], 2, "usage"),
    (["edit", LEARNINGS, "--append"], 2, "usage"),
    (["load", "--for", "decison"], 2, "usage"),
    (["undo", "--timeout", "-1"], 2, "usage"),
]


@pytest.fixture
def odd(project: Path) -> Path:
    """Give a bank that also holds files of every awkward kind."""
    folder = project / ".memorybank"
    (folder / "twice.md").write_bytes(b"# T\n\n## A\n\n## A\n")
    (folder / "open.md").write_bytes(b"# T\n\n## A\n\n```\n")
    (folder / "broken.md").write_bytes(b"---\na: [1\nb: 2\n---\n# T\n")
    (folder / "empty.md").write_bytes(b"\0\0\0\0")
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")
    return folder


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.md") if path.is_file()}


@pytest.mark.parametrize(
    ("words", "status", "code"), ERRORS, ids=[f"{code} {shlex.join(words)}"[:60] for words, _, code in ERRORS]
)
def test_an_error_has_its_status_code_and_hint(here: Run, odd: Path, words: list[str], status: int, code: str) -> None:
    before = kept(odd)
    ended = here(*words)
    assert ended.status == status
    assert ended.out == ""
    assert "Traceback" not in ended.err
    if status != 2:
        assert f"[{code}]" in ended.err
        assert "next: " in ended.err
    as_json = here(*words, "--json")
    assert as_json.status == status
    error = as_json.data["error"]
    assert error["code"] == code
    assert {"code", "message", "hint", "where"} <= set(error)
    assert error["hint"]
    assert kept(odd) == before


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["note", "x", "--to", "activeContext.md#Lernings"], "Learnings"),
        (["show", "activeContxt.md"], "activeContext.md"),
        (["note", "x", "--as", "gotha"], "bank note x --as gotcha"),
        (["edit", "activeContext.md#lastupdated", "--append", "x"], "bank show 'activeContext.md#Last Updated'"),
        (["item", "tick", LEARNINGS, "on"], "'one'"),
        (["hstory"], "Did you mean history"),
        (["load", "--for", "decison"], "Did you mean decision?"),
    ],
)
def test_a_near_miss_gives_the_name_to_use_and_writes_nothing(
    here: Run, project: Path, words: list[str], advice: str
) -> None:
    here("note", "one")
    before = kept(project / ".memorybank")
    ended = here(*words)
    assert ended.status in {2, 3, 5}
    assert advice in ended.err
    assert kept(project / ".memorybank") == before


BAD_NAMES = [
    "..",
    "../",
    "../x",
    "../x.md",
    "../../x.md",
    "../../../../../../etc/passwd",
    "../../../../../../etc/hostname.md",
    "/etc/passwd",
    "/etc/shadow",
    "//etc/passwd",
    "/dev/null",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "/proc/self/mem",
    "/tmp/../etc/passwd",
    "./../../x.md",
    "docs/../../x.md",
    "docs/../../../x.md",
    ".memorybank/../../x.md",
    "a/b/../../../../x.md",
    "....//....//x.md",
    "~/.ssh/id_rsa",
    "~root/x.md",
    "$HOME/x.md",
    ".state/journal.jsonl",
    ".state/lock",
    ".state/kept/x.z",
    ".git/config",
    ".git/hooks/pre-commit",
    "sub/.git/config",
    ".memorybank/.state/lock",
    "out.md",
    "out/x.md",
    "loop.md",
    "chain.md",
    "absolute.md",
    "dangling.md",
    "x\n.md",
    "x\r.md",
    "x\t.md",
    "x\x1b[31m.md",
    "x\x07.md",
    "x\x7f.md",
    "x\x85.md",
    "x" * 300 + ".md",
    "x/" * 3000 + "x.md",
    "",
    " ",
    ".",
]
WRITES: list[Callable[[str], list[str]]] = [
    lambda name: ["show", name],
    lambda name: ["load", name],
    lambda name: ["edit", f"{name}#A", "--append", "x"],
    lambda name: ["note", "x", "--to", f"{name}#A"],
    lambda name: ["set", name, "a", "1"],
    lambda name: ["item", "move", LEARNINGS, "one", "--to", f"{name}#A"],
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=[ascii(each)[:40] for each in BAD_NAMES])
def test_no_name_leads_out_of_the_project(here: Run, project: Path, tmp_path: Path, name: str) -> None:
    """Files around the project are there to be hit: none is read, none is changed, none is made."""
    outside = tmp_path / "x.md"
    outside.write_bytes(b"# Secret\n\n## A\n\n- treasure\n")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "x.md").write_bytes(outside.read_bytes())
    folder = project / ".memorybank"
    here("note", "one")
    for link, target in [
        ("out.md", outside),
        ("out", tmp_path / "dir"),
        ("loop.md", folder / "loop.md"),
        ("chain.md", folder / "out.md"),
        ("absolute.md", Path("/etc/passwd")),
        ("dangling.md", tmp_path / "none.md"),
    ]:
        (folder / link).symlink_to(target)
    before = kept_around(tmp_path)
    for words in WRITES:
        ended = here(*words(name))
        assert ended.status in {3, 5, 7}, ended
        assert "Traceback" not in ended.err
        assert "treasure" not in ended.out + ended.err
        assert "root:" not in ended.out + ended.err
    assert kept_around(tmp_path) == before


def kept_around(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and ".state" not in path.parts
    }


def test_there_are_many_bad_names() -> None:
    assert len(set(BAD_NAMES)) >= 40


CONTROLS = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eabc\x0b\x85\u2028"


@pytest.mark.parametrize(
    "words",
    [
        ["load", "wild.md"],
        ["outline", "wild.md"],
        ["show", "wild.md#A", "--json"],
        ["outline", "wild.md", "--json"],
        ["item", "list", "wild.md#A"],
        ["blame", "wild.md"],
        ["check", "wild.md", "--format", "github"],
        ["edit", "wild.md#A", "--append", "x", "--dry-run"],
        ["show", f"wild.md#{CONTROLS}"],
        ["show", CONTROLS],
        ["note", CONTROLS],
        ["note", "x", "--as", CONTROLS],
        [CONTROLS],
        ["load", "--for", CONTROLS],
    ],
    ids=lambda words: ascii(" ".join(words))[:40],
)
def test_no_control_character_leaves_the_program(here: Run, project: Path, words: list[str]) -> None:
    """But in what `show` gives to a pipe: see test_bytes.py."""
    text = f"# W {CONTROLS}\n\n## A\n\n- {CONTROLS} caf\udce9\n\n## B {CONTROLS}\n"
    (project / ".memorybank" / "wild.md").write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = here(*words)
    found = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", ended.out + ended.err)
    assert found == []
    assert ended.out + ended.err


@pytest.mark.parametrize(
    ("more", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_colour_is_for_terminals_that_want_it(project: Path, more: dict[str, str], coloured: bool) -> None:
    import pty

    environ = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "memorybank", "outline", "progress.md"],
        cwd=project,
        env={**environ, "TERM": "xterm", "PYTHONPATH": ROOT, **more},
        stdout=follower,
        check=True,
        timeout=60,
    )
    os.close(follower)
    data = os.read(leader, 65536)
    os.close(leader)
    assert b"Completed" in data
    assert (b"\x1b[" in data) is coloured


def test_no_colour_goes_into_a_pipe(bank: Run) -> None:
    assert "\x1b" not in bank("outline", NO_COLOR="").out


def test_a_closed_pipe_is_no_error(project: Path, bank: Run) -> None:
    """`bank load | head -1` ends quietly."""
    path = project / ".memorybank" / "patterns.md"
    path.write_bytes(path.read_bytes() + b"x" * 500_000)
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shlex.quote(sys.executable)} -m memorybank load | head -c 1 >/dev/null"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.stderr == b""
    assert ended.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["load"], ["-h"], ["status", "--json"], ["-V"]])
def test_a_full_disk_behind_standard_output_is_told(project: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "memorybank", *words],
            cwd=project,
            env={**os.environ, "PYTHONPATH": ROOT},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 7
    assert ended.stderr.startswith(b"error: the answer could not be printed")
    assert b"Traceback" not in ended.stderr


def test_a_locked_bank_names_the_holder(bank: Run, project: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from memorybank.files.write import lock\n"
        "with lock(Path('.memorybank/.state/lock'), holder='a long migration'):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=project,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        started = time.monotonic()
        ended = bank("note", "x", "--timeout", "1.2")
        assert time.monotonic() - started < 30
        assert ended.status == 6
        assert f"a long migration (pid {holder.pid})" in ended.err
        assert ended.err.startswith("waiting for a long migration")
        assert bank("note", "x", "--timeout", "0", "--json").data["error"]["code"] == "locked"
        assert bank("load").status == 0
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    assert bank("note", "x").status == 0


def test_a_read_only_file_is_refused(bank: Run, project: Path) -> None:
    path = project / ".memorybank" / "activeContext.md"
    path.chmod(0o444)
    before = path.read_bytes()
    ended = bank("note", "x")
    assert (ended.status, "[permission]" in ended.err) == (7, True)
    assert path.read_bytes() == before
    path.chmod(0o644)
    assert bank("note", "x").status == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder_can_be_read_and_not_written(bank: Run, project: Path) -> None:
    folder = project / ".memorybank"
    for path in (folder / ".state", folder):
        path.chmod(0o555)
    try:
        assert bank("load").status == 0
        assert bank("note", "x").status == 7
    finally:
        for path in (folder, folder / ".state"):
            path.chmod(0o755)


def test_an_interrupt_ends_with_130(project: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "memorybank", "note", "-"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a test run in the background passes on that interrupts are ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads here
    )
    assert started.stdin is not None
    started.stdin.write(b"half")
    started.stdin.flush()
    wait_until_read(started.stdin)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert b"Traceback" not in said


def test_a_bug_of_ours_leaves_its_traceback_in_a_file(
    here: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from memorybank.store import view as look

    def broken(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(look, "status_of", broken)
    ended = here("status")
    assert ended.status == 70
    assert "this is a bug in bank: ZeroDivisionError: boom [bug]" in ended.err
    written = list(tmp_path.glob("bank-traceback-*.txt"))
    assert len(written) == 1
    assert "ZeroDivisionError" in written[0].read_text(encoding="utf-8")
    assert here("status", "--json").data["error"]["code"] == "bug"


def test_standard_input_is_read_for_a_dash(bank: Run, project: Path) -> None:
    assert bank("note", "-", stdin=b"from a pipe\nin two lines\n").status == 0
    assert "- from a pipe in two lines\n" in (project / ".memorybank/activeContext.md").read_text(encoding="utf-8")
    assert bank("note", "-", stdin=b"caf\xe9").status == 5
    assert bank("note", "-", stdin=b"").status == 5


@pytest.mark.parametrize("words", [["- an item"], ["- [ ] a box"], ["--", "-x- is text"]], ids=str)
def test_text_may_begin_like_an_option(here: Run, words: list[str]) -> None:
    assert here("note", *words).status == 0


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, each) for each in command.list_commands(context)]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_helps_with_examples_that_parse(here: Run, words: tuple[str, ...]) -> None:
    ended = here(*words, "-h")
    assert ended.status == 0
    section = ended.out.partition("Example")[2].partition("\nOptions:")[0]
    # a line that ends with a backslash goes on in the next one
    examples = [
        line.strip() for line in section.replace("\\\n", " ").split("\n") if line.strip().startswith(("bank ", "eval "))
    ]
    assert examples
    for example in examples:
        line = re.sub(r'^eval "\$\((.*)\)"$', r"\1", example)
        typed = shlex.split(re.split(r" [<>] ", line)[0])[1:]
        parsed(typed)


def parsed(words: list[str]) -> None:
    """Parse a command line down to its command, without running it."""
    command: click.Command = cli
    context = command.make_context("bank", list(words))
    while isinstance(command, click.Group):
        left = [*context._protected_args, *context.args]  # noqa: SLF001 - click keeps the words there
        if not left and command.invoke_without_command:
            return
        name, found, rest = command.resolve_command(context, left)
        assert found is not None
        assert name is not None
        command = found
        context = command.make_context(name, rest, parent=context)
