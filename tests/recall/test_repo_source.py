"""The repository as a source: found below what the bank says, right after whatever git or a hand did to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.recall.filters import HitFilter
from memorybank.recall.repo_source import choose, unchoose
from memorybank.recall.search import Query, SearchResult, search_bank
from memorybank.records.filter import Filter
from tests.running import bank, folder_of, git

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.recall.hits import Hit
    from memorybank.store.folder import BankFolder


def commit(folder: Path, message: str, *, author: str = "Ada Lovelace <ada@example.org>") -> str:
    git(folder, "commit", "-q", "--allow-empty", "--author", author, "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a repository with three commits, some Markdown, and what is none of its own."""
    folder = tmp_path / "project"
    (folder / "docs" / "deep").mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    for name, text in {
        "README.md": "# Weather\n\n## Install\n\nIt wants a barometer.\n",
        "docs/deep/pump.md": "# Pump\n\nThe impeller is brass.\n",
        ".github/CONTRIBUTING.md": "# Contributing\n\nWrite a thermometer test.\n",
        ".gitignore": "private/\nscratch.md\n.memorybank/\n",
        "private/a.md": "gyroscope\n",
        "docs/scratch.md": "gyroscope\n",
        "node_modules/x/README.md": "gyroscope\n",
        ".hidden/b.md": "gyroscope\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "README.md", "docs/deep", ".gitignore", ".github")
    commit(folder, "Measure the wind")
    commit(folder, "Drop the anemometer\n\nIt froze each winter; the sonic one has no cups.\n")
    return folder


@pytest.fixture
def filled(project: Path) -> BankFolder:
    Bank.init(project).save("The barometer stands on the second floor", type="fact")
    made = folder_of(project)
    choose(made, project, 100)
    return made


def found(bank_: BankFolder, query: str, **given: Any) -> SearchResult:
    of_hits = {name: given.pop(name) for name in HitFilter._fields if name in given}
    return search_bank(bank_, Query(query, HitFilter(Filter(**given), **of_hits)), now_ns=time.time_ns())


def found_later(bank_: BankFolder, query: str) -> SearchResult:
    """Search as if nothing had changed for a minute."""
    return search_bank(bank_, Query(query), now_ns=time.time_ns() + 60_000_000_000)


def best(bank_: BankFolder, query: str, **given: Any) -> Hit:
    return found(bank_, query, **given).hits[0]


def subjects(bank_: BankFolder) -> list[str]:
    hits = search_bank(bank_, Query("", HitFilter(Filter(kinds=("commit",))), 1000), now_ns=time.time_ns()).hits
    return sorted(hit.title for hit in hits)


def test_a_commit_tells_who_and_which(filled: BankFolder, project: Path) -> None:
    hit = best(filled, "why no cups")
    assert hit.text == "Drop the anemometer\n\nIt froze each winter; the sonic one has no cups."
    assert (hit.type, hit.scope, hit.author) == ("commit", "repo", "Ada Lovelace <ada@example.org>")
    assert hit.id == git(project, "rev-parse", "HEAD").strip()
    assert (hit.address, hit.digest) == (f"git show {hit.id}", "")
    assert best(filled, hit.id[:7]).id == hit.id
    assert best(filled, hit.id).id == hit.id


def test_its_markdown_is_found_with_what_an_edit_takes(filled: BankFolder) -> None:
    hit = best(filled, "brass impeller")
    assert hit.address == "docs/deep/pump.md#Pump"
    ended = bank(filled.project, "edit", hit.address, "--append", "And old.", "--expect", hit.digest)
    assert ended.returncode == 0, ended.stderr
    assert best(filled, "write a thermometer").path == ".github/CONTRIBUTING.md"
    assert best(filled, "install", scopes=("repo",)).address == "./README.md#Install"


def test_what_is_not_its_own_is_left_out(filled: BankFolder) -> None:
    assert not found(filled, "gyroscope").hits
    Bank.open(filled.project).note("Hygrometers drift", kind="learning")
    assert [hit.scope for hit in found(filled, "hygrometers drift").hits] == ["contracts"]
    git(filled.project, "add", "-f", ".memorybank/activeContext.md")
    assert [hit.scope for hit in found(filled, "hygrometers drift").hits] == ["contracts"]


def test_the_bank_comes_first_where_both_say_it(filled: BankFolder) -> None:
    assert [hit.scope for hit in found(filled, "barometer").hits] == ["records", "repo"]
    assert [hit.scope for hit in found(filled, "barometer", scopes=("repo",)).hits] == ["repo"]
    assert [hit.scope for hit in found(filled, "barometer", scopes=("records",)).hits] == ["records"]


def test_a_word_that_only_the_repository_knows_is_taken_for_no_other(filled: BankFolder) -> None:
    Bank.open(filled.project).save("The anemometers are stored", type="fact", title="Store of anemometry")
    answer = found(filled, "impeller")
    assert not answer.assumed
    assert [hit.scope for hit in answer.hits] == ["repo"]


def test_only_what_is_new_is_read(filled: BankFolder, project: Path) -> None:
    found_later(filled, "wind")
    assert found_later(filled, "wind").refreshed.read == 0
    commit(project, "Count the rain")
    done = found_later(filled, "rain").refreshed
    assert (done.read, done.gone) == (1, 0)
    assert best(filled, "rain").title == "Count the rain"


def test_without_a_change_git_is_not_run(filled: BankFolder, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found_later(filled, "wind")
    monkeypatch.setenv("PATH", "")
    assert best(filled, "cups").author


def test_commits_that_are_gone_are_not_found(filled: BankFolder, project: Path) -> None:
    assert subjects(filled) == ["Drop the anemometer", "Measure the wind"]
    git(project, "commit", "-q", "--amend", "--allow-empty", "-m", "Keep the anemometer")
    assert subjects(filled) == ["Keep the anemometer", "Measure the wind"]
    git(project, "reset", "-q", "--hard", "HEAD~1")
    assert subjects(filled) == ["Measure the wind"]
    git(project, "checkout", "-q", "-b", "other")
    commit(project, "On another branch")
    assert subjects(filled) == ["Measure the wind", "On another branch"]
    git(project, "checkout", "-q", "main")
    assert subjects(filled) == ["Measure the wind"]
    git(project, "pack-refs", "--all")
    git(project, "merge", "-q", "other")
    git(project, "pack-refs", "--all")
    assert subjects(filled) == ["Measure the wind", "On another branch"]


def test_files_changed_by_hand_are_right_at_once(filled: BankFolder, project: Path) -> None:
    found(filled, "wind")
    readme = project / "README.md"
    before = readme.stat()
    readme.write_text(readme.read_text(encoding="utf-8").replace("barometer", "telescope"), encoding="utf-8")
    os.utime(readme, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "telescope" in best(filled, "telescope").text
    (project / "docs" / "new").mkdir()
    found(filled, "wind")
    (project / "docs" / "new" / "a.md").write_text("A sextant.\n", encoding="utf-8")
    assert best(filled, "sextant").path == "docs/new/a.md"
    (project / "docs" / "new").rename(project / "docs" / "old")
    assert [hit.path for hit in found(filled, "sextant").hits] == ["docs/old/a.md"]
    (project / ".gitignore").write_text("old/\n", encoding="utf-8")
    assert not found(filled, "sextant").hits


def test_only_the_newest_are_kept(filled: BankFolder, project: Path) -> None:
    choose(filled, project, 1)
    assert subjects(filled) == ["Drop the anemometer"]
    choose(filled, project, 0)
    assert subjects(filled) == []
    choose(filled, project, 10)
    assert len(subjects(filled)) == 2


def test_it_can_be_taken_back(filled: BankFolder, project: Path) -> None:
    assert found(filled, "impeller").hits
    told = json.loads(bank(project, "index", "--no-repo", "--json").stdout)
    assert told["repo"] is None
    assert not found(filled, "impeller").hits
    assert not (filled.state / "repo").exists()
    unchoose(filled)


def test_the_command_line_tells_of_it(project: Path) -> None:
    Bank.init(project)
    ended = bank(project, "search", "cups", "--repo")
    assert (ended.returncode, "bank index --repo" in ended.stderr) == (0, True)
    told = json.loads(bank(project, "index", "--repo", ".", "--max-commits", "7", "--json").stdout)["repo"]
    assert (told["commit_count"], told["file_count"], told["max_commits"]) == (2, 3, 7)
    ended = bank(project, "search", "cups", "--repo")
    assert (
        "[commit] @project  " + git(project, "rev-parse", "HEAD")[:12] + "  Ada Lovelace <ada@example.org>, "
        in ended.stdout
    )
    hit = json.loads(bank(project, "search", "cups", "--json").stdout)["hits"][0]
    assert hit["author"].startswith("Ada")
    assert bank(project, "index", "--repo", "nowhere").returncode == 3
    assert bank(project, "index", "--status").stdout.count("commits") == 1


def test_a_worktree_a_bare_one_and_a_shallow_one(filled: BankFolder, project: Path, tmp_path: Path) -> None:
    tree, bare, shallow = tmp_path / "tree", tmp_path / "bare.git", tmp_path / "shallow"
    git(project, "worktree", "add", "-q", str(tree))
    commit(tree, "In the worktree")
    choose(filled, tree, 100)
    assert subjects(filled) == ["Drop the anemometer", "In the worktree", "Measure the wind"]
    hit = best(filled, "impeller")
    assert (hit.address, hit.digest) == (f"{tree}/docs/deep/pump.md#Pump", "")
    assert best(filled, "worktree").address.startswith(f"git -C {tree} show ")
    commit(tree, "Twice in the worktree")
    assert "Twice in the worktree" in subjects(filled)
    git(tmp_path, "clone", "-q", "--bare", str(project), str(bare))
    choose(filled, bare, 100)
    assert subjects(filled) == ["Drop the anemometer", "Measure the wind"]
    assert not found(filled, "impeller").hits
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{project}", str(shallow))
    choose(filled, shallow, 100)
    assert subjects(filled) == ["Drop the anemometer"]
    git(shallow, "fetch", "-q", "--unshallow")
    assert len(subjects(filled)) == 2


def test_only_a_part_of_a_repository(filled: BankFolder, project: Path) -> None:
    (project / "part").mkdir()
    (project / "part" / "notes.md").write_text("The lamp is blue.\n", encoding="utf-8")
    git(project, "add", "part")
    commit(project, "A part")
    commit(project, "Nothing of the part")
    choose(filled, project / "part", 100)
    assert subjects(filled) == ["A part"]
    assert best(filled, "blue lamp").path == "part/notes.md"
    assert not found(filled, "impeller").hits


@pytest.mark.parametrize("how", ["no git", "no repository", "no commit", "broken", "gone", "a file"])
def test_where_git_gives_nothing_the_bank_is_searched(
    filled: BankFolder, project: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "no git":
        monkeypatch.setenv("PATH", "")
    elif how == "no repository":
        shutil.rmtree(project / ".git")
    elif how == "no commit":
        shutil.rmtree(project / ".git")
        git(project, "init", "-q")
    elif how == "broken":
        (project / ".git" / "HEAD").unlink()
        (project / ".git" / "HEAD").mkdir()
        (project / ".git" / "config").write_text("[", encoding="utf-8")
    elif how in {"gone", "a file"}:
        other = project.with_name("other")
        if how == "a file":
            other.write_text("x", encoding="utf-8")
        choose(filled, other, 100)
    assert best(filled, "which floor").scope == "records"
    assert subjects(filled) == []
    assert bool(found(filled, "impeller").hits) == (how not in {"gone", "a file"})


def raw_commit(folder: Path, data: bytes) -> None:
    """Put a commit that git's own commands would not make on the branch."""
    words = ["git", "-C", str(folder), "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    made = subprocess.run(words, input=data, check=True, capture_output=True).stdout.decode().strip()
    git(folder, "update-ref", "refs/heads/main", made)


def test_a_hostile_repository_does_nothing(filled: BankFolder, project: Path) -> None:
    fired = project.parent / "fired"
    hook = project / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {fired}\n", encoding="utf-8")
    hook.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "diff.external", "core.editor"):
        git(project, "config", name, str(hook))
    for name in ("log.showSignature", "color.ui", "core.fsmonitor"):
        git(project, "config", name, "always" if name == "color.ui" else "true")
    git(project, "config", "core.fsmonitor", str(hook))
    tree = git(project, "rev-parse", "HEAD^{tree}").strip().encode()
    parent = git(project, "rev-parse", "HEAD").strip().encode()
    fired.unlink(missing_ok=True)
    who = b"author \x1b[31mEve\x07 <eve> <\xff> 99999999999999999999 +0000\ncommitter x <x> 1 +0000\n"
    signed = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n"
    raw_commit(
        project,
        b"tree " + tree + b"\nparent " + parent + b"\n" + who + signed + b"encoding no-such\n\n"
        b"A \x1b]0;title\x07 subject\xff\n\nquagmire \x00 after\n" + b"word " * 1_000_000,
    )
    hit = best(filled, "quagmire")
    assert hit.created == ""
    assert len(hit.text) < 100_000
    shown = bank(project, "search", "quagmire")
    assert shown.returncode == 0
    assert not {"\x1b", "\x07", "\0"} & set(shown.stdout)
    assert len(subjects(filled)) == 3
    assert not fired.exists()


def test_messages_in_other_encodings(filled: BankFolder, project: Path) -> None:
    (project / "message").write_bytes("Gr\u00f6\u00dfe in Z\u00fcrich".encode("latin-1"))
    git(project, "-c", "i18n.commitEncoding=iso-8859-1", "commit", "-q", "--allow-empty", "-F", "message")
    assert best(filled, "Zürich").title == "Gr\u00f6\u00dfe in Z\u00fcrich"


def test_a_bank_without_it_looks_for_nothing(filled: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    unchoose(filled)
    monkeypatch.setattr("memorybank.recall.repo_source.work_of", None)
    assert found(filled, "barometer").hits
