"""`bank merge install`, `uninstall` and `status`: what they write, and that all of it goes again."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from memorybank.team.git.marked_block import BlockError, BlockName, has_block, with_block, without_block
from tests.running import make_bank
from tests.team.git.repo import ACTIVE, Repo, learnings, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")
ATTRIBUTES = ".gitattributes"
TEXTS = {
    "none": None,
    "empty": b"",
    "one line": b"*.png binary\n",
    "no end": b"*.png binary",
    "carriage returns": b"*.png binary\r\n* text=auto\r\n",
    "no end after a carriage return": b"a text\r\n*.png binary",
    "byte order mark": b"\xef\xbb\xbf*.png binary\n",
    "other letters": b"\xff\xfe.txt text\n",
    "empty lines": b"\n\n*.png binary\n\n\n",
    "end of another block": b"# memorybank:end other\n",
}
NAME = BlockName("merge", "bank merge install", "bank merge uninstall")


@pytest.mark.parametrize("before", TEXTS.values(), ids=TEXTS)
def test_the_file_is_as_it_was_after_an_uninstall(tmp_path: Path, before: bytes | None) -> None:
    repo = new_repo(tmp_path / "my repo", driver=False)
    path = repo.folder / ATTRIBUTES
    if before is not None:
        path.write_bytes(before)
    config = (repo.folder / ".git" / "config").read_bytes()
    repo.bank("merge", "install")
    assert "\nready" in repo.bank("merge", "status")
    assert "nothing to change" in repo.bank("merge", "install")
    assert path.read_bytes().startswith(before or b"")
    said = repo.git("check-attr", "merge", "--", ACTIVE, ".memorybank/memories/fact/a b.md", "README.md").out
    assert [line.rpartition(": ")[2] for line in said.splitlines()] == ["bank", "bank", "unspecified"]
    repo.bank("merge", "uninstall")
    assert (path.read_bytes() if path.exists() else None) == before
    assert (repo.folder / ".git" / "config").read_bytes() == config


@pytest.mark.parametrize("is_script", [False, True])
@pytest.mark.parametrize("before", TEXTS.values(), ids=TEXTS)
def test_a_block_and_what_is_written_around_it(before: bytes | None, is_script: bool) -> None:
    """Lines that the user adds above and below stay, and no two of them become one."""
    put = with_block(before, NAME, ("a merge=bank",), is_script=is_script)
    assert has_block(put, NAME)
    assert with_block(put, NAME, ("a merge=bank",), is_script=is_script) == put
    assert without_block(put, NAME) == before
    other = with_block(put, NAME, ("b merge=bank", "c merge=bank"), is_script=is_script)
    assert without_block(other, NAME) == before
    left = without_block(put + b"added", NAME)
    assert left is not None
    assert left.endswith(b"added")
    assert left.split(b"\n")[-1].strip() == b"added" or is_script


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda put: put.replace(b"# memorybank:end merge\n", b""), id="no end"),
        pytest.param(lambda put: put + put, id="twice"),
        pytest.param(lambda put: b"\n".join(reversed(put.split(b"\n"))), id="end first"),
    ],
)
def test_a_damaged_block_is_left(tmp_path: Path, damage: object) -> None:
    repo = new_repo(tmp_path / "repo")
    path = repo.folder / ATTRIBUTES
    damaged = damage(path.read_bytes())  # type: ignore[operator]
    path.write_bytes(damaged)
    with pytest.raises(BlockError):
        has_block(damaged, NAME)
    for action in ("install", "uninstall"):
        assert "not one beginning and one end" in repo.bank("merge", action, status=5)
    assert path.read_bytes() == damaged


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", driver=False)
    config = (repo.folder / ".git" / "config").read_bytes()
    assert "+/.memorybank/**/*.md merge=bank" in repo.bank("merge", "install", "--dry-run")
    assert not (repo.folder / ATTRIBUTES).exists()
    assert (repo.folder / ".git" / "config").read_bytes() == config


def test_another_driver_of_the_user(tmp_path: Path) -> None:
    """It is not replaced unasked."""
    repo = new_repo(tmp_path / "repo", driver=False)
    repo.write(ATTRIBUTES, "*.md merge=union\n")
    assert "merge=union" in repo.bank("merge", "install", status=5)
    assert repo.text(ATTRIBUTES) == "*.md merge=union\n"
    assert "not merged by it: activeContext.md" in repo.bank("merge", "status", status=1)
    repo.bank("merge", "install", "--force")
    repo.bank("merge", "status")
    repo.bank("merge", "uninstall")
    assert repo.text(ATTRIBUTES) == "*.md merge=union\n"


def test_a_link(tmp_path: Path) -> None:
    """Git does not follow one, and neither do we."""
    repo = new_repo(tmp_path / "repo", driver=False)
    repo.write("shared", "*.png binary\n")
    (repo.folder / ATTRIBUTES).symlink_to("shared")
    assert "it is a link to shared" in repo.bank("merge", "install", status=5)
    assert repo.text("shared") == "*.png binary\n"


def test_without_a_repository(tmp_path: Path) -> None:
    make_bank(tmp_path)
    said = Repo(tmp_path).bank("merge", "install", status=8)
    assert "not in a git repository" in said
    assert not (tmp_path / ATTRIBUTES).exists()


def test_a_project_below_the_top_of_the_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.folder.mkdir()
    repo.git("init", "-q")
    inner = repo.folder / "some app"
    inner.mkdir()
    make_bank(inner)
    project = Repo(inner)
    project.bank("merge", "install")
    project.bank("merge", "status")
    project.commit("start")
    two_branches(project, ["ours"], ["theirs"])
    assert "bank" in project.git("check-attr", "merge", "--", ACTIVE).out


def test_a_submodule(tmp_path: Path) -> None:
    """It has a configuration of its own."""
    inner = new_repo(tmp_path / "inner", driver=False)
    outer = Repo(tmp_path / "outer")
    outer.folder.mkdir()
    outer.git("init", "-q")
    outer.git("submodule", "add", "-q", str(inner.folder), "sub")
    sub = Repo(outer.folder / "sub")
    sub.bank("merge", "install")
    sub.bank("merge", "status")
    assert outer.git("config", "merge.bank.driver", status=1).out == ""


def test_a_linked_worktree_has_the_configuration_of_all(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", driver=False)
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.bank("merge", "install")
    linked.bank("merge", "status")
    assert "merge-driver" in repo.git("config", "merge.bank.driver").out


def test_an_adopted_bank(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.folder.mkdir()
    repo.git("init", "-q")
    repo.bank("init", "--layout", "cline")
    repo.bank("merge", "install")
    assert "/memory-bank/**/*.md merge=bank" in repo.text(ATTRIBUTES)
    repo.bank("merge", "status")


def test_a_program_that_moved(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.git("config", "merge.bank.driver", "'/gone/my bank' merge-driver %O %A %B %L %P")
    assert "the program of the driver is gone: /gone/my bank" in repo.bank("merge", "status", status=1)
    repo.bank("merge", "install")
    repo.bank("merge", "status")


def test_the_answer_in_json(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", driver=False)
    assert json.loads(repo.bank("merge", "status", "--json", status=1))["ready"] is False
    done = json.loads(repo.bank("merge", "install", "--json"))
    assert [row["outcome"] for row in done["files"]] == ["created"]
    assert {row["name"] for row in done["config"]} == {"merge.bank.name", "merge.bank.driver", "merge.bank.recursive"}
    assert json.loads(repo.bank("merge", "status", "--json"))["ready"] is True
    assert learnings(repo.text()) == ["one", "two", "three"]
