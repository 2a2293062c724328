"""The merge driver as git runs it: whatever goes wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.team.git.driver_set_up import driver_command
from tests.running import MODULE, environment
from tests.team.git.repo import ACTIVE, Repo, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")


def test_a_program_that_is_gone(tmp_path: Path) -> None:
    """Git's own merge takes its place: never ours alone, with theirs silently left out."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("config", "merge.bank.driver", driver_command(["/nowhere/at all/bank"]))
    as_git_leaves_it(repo, tmp_path)


def test_a_program_that_is_killed(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    script = tmp_path / "killed"
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    script.chmod(0o755)
    repo.git("config", "merge.bank.driver", driver_command([str(script)]))
    as_git_leaves_it(repo, tmp_path)


def test_a_program_that_knows_no_such_words(tmp_path: Path) -> None:
    """As one of another version may."""
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    command = repo.git("config", "merge.bank.driver").out.strip()
    repo.git("config", "merge.bank.driver", command.replace("merge-driver --", "merge-driver --of-another-version --"))
    as_git_leaves_it(repo, tmp_path)


def as_git_leaves_it(repo: Repo, tmp_path: Path) -> None:
    plain = Repo(tmp_path / "plain")
    repo.git("clone", "-q", str(repo.folder), str(plain.folder))
    plain.git("merge", "-q", "origin/other", status=1)
    repo.git("merge", "-q", "other", status=1)
    said = [text.replace("HEAD", "ours").replace("origin/other", "theirs") for text in (plain.text(), repo.text())]
    assert said[0] == said[1]


FILES = ("base.md", "ours.md", "theirs.md")


def put(folder: Path, *texts: bytes) -> list[str]:
    for name, text in zip(FILES, texts, strict=True):
        (folder / name).write_bytes(text)
    return list(FILES)


def run_driver(folder: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[bytes]:
    driver = [*MODULE, "merge-driver", "--", *words]
    shell = ["sh", "-c", f'{before}; exec "$@"', "sh"] if before else []
    return subprocess.run([*shell, *driver], cwd=folder, env=environment(), capture_output=True, check=False)


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Git is told to stop, and the file of ours is as it was."""
    names = put(tmp_path, b"a\nb\n", b"a\nours\nb\n", b"a\nb\ntheirs\n")
    done = run_driver(tmp_path, *names, "7", ACTIVE, before="ulimit -f 0")
    assert done.returncode > 128
    assert b"cannot be written" in done.stderr
    assert (tmp_path / "ours.md").read_bytes() == b"a\nours\nb\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(FILES)


def test_a_file_of_code_is_merged_as_git_does(tmp_path: Path) -> None:
    base = b"def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    names = put(tmp_path, base, base.replace(b"1", b"10"), base + b"\n\ndef h():\n    return 3\n")
    as_git = subprocess.run(
        ["git", "merge-file", "-p", "ours.md", "base.md", "theirs.md"], cwd=tmp_path, capture_output=True, check=True
    )
    assert run_driver(tmp_path, *names, "7", "src/code.py").returncode == 0
    assert (tmp_path / "ours.md").read_bytes() == as_git.stdout


def test_a_conflict_in_a_file_of_code(tmp_path: Path) -> None:
    names = put(tmp_path, b"x = 1\n", b"x = 2\n", b"x = 3\n")
    assert run_driver(tmp_path, *names, "9", "src/code.py").returncode == 1
    assert (tmp_path / "ours.md").read_bytes() == (b"<<<<<<<<< ours\nx = 2\n=========\nx = 3\n>>>>>>>>> theirs\n")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Ours stays and it is a conflict, as git does it."""
    names = put(tmp_path, b"\0a", b"\0b", b"\0c")
    done = run_driver(tmp_path, *names, "7", ".memorybank/artifacts/picture.png")
    assert (done.returncode, (tmp_path / "ours.md").read_bytes()) == (1, b"\0b")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("7", "-x.md"), id="a name like an option"),
        pytest.param(("0", "notes.md"), id="no marker size"),
        pytest.param(("7", ".memorybank/memories/fact/ü ☃.md"), id="other letters"),
        pytest.param(("7",), id="no path"),
    ],
)
def test_words_that_git_may_pass(tmp_path: Path, words: tuple[str, ...]) -> None:
    names = put(tmp_path, b"- a\n- b\n", b"- a\n- ours\n- b\n", b"- a\n- b\n- theirs\n")
    done = run_driver(tmp_path, *names, *words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ours.md").read_bytes() == b"- a\n- ours\n- b\n- theirs\n"


def test_a_fault_of_ours_leaves_what_git_makes(tmp_path: Path) -> None:
    """A part that is missing, as in the middle of an upgrade: git has its own merge, and it counts as a conflict."""
    names = put(tmp_path, b"a\nb\n", b"a\nours\nb\n", b"a\nb\ntheirs\n")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\nsys.modules['memorybank.team.merge'] = None\n", encoding="utf-8"
    )
    done = subprocess.run(
        [*MODULE, "merge-driver", "--", *names, "7", ACTIVE],
        cwd=tmp_path,
        env=environment(PYTHONPATH=f"{broken}{os.pathsep}{environment()['PYTHONPATH']}"),
        capture_output=True,
        check=False,
    )
    assert 0 < done.returncode < 126
    assert done.stderr
    assert (tmp_path / "ours.md").read_bytes() == b"a\nours\nb\ntheirs\n"


def test_a_merge_starts_fast(tmp_path: Path) -> None:
    """Git calls the driver for each file: it loads no YAML, no Markdown parser and no database."""
    names = put(tmp_path, b"- a\n", b"- a\n- b\n", b"- a\n- c\n")
    code = (
        "import sys; from memorybank.cli.main import run; run(sys.argv[1:]);"
        "print(sorted({'yaml', 'markdown_it', 'sqlite3', 'psycopg', 'frontmatter', 'asyncio'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", code, "merge-driver", *names, "7", ACTIVE]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, check=True)
    assert done.stdout.strip() == b"[]", done
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *MODULE[1:], "merge-driver", "--", *names, "7", ACTIVE],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=True,
    )
    assert b"memorybank.team.merge" in done.stderr
    assert b" click" not in done.stderr
