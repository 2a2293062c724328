"""The user's own banks: the global one and named ones, never taken for a project's; and the list of known banks."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import FieldError, NoBankError, NoRecordError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.store.discover import find_bank
from memorybank.store.git.repository import repository_of
from memorybank.store.home import home_of, namespace_folder
from memorybank.store.manage.init import init, init_users_own
from memorybank.store.manage.known_banks import forget, forget_missing, known_banks, remember
from tests.running import git

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a person's home folder."""
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def own(person: Path, way: Way) -> BankFolder:
    return init_users_own(person / ".memorybank", way).bank


def test_the_global_bank_is_no_bank_of_what_lies_below_home(person: Path, own: BankFolder, way: Way) -> None:
    """A note of some project without a bank must not end up with those of all projects."""
    (person / "work" / "app").mkdir(parents=True)
    with pytest.raises(NoBankError):
        find_bank(person / "work" / "app", environ={})
    made = init(person / "work" / "app", way).bank
    assert find_bank(person / "work" / "app", environ={}).folder == made.folder
    assert find_bank(person, environ={}).folder == own.folder
    assert find_bank(own.folder / "memories", environ={}).folder == own.folder


@pytest.mark.skipif(os.name == "nt", reason="HOME is of Unix")
@pytest.mark.parametrize("home", ["", "here", "."])
def test_a_home_that_is_no_place_is_not_taken_for_the_root_or_for_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.chdir(tmp_path)
    found = home_of({})
    assert found not in {Path("/.memorybank"), tmp_path / ".memorybank", tmp_path / "here" / ".memorybank"}
    assert found.is_absolute()


def test_the_list_of_banks_of_somebody_else_is_no_bank(person: Path, tmp_path: Path) -> None:
    """As root, with a home of another user's, or below the home of another one."""
    other = tmp_path / "other" / ".memorybank"
    (other / ".state").mkdir(parents=True)
    (other / ".state" / "banks.json").write_text("{}", encoding="utf-8")
    for start in (other.parent, other):
        with pytest.raises(NoBankError):
            find_bank(start, environ={})
    (other / "activeContext.md").write_text("# Active Context\n", encoding="utf-8")
    assert find_bank(other.parent, environ={}).folder == other


def test_the_global_bank_lies_wholly_in_its_folder(own: BankFolder, way: Way) -> None:
    found = find_bank(own.folder, environ={})
    assert found.project == found.folder
    assert found.name_of(own.folder / "docs" / "plans" / "x.md") == "docs/plans/x.md"
    assert found.place_of("docs/plans/x.md")[0] == own.folder / "docs" / "plans" / "x.md"
    assert save(found, NewRecord("of all projects"), way).record.file.startswith("memories/fact/")


@pytest.mark.parametrize("by", ["its folder", "home", "init"])
def test_the_global_bank_named_in_another_way_is_the_same(person: Path, own: BankFolder, way: Way, by: str) -> None:
    if by == "init":
        bank = init(person, way, home=home_of({})).bank
    else:
        bank = find_bank(person, named=str(own.folder if by == "its folder" else person), environ={})
    assert (bank.folder, bank.project) == (own.folder, own.folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_the_global_bank_behind_a_link_is_still_nobodys_project(tmp_path: Path, person: Path, way: Way) -> None:
    (tmp_path / "elsewhere").mkdir()
    (person / ".memorybank").symlink_to(tmp_path / "elsewhere")
    init_users_own(person / ".memorybank", way)
    (person / "app").mkdir()
    with pytest.raises(NoBankError):
        find_bank(person / "app", environ={})


def test_the_list_of_banks_alone_is_no_bank(person: Path, way: Way) -> None:
    (person / "app").mkdir()
    remember(init(person / "app", way).bank, home_of({}), NOW)
    assert (person / ".memorybank" / ".state" / "banks.json").is_file()
    with pytest.raises(NoBankError):
        find_bank(person, environ={})
    with pytest.raises(NoBankError) as refused:
        find_bank(person, named=str(person / ".memorybank"), environ={})
    assert refused.value.hint == "bank init --global"


def test_a_namespace_is_the_bank_from_everywhere(person: Path, way: Way) -> None:
    place = namespace_folder(home_of({}), "team-x")
    environ = {"MEMORYBANK_NAMESPACE": "team-x"}
    app = person / "app"
    (app / "src").mkdir(parents=True)
    init(app, way)
    with pytest.raises(NoBankError) as refused:
        find_bank(app, environ=environ)
    assert refused.value.hint == "bank init --namespace team-x"
    assert init_users_own(place, way).bank.config.name == "team-x"
    assert find_bank(app / "src", environ=environ).folder == place
    assert find_bank(app, named=str(app), environ=environ).folder == app / ".memorybank"
    assert find_bank(app, environ={**environ, "MEMORYBANK_DIR": str(app)}).folder == app / ".memorybank"


def test_records_of_a_namespace_tell_their_repository(person: Path, way: Way) -> None:
    app = person / "billing"
    (app / "src").mkdir(parents=True)
    (app / ".git").mkdir()
    init_users_own(namespace_folder(home_of({}), "team-x"), way)
    bank = find_bank(app / "src", environ={"MEMORYBANK_NAMESPACE": "team-x"})
    assert save(bank, NewRecord("a fact of one of many"), way).record.source_repo == "billing"


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", " ", "x" * 61, "a\\b", "-rf", ".hidden", "a\nb"])
def test_a_namespace_is_one_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(FieldError):
        namespace_folder(tmp_path, name)


def test_memorybank_home_says_where_the_users_own_place_is(tmp_path: Path) -> None:
    assert home_of({"MEMORYBANK_HOME": str(tmp_path / "mine")}) == tmp_path / "mine"


# --- the list of known banks


def test_a_bank_is_written_down_with_its_repository(tmp_path: Path, way: Way) -> None:
    home, app = tmp_path / "mine", tmp_path / "app"
    app.mkdir()
    git(app, "init", "-q")
    git(app, "commit", "-q", "--allow-empty", "-m", "x")
    git(app, "remote", "add", "origin", "https://someone:hidden@example.org/team/app.git")
    bank = init(app, way).bank
    remember(bank, home, NOW)
    (known,) = known_banks(home)
    assert (known.path, known.name) == (str(bank.folder), "app")
    assert known.root == repository_of(app).root
    assert len(known.root) == 40
    assert known.remote == "https://example.org/team/app.git"


def test_what_is_known_is_not_written_again(tmp_path: Path, way: Way, bank: BankFolder) -> None:
    home = tmp_path / "mine"
    remember(bank, home, NOW)
    before = (home / ".state" / "banks.json").stat()
    remember(bank, home, NOW)
    assert (home / ".state" / "banks.json").stat().st_mtime_ns == before.st_mtime_ns


def test_banks_that_are_seen_at_once_are_all_written_down(tmp_path: Path, way: Way) -> None:
    home = tmp_path / "mine"
    banks = []
    for number in range(6):
        (tmp_path / f"app{number}").mkdir()
        banks.append(init(tmp_path / f"app{number}", way).bank)
    threads = [threading.Thread(target=remember, args=(each, home, NOW)) for each in banks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {each.name for each in known_banks(home)} == {f"app{number}" for number in range(6)}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"version": 9, "banks": []}', b'{"version": 1, "banks": [3]}', b"\xff", b"[" * 9999]
)
def test_a_broken_list_is_begun_anew(tmp_path: Path, bank: BankFolder, text: bytes) -> None:
    home = tmp_path / "mine"
    (home / ".state").mkdir(parents=True)
    (home / ".state" / "banks.json").write_bytes(text)
    assert known_banks(home) == []
    remember(bank, home, NOW)
    assert [each.path for each in known_banks(home)] == [str(bank.folder)]


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path, bank: BankFolder) -> None:
    (tmp_path / "mine").write_text("a file stands there", encoding="utf-8")
    remember(bank, tmp_path / "mine", NOW)
    assert known_banks(tmp_path / "mine") == []


def test_a_bank_is_forgotten_by_its_name_or_folder(tmp_path: Path, way: Way) -> None:
    home = tmp_path / "mine"
    for name in ("one", "two", "deep/one"):
        (tmp_path / name).mkdir(parents=True)
        remember(init(tmp_path / name, way).bank, home, NOW)
    with pytest.raises(NoRecordError):
        forget(home, "one")
    assert forget(home, "two").name == "two"
    assert forget(home, str(tmp_path / "deep" / "one")).name == "one"
    assert [each.path for each in known_banks(home)] == [str(tmp_path / "one" / ".memorybank")]
    (tmp_path / "one").rename(tmp_path / "moved")
    assert [each.name for each in forget_missing(home)] == ["one"]
    assert json.loads((home / ".state" / "banks.json").read_bytes())["banks"] == []
