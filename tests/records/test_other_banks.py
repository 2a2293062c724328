"""Records of the user's other banks: found by project or in all of them, told with their bank, and only read."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import NoRecordError, NoTypeError, PermissionRefusedError
from memorybank.records.draft import NewRecord
from memorybank.records.filter import Filter
from memorybank.records.memories.memories import save
from memorybank.records.memories.other_banks import recall_everywhere, select_everywhere
from memorybank.store.manage.init import init
from memorybank.store.manage.known_banks import known_banks, open_known, remember
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "mine"


@pytest.fixture
def another(tmp_path: Path, way: Way, home: Path) -> Callable[..., BankFolder]:
    """Give a function that makes a bank which this machine has seen."""

    def make(name: str, settings: str = "") -> BankFolder:
        (tmp_path / name).mkdir()
        made = init(tmp_path / name, way).bank
        if settings:
            (made.folder / "bank.toml").write_text(settings, encoding="utf-8")
        remember(made, home, NOW)
        return made

    return make


def titles(bank: BankFolder, home: Path, project: str = "") -> list[tuple[str, str]]:
    found = select_everywhere(bank, home, Filter(project=project))
    return sorted((each.bank, each.record.title) for each in found.records)


def test_all_banks_are_read_and_each_record_tells_its_own(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder]
) -> None:
    save(bank, NewRecord("here"), way)
    save(another("one"), NewRecord("there"), way)
    save(another("two"), NewRecord("elsewhere"), way)
    assert titles(bank, home) == [("one", "there"), ("project", "here"), ("two", "elsewhere")]
    page = select_everywhere(bank, home, Filter(), limit=1)
    assert (len(page.records), page.total) == (1, 3)


def test_a_project_reaches_over_banks(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder]
) -> None:
    save(bank, NewRecord("of the platform", project="platform"), way)
    save(bank, NewRecord("of nothing"), way)
    one = another("one", 'project = "platform"\n')
    save(one, NewRecord("stamped"), way)
    by_hand = one.folder / "memories" / "fact" / "by-hand.md"
    by_hand.write_text("# By hand\n\nwithout a project\n", encoding="utf-8")
    save(one, NewRecord("of another", project="other"), way)
    save(another("two"), NewRecord("also", project="platform"), way)
    assert titles(bank, home, project="platform") == [
        ("one", "By hand"),
        ("one", "stamped"),
        ("project", "of the platform"),
        ("two", "also"),
    ]


def test_nothing_is_written_in_other_banks(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder]
) -> None:
    one = another("one")
    made = save(one, NewRecord("there"), way).record
    shutil.rmtree(one.state)
    select_everywhere(bank, home, Filter())
    recall_everywhere(bank, home, made.id)
    assert not one.state.exists()
    opened = open_known(known_banks(home)[0], home)
    assert opened is not None
    opened.read_only = True
    with pytest.raises(PermissionRefusedError):
        save(opened, NewRecord("by mistake"), way)


def test_a_clone_holds_the_same_records(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder], tmp_path: Path
) -> None:
    made = save(bank, NewRecord("in both"), way).record
    one = another("one")
    shutil.copytree(bank.folder / "memories", one.folder / "memories")
    assert titles(bank, home) == [("project", "in both")]
    assert recall_everywhere(bank, home, made.id).bank == "project"
    assert recall_everywhere(another("two"), home, made.id).record.title == "in both"


@pytest.mark.parametrize("harm", ["gone", "broken settings", "newer", "broken record", "a file now"])
def test_a_bank_that_cannot_be_read_stops_no_other(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder], harm: str
) -> None:
    save(another("good"), NewRecord("there"), way)
    bad = another("bad")
    if harm in {"gone", "a file now"}:
        shutil.rmtree(bad.project)
    if harm == "a file now":
        bad.project.write_text("x", encoding="utf-8")
    texts = {"broken settings": "name = [", "newer": "layout = 99\n"}
    if harm in texts:
        (bad.folder / "bank.toml").write_text(texts[harm], encoding="utf-8")
    if harm == "broken record":
        (bad.folder / "memories" / "fact").mkdir(parents=True)
        (bad.folder / "memories" / "fact" / "x.md").write_text("---\na: [\n---\n", encoding="utf-8")
    found = select_everywhere(bank, home, Filter())
    assert [each.record.title for each in found.records] == ["there"]
    told = harm not in {"gone", "a file now"}
    assert [each.file.startswith(str(bad.folder)) for each in found.broken] == [True] * told


def test_a_type_of_one_bank_alone_is_no_fault(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder]
) -> None:
    one = another("one")
    (one.folder / "templates" / "records").mkdir(parents=True)
    template = (
        "---\nrecord: recipe\npurpose: How to cook\nprefix: rcp\nfolder: memories/recipe\n"
        "statuses: {active: []}\n---\n# {title}\n"
    )
    (one.folder / "templates" / "records" / "recipe.md").write_text(template, encoding="utf-8")
    save(one, NewRecord("soup", kind="recipe"), way)
    found = select_everywhere(bank, home, Filter(kinds=("recipe",)))
    assert [each.record.title for each in found.records] == ["soup"]
    with pytest.raises(NoTypeError):
        select_everywhere(bank, home, Filter(kinds=("nothing",)))


def test_an_id_is_this_banks_first_and_then_of_one_other(
    bank: BankFolder, way: Way, home: Path, another: Callable[..., BankFolder]
) -> None:
    here = save(bank, NewRecord("here"), way).record
    assert recall_everywhere(bank, home, "fct-2026").record == here
    one, two = save(another("one"), NewRecord("there"), way).record, save(another("two"), NewRecord("too"), way).record
    assert recall_everywhere(bank, home, here.id).record.title == "here"
    assert recall_everywhere(bank, home, one.id).bank == "one"
    with pytest.raises(NoRecordError) as refused:
        recall_everywhere(another("three"), home, "fct-2026112")
    assert refused.value.details["near"] == sorted([one.id, two.id])[:3]
    with pytest.raises(NoRecordError):
        recall_everywhere(bank, home, "fct-19990101-zzzzz")
    with pytest.raises(NoRecordError):
        recall_everywhere(bank, home, one.id, project="platform")


def test_the_commands(tmp_path: Path) -> None:
    env = {"MEMORYBANK_HOME": str(tmp_path / "mine")}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, "init", env=env).returncode == 0
    words = ["save", "100 requests a minute", "--project", "api-platform", "--tags", "api,rate-limiting", "--json"]
    ident = json.loads(run(tmp_path / "b", *words, env=env).stdout)["record"]["id"]
    listed = json.loads(run(tmp_path / "a", "list", "--project", "api-platform", "--json", env=env).stdout)
    assert [(each["id"], each["bank"]) for each in listed["records"]] == [(ident, "b")]
    assert "bank: b" in run(tmp_path / "a", "list", "--all-banks", env=env).stdout
    assert run(tmp_path / "a", "recall", ident, env=env).returncode == 3
    assert "bank: b" in run(tmp_path / "a", "recall", ident, "--all-banks", env=env).stdout
    known = json.loads(run(tmp_path / "a", "banks", "list", "--json", env=env).stdout)["banks"]
    assert [(each["bank"], each["missing"]) for each in known] == [("a", False), ("b", False)]
    assert run(tmp_path / "a", "banks", "forget", "b", env=env).returncode == 0
    assert json.loads(run(tmp_path / "a", "list", "--all-banks", "--json", env=env).stdout)["count"] == 0
    assert run(tmp_path / "b", "save", "seen again", env=env).returncode == 0
    assert json.loads(run(tmp_path / "a", "list", "--all-banks", "--json", env=env).stdout)["count"] == 2


def test_the_global_bank_and_a_namespace_by_command(tmp_path: Path) -> None:
    env = {"MEMORYBANK_HOME": str(tmp_path / "mine")}
    make_bank(tmp_path / "app")
    error = json.loads(run(tmp_path / "app", "--global", "save", "x", "--json", env=env).stdout)["error"]
    assert error["hint"] == "bank init --global"
    assert run(tmp_path / "app", "init", "--global", env=env).returncode == 0
    assert run(tmp_path / "app", "--global", "save", "everywhere true", env=env).returncode == 0
    assert "everywhere true" in run(tmp_path / "app", "list", "--global", env=env).stdout
    assert "everywhere true" not in run(tmp_path / "app", "list", env=env).stdout
    assert run(tmp_path / "app", "--global", "types", "show", "fact", env=env).returncode == 0
    assert run(tmp_path / "app", "list", "--global", "--bank", "x", env=env).returncode == 2
    assert run(tmp_path / "app", "init", "--namespace", "team-x", env=env).returncode == 0
    team = {**env, "MEMORYBANK_NAMESPACE": "team-x"}
    assert run(tmp_path / "app", "note", "of the team", env=team).returncode == 0
    assert "of the team" in (tmp_path / "mine" / "namespaces" / "team-x" / "activeContext.md").read_text("utf-8")
    assert run(tmp_path / "app", "init", "--namespace", "../x", env=env).returncode == 5
    assert run(tmp_path, "status", env=team).returncode == 0
