"""`bank merge FILE`: the markers of an ordinary merge, settled with the structure known."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.team.git.marked_text import BOTH, OURS, THEIRS, base_of, parts_of, side
from tests.team.git.repo import ACTIVE, Repo, learnings, new_repo, two_branches

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")
LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "- c\r\n", "=======x\n", "<<<<<<\n"]), max_size=4).map("".join)


def marked(ours: str, theirs: str, base: str | None = None) -> str:
    middle = "" if base is None else f"||||||| base\n{base}"
    return f"<<<<<<< ours\n{ours}{middle}=======\n{theirs}>>>>>>> theirs\n"


@given(st.lists(st.tuples(LINES, LINES, LINES, LINES), max_size=3), LINES, st.booleans())
def test_the_sides_of_a_text_with_markers(blocks: list[tuple[str, str, str, str]], end: str, has_base: bool) -> None:
    text = "".join(before + marked(ours, theirs, base if has_base else None) for before, ours, theirs, base in blocks)
    parts = parts_of(text + end)
    assert parts is not None
    assert side(parts, OURS) == "".join(before + ours for before, ours, _, _ in blocks) + end
    assert side(parts, THEIRS) == "".join(before + theirs for before, _, theirs, _ in blocks) + end
    assert side(parts, BOTH) == "".join(before + ours + theirs for before, ours, theirs, _ in blocks) + end
    if has_base or not blocks:
        assert base_of(parts) == "".join(before + base for before, _, _, base in blocks) + end
    else:
        assert base_of(parts) is None


def test_an_example_in_a_code_fence_is_text(tmp_path: Path) -> None:
    """As for `bank check`; a side that is chosen for a merge beside it does not touch it."""
    repo = new_repo(tmp_path / "repo")
    example = "Git writes:\n\n```text\n" + marked("x\n", "y\n") + "```\n\n"
    repo.write("docs/x.md", example)
    assert "no unresolved merge" in repo.bank("merge", "docs/x.md", "--theirs")
    repo.write("docs/x.md", example + marked("1\n", "2\n"))
    repo.bank("merge", "docs/x.md", "--theirs")
    assert repo.text("docs/x.md") == f"{example}2\n"


def test_a_merge_that_git_left_in_a_code_fence_is_one(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    texts = [f"```text\n1\n2\n{word}\n4\n5\n```\n" for word in ("base", "ours", "theirs")]
    repo.write("docs/x.md", texts[0])
    repo.git("add", ".")
    repo.git("commit", "-q", "-m", "base")
    repo.git("checkout", "-q", "-b", "topic")
    for text, branch in ((texts[2], "main"), (texts[1], "")):
        repo.write("docs/x.md", text)
        repo.git("commit", "-q", "-a", "-m", "side")
        repo.git(*(("checkout", "-q", branch) if branch else ("merge", "topic")), status=None)
    assert repo.text("docs/x.md").startswith("```text\n1\n2\n<<<<<<<")
    repo.bank("merge", "docs/x.md", "--ours")
    assert repo.text("docs/x.md") == texts[1]


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< a\nx\n=======\ny\n",
        "x\n>>>>>>> b\n",
        "<<<<<<< a\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n",
        "<<<<<<< a\nx\n>>>>>>> b\n",
        "<<<<<<< a\n",
    ],
)
def test_markers_without_a_counterpart(tmp_path: Path, text: str) -> None:
    """Nobody can tell the sides: the file is left as it is, and the status says so."""
    parts = parts_of(text)
    assert parts is None or side(parts, OURS)
    repo = new_repo(tmp_path / "repo")
    repo.write("docs/x.md", text)
    if parts is None:
        assert "has no counterpart" in repo.bank("merge", "docs/x.md", status=5)
    assert repo.text("docs/x.md") == text


@pytest.fixture
def clash(tmp_path: Path) -> Repo:
    """Give a repository without the driver in which git has left markers."""
    repo = new_repo(tmp_path / "repo", driver=False)
    two_branches(repo, ["ours"], ["theirs"])
    repo.git("merge", "-q", "other", status=1)
    return repo


def test_what_git_left_is_settled_from_its_index(clash: Repo) -> None:
    said = json.loads(clash.bank("merge", ACTIVE, "--json"))
    assert [row["sides"] for row in said["files"]] == ["index"]
    assert sorted(learnings(clash.text())) == sorted(["one", "two", "three", "ours", "theirs"])
    clash.git("add", "-A")
    clash.git("commit", "-q", "--no-edit")
    clash.bank("undo")
    assert "<<<<<<< HEAD" in clash.text()


def test_a_dry_run(clash: Repo) -> None:
    before = clash.text()
    assert "-<<<<<<< HEAD" in clash.bank("merge", "activeContext.md", "--dry-run")
    assert clash.text() == before


def test_edits_made_since_are_kept(clash: Repo) -> None:
    """The sides then come from the text."""
    text = clash.text().replace("- two\n", "- two, corrected\n").replace("- ours\n", "- ours, corrected\n")
    clash.write(ACTIVE, text)
    said = json.loads(clash.bank("merge", ACTIVE, "--json"))
    assert [row["sides"] for row in said["files"]] == ["markers"]
    expected = ["one", "two, corrected", "three", "ours, corrected", "theirs"]
    assert sorted(learnings(clash.text())) == sorted(expected)


def test_without_an_index_markers_with_the_text_before_are_enough(tmp_path: Path) -> None:
    """Somebody committed them."""
    repo = new_repo(tmp_path / "repo")
    repo.write(ACTIVE, repo.text().replace("- three\n", "- three\n" + marked("- ours\n", "- theirs\n", "")))
    repo.commit()
    repo.bank("merge", ACTIVE)
    assert sorted(learnings(repo.text())) == sorted(["one", "two", "three", "ours", "theirs"])


def test_without_an_index_and_the_text_before_somebody_has_to_choose(tmp_path: Path) -> None:
    """Whether a line was added on one side or deleted on the other is not known."""
    repo = new_repo(tmp_path / "repo")
    text = repo.text().replace("- three\n", "- three\n" + marked("- ours\n", "- theirs\n"))
    repo.write(ACTIVE, text)
    said = repo.bank("merge", ACTIVE, status=1)
    first = text[: text.index("<<<<<<<")].count("\n") + 1
    assert f"lines {first}-{first + 4}" in said
    assert "the text before both sides is not known" in said
    assert repo.text() == text
    repo.bank("merge", ACTIVE, "--both")
    assert learnings(repo.text()) == ["one", "two", "three", "ours", "theirs"]


EDITED = marked("- two, ours\n", "- two, theirs\n", "- two\n")


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("--ours", ["one", "two, ours", "three"]),
        ("--theirs", ["one", "two, theirs", "three"]),
        ("--both", ["one", "two, ours", "two, theirs", "three"]),
    ],
)
def test_what_is_left_is_decided(tmp_path: Path, option: str, found: list[str]) -> None:
    """What both sides changed differently is a conflict until somebody decides."""
    repo = new_repo(tmp_path / "repo")
    repo.write(ACTIVE, repo.text().replace("- two\n", EDITED))
    said = repo.bank("merge", ACTIVE, status=1)
    assert "1 conflict left" in said
    assert "--ours" in said
    assert "<<<<<<<" in repo.text()
    repo.bank("check", status=1)
    repo.bank("merge", ACTIVE, option)
    assert learnings(repo.text()) == found
    repo.bank("check")
    repo.bank("undo")
    assert "<<<<<<<" in repo.text()


def test_a_file_without_a_merge(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    before = repo.text()
    assert "no unresolved merge" in repo.bank("merge", "activeContext")
    assert repo.text() == before
    assert "no-file" in repo.bank("merge", "nothing.md", status=3)
    assert "outside" in repo.bank("merge", "../x.md", status=5)


def test_bytes_that_are_no_utf8_and_carriage_returns(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    text = marked("- ours\n", "- theirs\n", "").replace("\n", "\r\n").encode()
    repo.write("docs/x.md", b"\xef\xbb\xbf# X\r\n\r\n- \xff\r\n" + text)
    repo.bank("merge", "docs/x.md", "--both")
    assert (repo.folder / "docs/x.md").read_bytes() == b"\xef\xbb\xbf# X\r\n\r\n- \xff\r\n- ours\r\n- theirs\r\n"


def test_json_stays_json(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    name = ".memorybank/checkpoints/x.json"
    repo.write(name, "{\n" + marked('  "note": "ours"\n', '  "note": "theirs"\n', '  "note": ""\n') + "}\n")
    before = repo.text(name)
    repo.bank("merge", name, "--both", status=5)
    assert repo.text(name) == before
    repo.bank("merge", name, "--theirs")
    assert json.loads(repo.text(name)) == {"note": "theirs"}


def test_several_files_are_one_operation(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    for name in ("a", "b"):
        repo.write(f"docs/{name}.md", "# X\n\n" + marked("- ours\n", "- theirs\n", ""))
    repo.bank("merge", "docs/a.md", "docs/b.md", "--ours")
    repo.bank("undo")
    assert "<<<<<<<" in repo.text("docs/a.md")
    assert "<<<<<<<" in repo.text("docs/b.md")


def test_a_copy_beside_the_file(tmp_path: Path) -> None:
    """There is no common text, so only what is added on one side is certain."""
    repo = new_repo(tmp_path / "repo")
    copy = ".memorybank/activeContext (copy).md"
    repo.write(copy, repo.text().replace("- three\n", "- three\n- theirs\n"))
    repo.bank("merge", "activeContext.md", "--with", copy)
    assert learnings(repo.text()) == ["one", "two", "three", "theirs"]
    assert not (repo.folder / copy).exists()
    repo.bank("undo")
    assert (repo.folder / copy).exists()
    assert "is the same file" in repo.bank("merge", "activeContext.md", "--with", ACTIVE, status=5)


def test_a_secret_is_refused(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    repo.write("docs/a.md", "# A\n\n- one\n")
    repo.write("docs/b.md", f"# A\n\n- one\n- {token}\n")
    repo.bank("merge", "docs/a.md", "--with", "docs/b.md", "--keep", status=5)
    assert token not in repo.text("docs/a.md")
