"""The machine refuses: a typed refusal with a documented status, the file as it was, and all well afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.tracing import CHANGING, LOOKING, Call, Run, need_strace, run_traced
from tests.running import FULL, MODULE, REFUSALS, bank, bank_process, environment, findings, make_bank, sampled

if TYPE_CHECKING:
    from collections.abc import Callable

ERRORS = ("ENOSPC", "EACCES", "EIO", "EINTR")
PR_CAPBSET_DROP = 24
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC\n\Z")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the faults of POSIX systems")


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Give the code of a refusal that came in the documented form; anything else fails the test."""
    text = done.stdout + done.stderr
    assert "Traceback" not in text, text
    assert done.returncode in REFUSALS, text
    if "--json" in done.args:
        return str(json.loads(done.stdout)["error"]["code"])
    found = re.search(r"^error: .* \[([\w-]+)\]$", done.stderr, re.MULTILINE)
    assert found, text
    return found[1]


def temps(folder: Path) -> list[str]:
    return [each.name for each in folder.rglob("*") if each.name.endswith(".tmp") or ".saved-" in each.name]


def works_again(project: Path, token: str) -> None:
    done = bank(project, "note", token)
    assert done.returncode == 0, done.stderr
    assert f"- {token}\n" in (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
    assert temps(project / ".memorybank") == []


def settle(project: Path) -> None:
    """Let the files be an hour old: a fresh one is waited for, and the calls of two runs would not be the same."""
    for each in (project / ".memorybank").rglob("*"):
        os.utime(each, (time.time() - 3600, time.time() - 3600))


def points_of(project: Path) -> list[Call]:
    """Give every system call that one note makes on the bank's files."""
    settle(project)
    run = run_traced(project, "note", "token-traced", calls=f"{CHANGING},{LOOKING}")
    assert run.status == 0, run.err
    # close always closes, whatever it answers
    return [each for each in run.calls if each.name != "close"]


def problem_of(run: Run, old: str, now: str, token: str) -> str:
    """Say what is wrong with a run in which a call failed: nothing when it was refused well, or went well."""
    if "Traceback" in run.err:
        return "a traceback"
    if run.status == 0:
        kept = STAMP.sub("", now.replace(f"- {token}\n", "", 1)) == STAMP.sub("", old)
        return "" if kept and f"- {token}\n" in now else "a false success"
    if run.status not in REFUSALS or not re.search(r"^error: .* \[[\w-]+\]$", run.err, re.MULTILINE):
        return f"status {run.status} is no typed refusal"
    return "" if now == old else "refused, and the file is not as it was"


@pytest.mark.parametrize("error", ERRORS)
def test_each_file_system_call_fails_in_turn(tmp_path: Path, error: str) -> None:
    """All of them in a full run; otherwise every eightieth, another one with each error."""
    need_strace()
    project = tmp_path / "project"
    path = make_bank(project, 5_000) / "activeContext.md"
    bank(project, "note", "token-first")
    points = points_of(project)
    assert {"openat", "write", "fsync", "renameat2", "newfstatat", "read"} <= {each.name for each in points}
    hit = 0
    problems = []
    chosen = points if FULL else points[ERRORS.index(error) * 20 :: 80]
    for number, point in enumerate(chosen):
        old = path.read_text(encoding="utf-8")
        token = f"token-{error}-{number}"
        settle(project)

        run = run_traced(
            project,
            "note",
            token,
            calls=f"{CHANGING},{LOOKING}",
            inject=f"{point.name}:error={error}:when={point.number}",
        )

        hit += any("(INJECTED)" in call.text for call in run.calls)
        problem = problem_of(run, old, path.read_text(encoding="utf-8"), token)
        if problem:
            problems.append(f"{problem} at {point.name} {point.number}: {point.text[:200]}\n{run.out}{run.err}")
        if number % 4 == 0 or FULL:
            works_again(project, f"{token}-next")
    assert problems == []
    # the calls of two runs are the same but for a few
    assert hit >= len(chosen) // 2
    works_again(project, "token-last")
    rows = json.loads(bank(project, "history", "--limit", "100000", "--json").stdout)["operations"]
    noted = [row["state"] for row in rows if row["verb"] == "note"]
    tokens = re.findall(r"^- token-.*", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(tokens) == len(set(tokens)) == noted.count("done")
    assert findings(project) == []


def obey_modes() -> None:
    """Let modes concern this process as well when it is the superuser's: drop the rights to pass them over."""
    if os.geteuid() == 0 and sys.platform == "linux":
        import ctypes

        library = ctypes.CDLL(None)
        for right in range(4):  # chown, override, read-search, owner
            library.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def under(limits: Callable[[], None], project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `bank` in a process that has first set its own limits."""
    return subprocess.run(
        [*MODULE, *words],
        cwd=project,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limits,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "project"
    make_bank(folder, 5_000)
    bank(folder, "note", "token-first")
    return folder


@pytest.fixture
def project(tmp_path: Path, made: Path) -> Path:
    """Give a project with a bank that has been written to."""
    return shutil.copytree(made, tmp_path / "project")


@pytest.mark.skipif(os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"), reason="the superuser")
@pytest.mark.parametrize("what", [".memorybank", ".memorybank/.state", ".memorybank/activeContext.md"])
def test_read_only_places(project: Path, what: str) -> None:
    path = project / ".memorybank" / "activeContext.md"
    old = path.read_bytes()
    place = project / what
    modes = {each: each.stat().st_mode for each in (place, *(place.iterdir() if what.endswith(".state") else ()))}
    for each, mode in modes.items():
        each.chmod(mode & 0o7555)

    assert under(obey_modes, project, "load").returncode == 0
    done = under(obey_modes, project, "note", "token-refused")

    for each, mode in modes.items():
        each.chmod(mode)
    assert refusal(done) == "permission"
    assert path.read_bytes() == old
    works_again(project, "token-again")


@pytest.mark.parametrize("limit", [0, 1, 4_096, 5_500])
def test_a_limit_on_the_size_of_files(project: Path, limit: int) -> None:
    path = project / ".memorybank" / "activeContext.md"
    journal = project / ".memorybank" / ".state" / "journal.jsonl"
    old, begun = path.read_bytes(), journal.stat().st_size
    assert max(len(old), begun) > limit or limit > 5_000

    def limited() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    done = under(limited, project, "note", "token-refused")

    if done.returncode:
        assert refusal(done) == "disk"
        assert path.read_bytes() == old
    else:
        assert path.read_bytes().count(b"- token-refused\n") == 1
    works_again(project, "token-again")


def link_out(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def dangling(place: Path, outside: Path) -> None:
    place.symlink_to(outside.with_name("nothing-there"))


def circle(place: Path, outside: Path) -> None:
    place.symlink_to(place.name)


def pipe(place: Path, outside: Path) -> None:
    os.mkfifo(place)


def folder(place: Path, outside: Path) -> None:
    place.mkdir()


@pytest.mark.parametrize("plant", [link_out, dangling, circle, pipe, folder])
@pytest.mark.parametrize("name", ["activeContext.md", ".state/lock", ".state/journal.jsonl", "bank.toml"])
def test_planted_in_place_of_a_file(project: Path, name: str, plant: Callable[[Path, Path], None]) -> None:
    """Never followed out of the project, never waited for, never written to: refused, and fine once it is away."""
    outside = project.parent / "outside.md"
    outside.write_bytes(b"# not ours\n\n## Learnings\n\n- theirs\n")
    context = project / ".memorybank" / "activeContext.md"
    place = project / ".memorybank" / name
    aside = project.parent / "aside"
    old = context.read_bytes()
    place.rename(aside)
    plant(place, outside)

    for words in (["note", "token-refused"], ["history"] if ".state" in name else ["check"]):
        done = bank(project, *words, timeout=60)
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode in {0, *REFUSALS}, (words, done.stdout, done.stderr)
        if words[0] == "note":
            assert refusal(done) in {"outside", "not-a-file", "no-file", "config", "disk", "permission"}, done.stderr

    assert outside.read_bytes() == b"# not ours\n\n## Learnings\n\n- theirs\n"
    assert not (project.parent / "nothing-there").exists()
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    else:
        place.unlink()
    aside.rename(place)
    assert context.read_bytes() == old
    works_again(project, "token-again")


@pytest.mark.parametrize(
    "settings",
    sampled(
        [
            {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            {"LC_ALL": "POSIX"},
            {"LC_ALL": "xx_XX.nonsense"},
            {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            {"PYTHONIOENCODING": "utf-16"},
            {"PYTHONIOENCODING": "latin-1"},
            {"PYTHONUTF8": "1"},
        ],
        2,
    ),
    ids=lambda each: ",".join(f"{name}={value}" for name, value in each.items()),
)
def test_odd_locales(project: Path, settings: dict[str, str]) -> None:
    """What is said is UTF-8, whatever the surroundings claim; the file holds what was typed."""
    text = "naïve — 東京 🗼"
    done = bank_process(project, "note", text, env=settings)
    if done.returncode and settings.get("PYTHONUTF8") == "0":
        # Python was told to read its arguments as ASCII: what was typed cannot be known for certain
        assert refusal(done) == "text"
        return
    assert done.returncode == 0, done.stderr
    assert f"- {text}\n" in (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")

    shown = bank_process(project, "show", "activeContext.md#Learnings", env=settings)
    assert shown.returncode == 0, shown.stderr
    assert text in shown.stdout
    piped = bank_process(project, "note", "-", text=f"{text} too", env=settings)
    assert piped.returncode == 0, piped.stderr
    assert f"- {text} too\n" in (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
    missing = bank_process(project, "show", f"activeContext.md#{text}", env=settings)
    assert refusal(missing) == "no-anchor"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("words", [["load"], ["show", "progress.md"], ["history"], ["load", "--json"], ["-h"], ["-V"]])
def test_an_answer_that_cannot_be_printed(project: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*MODULE, *words],
            cwd=project,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert "could not be printed" in done.stderr
