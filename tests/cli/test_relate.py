"""Records that stand in for each other, tags, cleaning up, editing by hand: as typed, in words and as JSON."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

    Run = Callable[..., Ended]


def saved(here: Run, title: str, *words: str) -> str:
    done = here("save", f"About {title}.", "--type", "decision", "--title", title, "--json", *words)
    assert done.status == 0, done.err
    return str(done.data["record"]["id"])


def test_superseding_and_its_lineage(here: Run) -> None:
    old, new = saved(here, "memcached"), saved(here, "redis")
    here("note", f"memcached ({old})", "--as", "decision")
    done = here("supersede", old, new)
    assert (done.status, done.out.split("\n")[:2]) == (
        0,
        [f"superseded: {old} by {new}", "  struck: activeContext.md#Decisions 1"],
    )
    assert here("supersede", old, new).out == "nothing to change\n"
    third = saved(here, "valkey")
    refused = here("supersede", old, third, "--json")
    assert (refused.status, refused.data["error"]["code"], refused.data["error"]["by"]) == (4, "superseded", new)
    assert here("lineage", new).out.split("\n")[1] == f"  supersedes {old}  [decision] memcached  (superseded)"
    assert [row["id"] for row in here("lineage", new, "--json").data["nodes"]] == [new, old]


def test_deprecating_and_linking(here: Run) -> None:
    one, two = saved(here, "one"), saved(here, "two")
    assert here("deprecate", one, "--see", two).out.startswith(f"deprecated: {one}, see {two}\n")
    assert here("link", two, "caused-by", one).out.startswith(f"linked: {two} caused-by {one}\n")
    assert here("link", two, "caused-by", one, "--remove").out.startswith("unlinked: ")
    assert here("link", two, "cause", one).status == 5


def test_tags_are_told_and_renamed(here: Run) -> None:
    saved(here, "one", "--tags", "frontend")
    done = here("save", "x", "--tags", "front-end")
    assert "did you mean 'frontend'" in done.err
    told = here("tags")
    assert told.out == "     1  front-end\n     1  frontend\n"
    assert "bank tags rename frontend front-end" in told.err
    assert here("tags", "rename", "front-end", "frontend").status == 0
    assert here("tags", "--json").data["tags"] == [{"tag": "frontend", "uses": 2}]
    assert here("tags", "rename", "none", "frontend").status == 3


def test_cleaning_up_tells_what_and_asks_for_a_type(here: Run) -> None:
    saved(here, "one")
    assert here("cleanup", "--older-than", "180").status == 2
    done = here("cleanup", "--older-than", "180", "--type", "decision", "--dry-run")
    assert (done.status, done.out[:19]) == (0, "nothing to archive:")


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that makes a shell line the editor; `$1` is the file."""

    def set_editor(line: str) -> None:
        path = tmp_path / "editor"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("EDITOR", str(path))
        monkeypatch.delenv("VISUAL", raising=False)

    return set_editor


def test_opening_writes_what_the_editor_saved(here: Run, editor: Callable[[str], None], project: Path) -> None:
    one = saved(here, "one")
    editor('printf "More.\\n" >> "$1"')
    assert here("open", one).out.startswith(f"changed: {one}  [decision] one\n")
    assert here("recall", one, "--json").data["record"]["content"] == "About one.\nMore."
    editor("true")
    assert here("open", one).out == "nothing to change\n"
    assert list((project / ".memorybank" / ".state" / "open").iterdir()) == []


def test_a_refused_text_is_kept_and_can_be_taken_up_again(
    here: Run, editor: Callable[[str], None], project: Path
) -> None:
    one = saved(here, "one")
    editor('printf "Kept.\\n" >> "$1"; sed -i s/accepted/gone/ "$1"')
    refused = here("open", one, "--json")
    assert refused.status == 5
    kept = refused.data["error"]["kept"]
    assert refused.data["error"]["hint"] == f"bank open {one} --from {kept}"
    editor('sed -i s/gone/accepted/ "$1"')
    assert here("open", one, "--from", kept).status == 0
    assert here("recall", one, "--json").data["record"]["content"] == "About one.\nKept."
    assert list((project / ".memorybank" / ".state" / "open").iterdir()) == []


def test_an_editor_that_fails_changes_nothing(here: Run, editor: Callable[[str], None], project: Path) -> None:
    one = saved(here, "one")
    editor('printf "More.\\n" >> "$1"; exit 3')
    assert here("open", one).status == 8
    assert here("recall", one, "--json").data["record"]["content"] == "About one."
    assert len(list((project / ".memorybank" / ".state" / "open").iterdir())) == 1


def test_a_decision_prints_the_lines_it_strikes(here: Run) -> None:
    here("note", "DB: Postgres 16", "--as", "pattern")
    done = here("decide", "DB: MySQL", "--supersedes", "DB: Postgres 16")
    assert "  supersedes patterns.md#Architecture Patterns: DB: Postgres 16\n" in done.out
    here("undo")
    answer = here("decide", "DB: MySQL", "--supersedes", "DB: Postgres 16", "--json").data
    line = {"kind": "line", "id": "", "address": "patterns.md#Architecture Patterns", "text": "DB: Postgres 16"}
    assert answer["receipt"]["superseded"] == [line]
    assert here("note", "Retry on 429", "--json").data["receipt"]["superseded"] == []
