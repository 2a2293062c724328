"""Tags as a filter: `--tag` means all of them, `--any-tag` and `--tags` at least one, in every command and method."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

# what the title of each says: its tags
TAGS = {
    "skew": ["bug-fix", "jwt", "clock-skew"],
    "login": ["auth", "error"],
    "both": ["jwt", "error"],
    "other": ["css"],
}
CASES = [
    (["--tag", "jwt", "--tag", "error"], {"both"}),
    (["--tag", "jwt,error"], {"both"}),
    (["--tags", "jwt,error"], {"skew", "login", "both"}),
    (["--any-tag", "jwt", "--any-tag", "error"], {"skew", "login", "both"}),
    (["--any-tag", "jwt, error"], {"skew", "login", "both"}),
    (["--tag", "jwt", "--tags", "error,clock-skew"], {"skew", "both"}),
    (["--tags", "jw,erro"], set()),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("tags") / "project"
    make_bank(project)
    made = Bank.open(project)
    for name, tags in TAGS.items():
        made.save(f"The token was refused: {name}", title=name, type="error", tags=tags)
        made.groups.create(name, tags=tags)
        made.sessions.start(goal=name, tags=tags)
        made.end_session()
    return project


@pytest.mark.parametrize(("options", "names"), CASES, ids=[" ".join(each) for each, _ in CASES])
@pytest.mark.parametrize(
    ("command", "key"),
    [
        (["search", "token refused", "--type", "error"], "hits"),
        (["search", "--type", "error"], "hits"),
        (["list"], "records"),
        (["sessions"], "sessions"),
        (["session", "list"], "sessions"),
        (["group", "list"], "groups"),
    ],
    ids=" ".join,
)
def test_every_command_takes_all_of_the_tags_or_one_of_them(
    project: Path, command: list[str], key: str, options: list[str], names: set[str]
) -> None:
    done = run(project, *command, *options, "--json")
    assert (done.returncode, {each["title"] for each in json.loads(done.stdout)[key]}) == (0, names)


def test_cleanup_takes_them_too(project: Path) -> None:
    fact = next(each for each in Bank.open(project).list(type="error") if each.title == "skew")
    path = project / ".memorybank" / fact.file
    path.write_text(path.read_text(encoding="utf-8").replace(fact.created, "2020-01-01T00:00:00Z"), encoding="utf-8")
    old = ("cleanup", "--older-than", "9", "--type", "error", "--dry-run", "--json")
    for options, count in ((["--tags", "css,jwt"], 1), (["--tag", "css", "--tag", "jwt"], 0), (["--tag", "jwt"], 1)):
        assert len(json.loads(run(project, *old, *options).stdout)["records"]) == count


def test_methods_take_them_as_lists_or_as_a_text(project: Path) -> None:
    bank = Bank.open(project)
    for find in (partial(bank.search, "token refused", type="error"), bank.list, bank.sessions.list, bank.groups.list):
        assert {each.title for each in find(any_tags=["jwt", "error"])} == {"skew", "login", "both"}
        assert {each.title for each in find(any_tags="jwt, error")} == {"skew", "login", "both"}
        assert {each.title for each in find(tags=["jwt", "error"])} == {"both"}
        assert {each.title for each in find(tags="jwt", any_tags="auth,clock-skew")} == {"skew"}
