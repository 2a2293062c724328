"""Banks of deleted worktrees are found, and their files are brought over through the merge."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import MODULE, bank, environment, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path


class Repo:
    """A repository whose bank is committed, with a linked worktree on the branch `feature`."""

    def __init__(self, folder: Path) -> None:
        self.main, self.other, self.home = folder / "app", folder / "app-feature", folder / "home"
        make_bank(self.main)
        git(self.main, "init", "-q", "-b", "main")
        self.run("note", "known to both")
        self.commit(self.main)
        git(self.main, "worktree", "add", "-q", "-b", "feature", str(self.other))
        self.run("save", "made there", "--type", "fact", "--title", "There", at=self.other)

    def run(self, *words: str, at: Path | None = None, status: int = 0) -> dict[str, Any]:
        env = {"HOME": str(self.home), "MEMORYBANK_HOME": str(self.home / "bank")}
        ended = bank(at or self.main, *words, "--json", env=env)
        assert ended.returncode == status, (words, ended.stdout, ended.stderr)
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def commit(self, folder: Path) -> None:
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "memory")

    def orphans(self) -> list[tuple[str, str]]:
        return [(each["bank_folder"], each["state"]) for each in self.run("banks", "--orphans")["orphans"]]

    def lines(self, file: str = "activeContext.md") -> list[str]:
        return (self.main / ".memorybank" / file).read_text(encoding="utf-8").split("\n")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


def test_a_worktree_that_is_there_is_no_orphan(repo: Repo) -> None:
    assert repo.orphans() == []


def test_notes_of_both_worktrees_are_put_together_from_the_common_commit(repo: Repo) -> None:
    repo.run("note", "from feature", at=repo.other)
    repo.run("item", "remove", "activeContext.md#Learnings", "known to both", at=repo.other)
    repo.commit(repo.other)
    repo.run("note", "not committed", at=repo.other)
    repo.run("note", "from main")
    before = {path: path.read_bytes() for path in repo.other.rglob("*") if path.is_file()}
    shown = repo.run("adopt-from", str(repo.other), "--dry-run")
    assert "+- not committed" in "".join(each["diff"] for each in shown["receipt"]["files"])
    done = repo.run("adopt-from", str(repo.other))
    assert (done["source"], done["branch"]) == ("folder", "feature")
    assert done["common_commit"]
    counts = [
        repo.lines().count(f"- {each}") for each in ("from main", "from feature", "not committed", "known to both")
    ]
    assert counts == [1, 1, 1, 0]
    assert list((repo.main / ".memorybank").glob("memories/fact/*.md"))
    assert {path: path.read_bytes() for path in repo.other.rglob("*") if path.is_file()} == before
    assert repo.run("adopt-from", str(repo.other))["receipt"] is None
    assert bank(repo.main, "undo").returncode == 0
    assert repo.lines().count("- from feature") == 0


def test_what_the_other_bank_does_not_have_stays(repo: Repo) -> None:
    repo.run("save", "made here", "--type", "fact", "--title", "Here")
    repo.commit(repo.main)
    repo.run("adopt-from", str(repo.other))
    assert len(list((repo.main / ".memorybank").glob("memories/fact/*.md"))) == 2


def test_a_deleted_worktree_is_found_and_its_commit_is_brought_over(repo: Repo) -> None:
    repo.run("note", "from feature", at=repo.other)
    repo.commit(repo.other)
    shutil.rmtree(repo.other)
    folder = str(repo.other / ".memorybank")
    assert repo.orphans() == [(folder, "commit")]
    shown = bank(
        repo.main, "banks", "--orphans", env={"HOME": str(repo.home), "MEMORYBANK_HOME": str(repo.home / "bank")}
    )
    assert f"bank adopt-from {folder}" in shown.stdout
    done = repo.run("adopt-from", folder)
    assert (done["source"], done["branch"]) == ("commit", "feature")
    assert repo.lines().count("- from feature") == 1
    assert repo.lines().count("- known to both") == 1


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_folder_may_be_named_from_here_as_the_page_does(repo: Repo, is_gone: bool) -> None:
    repo.commit(repo.other)
    if is_gone:
        shutil.rmtree(repo.other)
    done = repo.run("adopt-from", "../app-feature")
    assert (done["source"], done["branch"]) == ("commit" if is_gone else "folder", "feature")


def test_what_was_brought_over_and_undone_is_brought_over_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_bank(tmp_path / name)
        assert bank(tmp_path / name, "note", f"from {name}").returncode == 0
    bank(tmp_path / "two", "save", "made there", "--type", "fact", "--title", "There")

    def texts() -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in (tmp_path / "one" / ".memorybank").rglob("*.md")}

    for words in (("adopt-from", "../two"), ("undo",), ("redo",), ("undo",)):
        before = texts()
        assert bank(tmp_path / "one", *words).returncode == 0
    assert len(texts()) == len(before) - 1
    assert bank(tmp_path / "one", "adopt-from", "../two").returncode == 0
    assert texts() == before


def test_a_worktree_that_git_no_longer_knows_is_found_and_merged_by_its_journal(repo: Repo) -> None:
    repo.run("note", "from main")
    repo.run("note", "from feature", at=repo.other)
    shutil.rmtree(repo.main / ".git" / "worktrees")
    folder = repo.other / ".memorybank"
    assert repo.orphans() == [(str(folder), "folder")]
    done = repo.run("adopt-from", str(folder))
    assert done["source"] == "folder"
    counts = [repo.lines().count(f"- {each}") for each in ("from main", "from feature", "known to both")]
    assert counts == [1, 1, 1]


def test_of_a_bank_with_only_its_journal_the_last_texts_are_brought_over(repo: Repo) -> None:
    repo.run("note", "from feature", at=repo.other)
    shutil.rmtree(repo.main / ".git" / "worktrees")
    for path in (repo.other / ".memorybank").iterdir():
        if path.name != ".state":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert [state for _, state in repo.orphans()] == ["journal"]
    assert repo.run("adopt-from", str(repo.other))["source"] == "journal"
    assert repo.lines().count("- from feature") == 1
    assert [path.read_text(encoding="utf-8").count("made there") for path in _facts(repo)] == [1]


def test_a_bank_of_which_nothing_is_left_is_named_and_can_be_forgotten(repo: Repo) -> None:
    git(repo.main, "worktree", "remove", "--force", str(repo.other))
    (orphan,) = repo.run("banks", "--orphans")["orphans"]
    assert orphan["state"] == "gone"
    assert "banks forget" in orphan["command"]


def test_a_conflict_is_shown_and_ends_with_1(repo: Repo) -> None:
    for folder, word in ((repo.main, "noon"), (repo.other, "night")):
        path = folder / ".memorybank" / "activeContext.md"
        path.write_bytes(path.read_bytes().replace(b"known to both", f"known at {word}".encode()))
    done = repo.run("adopt-from", str(repo.other), status=1)
    assert [each["file"] for each in done["files"] if each["conflicts"]] == ["activeContext.md"]
    assert {"- known at noon", "- known at night"} <= set(repo.lines())


def test_a_bank_of_no_common_repository_keeps_both(tmp_path: Path) -> None:
    make_bank(tmp_path / "one")
    make_bank(tmp_path / "two")
    bank(tmp_path / "one", "note", "from one")
    bank(tmp_path / "two", "note", "from two")
    done = bank(tmp_path / "one", "adopt-from", "../two", "--json")
    assert done.returncode in {0, 1}
    text = (tmp_path / "one/.memorybank/activeContext.md").read_text(encoding="utf-8")
    assert text.count("- from one\n") == text.count("- from two\n") == 1


@pytest.mark.parametrize(("folder", "code"), [(".", "field"), ("nowhere", "no-bank"), ("/", "no-bank")])
def test_a_folder_without_another_bank_is_refused(tmp_path: Path, folder: str, code: str) -> None:
    make_bank(tmp_path / "one")
    refused = bank(tmp_path / "one", "adopt-from", folder, "--json")
    assert json.loads(refused.stdout)["error"]["code"] == code


def test_a_link_or_a_bad_file_of_the_other_bank_stays_there(tmp_path: Path) -> None:
    make_bank(tmp_path / "one")
    other = make_bank(tmp_path / "two")
    facts = other / "memories" / "fact"
    facts.mkdir(parents=True)
    (tmp_path / "secret.md").write_text("out\n", encoding="utf-8")
    (facts / "link.md").symlink_to(tmp_path / "secret.md")
    (facts / "bad.md").write_bytes(b"\xff\xfe")
    (facts / "good.md").write_bytes(b"# good\r\n")
    done = json.loads(bank(tmp_path / "one", "adopt-from", "../two", "--json").stdout)
    assert sorted(each["file"] for each in done["left_out"]) == ["memories/fact/bad.md", "memories/fact/link.md"]
    here = tmp_path / "one/.memorybank/memories/fact"
    assert [(each.name, each.read_bytes()) for each in here.iterdir()] == [("good.md", b"# good\r\n")]


def test_a_kill_while_it_brings_files_over_doubles_nothing(repo: Repo) -> None:
    for number in range(40):
        (repo.other / ".memorybank" / f"memories/fact/f{number}.md").write_text(f"# {number}\n", encoding="utf-8")
    repo.run("note", "from feature", at=repo.other)
    for pause in (0.2, 0.3, 0.4):
        process = subprocess.Popen(
            [*MODULE, "adopt-from", str(repo.other)], cwd=repo.main, env=environment(), stdout=subprocess.DEVNULL
        )
        time.sleep(pause)
        process.kill()
        process.wait()
    repo.run("adopt-from", str(repo.other))
    assert repo.lines().count("- from feature") == 1
    assert len(_facts(repo)) == 41


def test_two_processes_bring_it_over_once(repo: Repo) -> None:
    repo.run("note", "from feature", at=repo.other)
    words = [sys.executable, "-m", "memorybank", "adopt-from", str(repo.other)]
    started = [subprocess.Popen(words, cwd=repo.main, env=environment(), stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait(60) for each in started] == [0, 0]
    assert repo.lines().count("- from feature") == 1


def _facts(repo: Repo) -> list[Path]:
    return list((repo.main / ".memorybank" / "memories" / "fact").glob("*.md"))
