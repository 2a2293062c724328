"""A filter means the same in `bank search` and in `bank list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "---\nid: fct-20260101-{id}\ntype: fact\nstatus: {status}\n{more}---\n\n# redis {id}\n\nredis\n"
RECORDS = {
    "aaaaa": ("active", "created: 2025-06-01T00:00:00Z\nmetadata:\n  v: 1.0\n"),
    "bbbbb": ("active", "created: 2025-06-01T00:00:00Z\nmetadata:\n  v: 1\n  n: null\n"),
    "ccccc": ("Active", 'created: 2026-06-01T00:00:00Z\nmetadata:\n  v: "1.0"\n  flag: true\n'),
    "ddddd": ("deprecated", 'created: 2026-06-01\nmetadata:\n  day: 2026-01-02\n  "a b": x\n'),
    "eeeee": ("active", "metadata:\n  v: 2\n"),
    "fffff": ("active", ""),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = make_bank(tmp_path) / "memories/facts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (status, more) in RECORDS.items():
        text = HEAD.format(id=name, status=status, more=more)
        # a date that the text begins with is no date of the record
        text = text.replace("\n\nredis\n", "\n\n2025-01-01 redis\n") if name == "fffff" else text
        (folder / f"fct-20260101-{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


def ids(project: Path, *words: str) -> set[str]:
    done = bank(project, *words, "--limit", "50", "--json")
    assert not done.returncode, done.stderr
    found = json.loads(done.stdout)
    return {each["id"][-5:-4] for each in found.get("records", found.get("hits"))}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("--status ACTIVE", "abcef"),
        ("--status Deprecated", "d"),
        ("--metadata v=1.0", "abc"),
        ("--metadata v=1", "ab"),
        ("--metadata v=2", "e"),
        ("--metadata n=null", "b"),
        ("--metadata flag=true", "c"),
        ("--metadata day=2026-01-02", "d"),
        ("--metadata other=null", ""),
        ("--metadata v=1 --metadata n=null", "b"),
        ("--until 2026-01-01", "ab"),
        ("--until 2026-06-01", "abcd"),
        ("--since 2024-01-01", "abcd"),
        ("--since 2026-01-01", "cd"),
        ("--since 2025-01-01 --until 2025-12-31", "ab"),
    ],
)
def test_a_filter_means_the_same_in_search_and_list(project: Path, given: str, wanted: str) -> None:
    listed = ids(project, "list", *given.split())
    assert listed == set(wanted)
    assert ids(project, "search", "redis", *given.split()) == listed
    assert ids(project, "search", *given.split(), "--scope", "records") == listed


def test_a_status_of_other_letters_matches_in_any_case(project: Path) -> None:
    place = project / ".memorybank/memories/facts/fct-20260101-aaaaa.md"
    place.write_text(place.read_text("utf-8").replace("status: active", "status: Überholt"), encoding="utf-8")
    for words in (["list"], ["search", "redis"]):
        done = bank(project, *words, "--status", "ÜBERHOLT", "--json")
        assert "aaaaa" in done.stdout, done.stderr


@pytest.mark.parametrize("others", [0, 4000], ids=["small", "large"])
def test_a_search_gives_as_many_hits_as_are_asked_for(tmp_path: Path, others: int) -> None:
    file = make_bank(tmp_path) / "patterns.md"
    rows = [f"- wombats {number}" for number in range(900)] + [f"- quokka {number}" for number in range(others)]
    file.write_text("# T\n\n## Common Gotchas\n\n" + "\n".join(rows) + "\n", encoding="utf-8")
    for limit, count in ((5, 5), (700, 700), (1000, 900)):
        done = bank(tmp_path, "search", "wombats", "--limit", str(limit), "--json")
        answer = json.loads(done.stdout)
        assert (answer["count"], len({each["line"] for each in answer["hits"]})) == (count, count)
        assert "total" not in answer
