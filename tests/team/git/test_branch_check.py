"""`bank merge --check`: a merge where no driver runs, before it is made and after it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import make_bank
from tests.team.git.repo import ACTIVE, Repo, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")


def checked(repo: Repo, revision: str, status: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(repo.bank("merge", "check", revision, "--json", status=status))
    return found


def everything(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def edited(repo: Repo, old: str, new: str, message: str = "edit") -> None:
    text = repo.text()
    assert old in text
    repo.write(ACTIVE, text.replace(old, new))
    repo.commit(message)


def test_a_merge_that_git_alone_would_stop_at(tmp_path: Path) -> None:
    """With or without the attributes and the driver."""
    repo = new_repo(tmp_path / "my repo", driver=False)
    two_branches(repo, ["ours"], ["theirs"])
    found = checked(repo, "other", 0)
    assert (found["merge"], found["ok"]) == ("would-be", True)
    assert [(row["file"], row["conflict"], row["text_merge"]) for row in found["files"]] == [
        ("activeContext.md", False, "conflict")
    ]
    assert "git alone would stop" in repo.bank("merge", "--check", "other")
    assert "git alone would stop" in repo.bank("merge", "--check=other")


def test_a_merge_without_anything_to_say(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, [], ["theirs"])
    assert "merges without conflicts, as text too" in repo.bank("merge", "--check", "other")
    assert checked(repo, "other", 0)["files"] == []


def test_a_real_conflict(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.git("checkout", "-q", "-b", "other")
    edited(repo, "- two\n", "- two, theirs\n")
    repo.git("checkout", "-q", "main")
    edited(repo, "- two\n", "- two, ours\n")
    found = checked(repo, "other", 1)
    assert [(row["conflict"], row["text_merge"]) for row in found["files"]] == [(True, "conflict")]
    assert len(found["files"][0]["conflict_lines"]) == 1
    assert "conflict" in repo.bank("merge", "--check", "other", status=1)


def test_a_merge_as_text_that_doubles_a_line(tmp_path: Path) -> None:
    """Both moved the same line, each to another place: git alone has it twice and says nothing."""
    repo = new_repo(tmp_path / "repo")
    rows = [f"row {number}" for number in range(12)]
    edited(repo, "- three\n", "".join(f"- {each}\n" for each in ["three", *rows]), "rows")
    repo.git("checkout", "-q", "-b", "other")
    edited(repo, "- row 1\n", "- row 1\n- row 6\n", "moved up")
    text = repo.text()
    repo.write(ACTIVE, text[: text.rindex("- row 6\n")] + text[text.rindex("- row 6\n") :].replace("- row 6\n", "", 1))
    repo.commit("moved up")
    repo.git("checkout", "-q", "main")
    edited(repo, "- row 6\n", "")
    edited(repo, "- row 11\n", "- row 11\n- row 6\n")
    found = checked(repo, "other", 1)
    assert [row["text_merge"] for row in found["files"]] == ["wrong"]
    assert found["files"][0]["faults"] == [{"kind": "doubled", "line": "- row 6"}]
    assert "doubled: - row 6" in repo.bank("merge", "--check", "other", status=1)


def test_nothing_is_written(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    before = everything(repo.folder)
    checked(repo, "other", 0)
    repo.git("merge", "-q", "--no-edit", "other")
    after_merge = everything(repo.folder)
    checked(repo, "HEAD", 0)
    assert everything(repo.folder) == after_merge
    assert before.keys() <= after_merge.keys()


def test_a_merge_that_was_made(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("merge", "-q", "--no-edit", "other")
    assert "the merge loses nothing" in repo.bank("merge", "--check", "HEAD")
    repo.learn("later")
    repo.commit()
    assert checked(repo, "HEAD~1", 0)["merge"] == "made"
    assert checked(repo, "HEAD", 0)["merge"] == "nothing"
    assert checked(repo, "other", 0)["merge"] == "nothing"


def test_a_merge_that_lost_doubled_and_revived_lines(tmp_path: Path) -> None:
    """As whoever solved the conflict on a web page left it."""
    repo = new_repo(tmp_path / "repo")
    repo.git("checkout", "-q", "-b", "other")
    edited(repo, "- two\n", "")
    repo.learn("theirs")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.learn("ours")
    repo.commit()
    repo.git("merge", "-q", "--no-commit", "other")
    text = repo.text().replace("- theirs\n", "").replace("- three\n", "- two\n- three\n- three\n- words of my own\n")
    repo.write(ACTIVE, text)
    repo.commit("merged by hand")
    found = checked(repo, "HEAD", 1)
    assert sorted((each["kind"], each["line"]) for each in found["files"][0]["faults"]) == [
        ("doubled", "- three"),
        ("lost", "- theirs"),
        ("revived", "- two"),
    ]
    assert "lost: - theirs" in repo.bank("merge", "--check", "HEAD", status=1)


def test_a_conflict_that_was_solved(tmp_path: Path) -> None:
    """Either side is right, and so is a text between them."""
    repo = new_repo(tmp_path / "repo")
    repo.git("checkout", "-q", "-b", "other")
    edited(repo, "- two\n", "- two, theirs\n")
    repo.git("checkout", "-q", "main")
    edited(repo, "- two\n", "- two, ours\n")
    for solved in ("- two, ours\n", "- two, theirs\n", "- two, by both\n"):
        repo.git("merge", "-q", "other", status=1)
        start, end = repo.text().index("<<<<<<<"), repo.text().index(">>>>>>>")
        tail = repo.text()[end:].partition("\n")[2]
        repo.write(ACTIVE, repo.text()[:start] + solved + tail)
        repo.commit("solved")
        assert checked(repo, "HEAD", 0)["merge"] == "made"
        repo.git("reset", "-q", "--hard", "HEAD~1")


def test_a_record_that_one_side_archived(tmp_path: Path) -> None:
    """Git follows the renamed file, and the edit of the other side with it."""
    repo = new_repo(tmp_path / "repo")
    body = "".join(f"- line {number}\n" for number in range(20))
    repo.write(".memorybank/memories/fact/a.md", f"# A\n\n{body}")
    repo.commit()
    repo.git("checkout", "-q", "-b", "other")
    (repo.folder / ".memorybank/archive").mkdir()
    repo.git("mv", ".memorybank/memories/fact/a.md", ".memorybank/archive/a.md")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write(".memorybank/memories/fact/a.md", f"# A\n\n{body}- one more\n")
    repo.commit()
    assert checked(repo, "other", 0)["files"] == []


def test_a_file_that_one_side_deleted(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.git("checkout", "-q", "-b", "other")
    repo.git("rm", "-q", ACTIVE)
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.learn("ours")
    repo.commit()
    found = checked(repo, "other", 1)
    assert [(row["file"], row["conflict"]) for row in found["files"]] == [("activeContext.md", True)]


def test_files_of_code_are_no_business_of_ours(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    two_branches(repo, [], ["theirs"])
    repo.write("code.py", "ours\n")
    repo.commit()
    repo.git("checkout", "-q", "other")
    repo.write("code.py", "theirs\n")
    repo.commit()
    assert checked(repo, "main", 0)["files"] == []


def test_a_linked_worktree_and_a_project_below_the_top(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    inner = repo.folder / "some app"
    inner.mkdir(parents=True)
    repo.git("init", "-q")
    made = new_repo(tmp_path / "made", driver=False)
    make_bank(inner)
    project = Repo(inner)
    project.write(ACTIVE, made.text())
    project.commit("start")
    two_branches(project, ["ours"], ["theirs"])
    assert [row["file"] for row in checked(project, "other", 0)["files"]] == ["activeContext.md"]
    repo.git("worktree", "add", "-q", "-b", "third", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked" / "some app")
    assert [row["file"] for row in checked(linked, "other", 0)["files"]] == ["activeContext.md"]


@pytest.mark.parametrize("revision", ["nothing", "--output=x", "main:README.md", "", "x y"])
def test_a_revision_that_is_none(tmp_path: Path, revision: str) -> None:
    repo = new_repo(tmp_path / "repo")
    said = repo.bank("merge", "check", "--", revision, status=5)
    assert "is no branch or commit here" in said
    assert not (repo.folder / "x").exists()


def test_several_branches_at_once(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    for name in ("one", "two"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.write(name, name)
        repo.commit()
    repo.git("checkout", "-q", "main")
    repo.learn("ours")
    repo.commit()
    repo.git("merge", "-q", "--no-edit", "one", "two")
    assert "merged 3 branches at once" in repo.bank("merge", "--check", "HEAD", status=5)


def test_without_a_common_commit(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("another start")
    assert "unrelated" in repo.bank("merge", "--check", "main", status=8)
