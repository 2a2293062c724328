"""What a team agreed on about tags: read from bank.toml, checked on records, and put right where that is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix, lint
from memorybank.check.review import QUARTERLY, review
from memorybank.errors import ConfigError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.records.memories.tag_conventions import read_conventions
from tests.running import START, make_bank
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AGREED = """[tags]
required = ["layer", "domain"]
[tags.groups]
layer = ["api", "frontend", "backend", "database", "infra"]
domain = ["auth", "payments", "users", "notifications"]
[tags.aliases]
db = "database"
DB = "database"
pg = "db"
login = "auth"
"""


def agree(bank: BankFolder, text: str = AGREED) -> None:
    (bank.folder / "bank.toml").write_text(text, encoding="utf-8")


def rules(bank: BankFolder) -> list[str]:
    return [each.rule for each in lint(bank, now=START, notices=True) if each.rule.startswith(("tag-", "unknown-tag"))]


def test_without_conventions_nothing_is_required(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("WAL needs a local disk", tags=("db", "wal", "disk")), way)
    assert rules(bank) == []


def test_an_alias_counts_as_its_tag_and_aliases_may_follow_each_other(bank: BankFolder, way: Way) -> None:
    agree(bank)
    saved = save(bank, NewRecord("WAL needs a local disk", tags=("pg", "login", "disk")), way)
    assert [each.partition(":")[0] for each in saved.advice] == [
        "the team's name for 'pg' is 'database'",
        "the team's name for 'login' is 'auth'",
    ]
    assert rules(bank) == ["tag-alias", "tag-alias"]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ((), ["tag-group", "tag-group"]),
        (("api", "auth", "x"), []),
        (("api", "x", "y"), ["tag-group"]),
        (("api", "auth"), ["tag-count"]),
    ],
)
def test_each_memory_has_a_tag_of_each_required_group(
    bank: BankFolder, way: Way, tags: tuple[str, ...], found: list[str]
) -> None:
    agree(bank)
    save(bank, NewRecord("WAL needs a local disk", tags=tags), way)
    assert rules(bank) == found


def test_a_fix_puts_the_tags_right_and_keeps_every_other_byte(bank: BankFolder, way: Way) -> None:
    agree(bank)
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    head = b"---\r\n# by hand\r\nid: fct-20261121-aaaaa\r\ntype: fact\r\ntags: [%s] # mine\r\n---\r\n# WAL\r\n"
    path = folder / "fct-20261121-aaaaa.md"
    path.write_bytes(b"\xef\xbb\xbf" + head % b"UserAuth, DB, pg, login, auth")
    (folder / "fct-20261121-bbbbb.md").write_bytes(b"---\nid: fct-20261121-bbbbb\ntags: [Pg, auth, x]\n---\n# A\n")
    receipt = fix(bank, lint(bank, now=START), way)
    assert receipt is not None
    assert len(receipt.files) == 2
    assert path.read_bytes() == b"\xef\xbb\xbf" + head % b"user-auth, database, auth"
    assert rules(bank) == []


def test_the_command_of_a_finding_puts_it_right_too(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "memories" / "fact").mkdir(parents=True)
    path = folder / "memories" / "fact" / "fct-20261121-aaaaa.md"
    path.write_text("---\nid: fct-20261121-aaaaa\ntype: fact\ntags: [User Auth, wal, disk]\n---\n# A\n", "utf-8")
    found = run_bank(tmp_path, "check")
    assert found.returncode == 1
    assert "bank tags rename 'User Auth' user-auth" in found.stdout + found.stderr
    assert run_bank(tmp_path, "tags", "rename", "User Auth", "user-auth").returncode == 0
    assert "tags: [user-auth, wal, disk]" in path.read_text(encoding="utf-8")
    assert run_bank(tmp_path, "check").returncode == 0


def test_the_list_of_known_tags_has_those_of_the_groups(bank: BankFolder, way: Way) -> None:
    agree(bank, '[check]\ntags = ["wal"]\n[tags.groups]\nlayer = ["database"]\n[tags.aliases]\ndb = "database"\n')
    save(bank, NewRecord("WAL needs a local disk", tags=("database", "wal", "disk")), way)
    save(bank, NewRecord("WAL needs another disk", tags=("db", "wal", "WAL".lower())), way)
    assert rules(bank) == ["unknown-tag", "tag-alias", "tag-count"]


def test_two_similar_tags_of_groups_are_no_question(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("a", title="A", tags=("user", "users")), way)
    assert "tags" in {each.topic for each in review(bank, START, period=QUARTERLY)}
    agree(bank, '[tags.groups]\ndomain = ["user", "users"]\n')
    assert "tags" not in {each.topic for each in review(bank, START, period=QUARTERLY)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tags = 1", "tags must be a table"),
        ("[tags]\ngroups = []", None),
        ("[tags]\ngroups = 3", "tags.groups must be a table"),
        ('[tags]\nrequired = "layer"', "tags.required must be a list of texts"),
        ('[tags]\nrequired = ["layer"]', "there is no group 'layer'"),
        ('[tags.groups]\nlayer = ["User Auth"]', "tags.groups.layer: .*invalid tag"),
        ("[tags.groups]\nlayer = [1]", "tags.groups.layer must be a list of texts"),
        ("[tags.aliases]\ndb = 1", "tags.aliases.db must be"),
        ('[tags.aliases]\na = "b"\nb = "a"', "is an alias of itself"),
        ('[tags.aliases]\na = "a"', "is an alias of itself"),
    ],
)
def test_invalid_conventions_are_one_finding(bank: BankFolder, way: Way, text: str, why: str | None) -> None:
    saved = save(bank, NewRecord("WAL needs a local disk", tags=("db", "wal", "disk")), way)
    agree(bank, text)
    if why is not None:
        with pytest.raises(ConfigError, match=why):
            read_conventions(bank)
        assert [each.file for each in lint(bank, now=START) if each.rule == "config"] == ["bank.toml"]
    assert saved.record.id


def test_they_are_set_as_other_settings_are(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert run_bank(tmp_path, "config", "set", "tags.groups.layer", "api,database").returncode == 0
    assert run_bank(tmp_path, "config", "set", "tags.required", "layer").returncode == 0
    assert run_bank(tmp_path, "config", "set", "tags.aliases.db", "database").returncode == 0
    assert "tags.groups.layer = api,database" in run_bank(tmp_path, "config", "list").stdout.replace(", ", ",")
    run_bank(tmp_path, "save", "WAL needs a local disk", "--tags", "wal,disk,nfs")
    assert "it has no tag of the group layer: api, database" in run_bank(tmp_path, "check").stdout
