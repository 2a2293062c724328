"""`bank export` and `bank import` on the command line."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.exchange.making import make_tree, tree_at
from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path

TREE = {
    "decisions.md": (
        "# Design Decisions\n\n## Decision 001: Use JWT\n\n"
        "**Date:** 2025-01-07  \n**Status:** Accepted\n\n### Decision\nJWT.\n"
    )
}


def test_both_spellings_of_an_import_and_an_export(tmp_path: Path) -> None:
    make_bank(tmp_path / "one")
    make_bank(tmp_path / "two")
    make_tree(tmp_path / "tree", TREE)
    shown = bank(tmp_path / "one", "import", "--format", "module71", "../tree", "--dry-run")
    assert (shown.returncode, "nothing was written" in shown.stderr) == (0, True)
    assert "would import: memories/decision/dec-20250107-" in shown.stdout
    taken = bank(tmp_path / "one", "import", "--format", "module71", "../tree")
    assert "module71: 1 records, 0 files; 0 already there" in taken.stdout
    again = json.loads(bank(tmp_path / "one", "import", "module71", "../tree", "--json").stdout)
    assert (again["records"], again["already_count"], again["misfits"]) == ([], 1, [])
    out = json.loads(bank(tmp_path / "one", "export", "--to", "../out", "--format", "module71", "--json").stdout)
    assert "decisions.md" in out["files"]
    assert bank(tmp_path / "two", "import", "module71", "../out").returncode == 0
    assert bank(tmp_path / "two", "export", "--to", "../again").returncode == 0
    assert tree_at(tmp_path / "again") == tree_at(tmp_path / "out")
    assert bank(tmp_path / "one", "check").returncode == 0


def test_of_several_imports_at_once_one_takes_it(tmp_path: Path) -> None:
    make_bank(tmp_path / "one")
    talks = [{"uuid": f"c{n}", "chat_messages": [{"sender": "human", "text": f"How {n}?"}]} for n in range(50)]
    (tmp_path / "talks.json").write_text(json.dumps(talks), encoding="utf-8")
    children = [
        subprocess.Popen(
            [*MODULE, "import", "conversation", "../talks.json", "--json"],
            cwd=tmp_path / "one",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers = [json.loads(each.communicate()[0]) for each in children]
    assert sorted((len(each["records"]), each["already_count"]) for each in answers) == [(0, 50)] * 3 + [(50, 0)]


def test_what_is_not_there_or_not_that_is_refused(tmp_path: Path) -> None:
    make_bank(tmp_path / "one")
    for words, status, said in (
        (["import"], 2, "formats are module71"),
        (["import", "module72", "."], 2, "formats are module71"),
        (["import", "module71", "nowhere"], 3, "no-file"),
        (["import", "module71", ".memorybank/progress.md"], 5, "foreign"),
        (["import", "module71", ".memorybank"], 5, "foreign"),
        (["export", "--to", ".memorybank/out"], 5, "outside"),
    ):
        done = bank(tmp_path / "one", *words)
        assert (done.returncode, said in done.stderr) == (status, True), done.stderr


TALK = '[{"role": "user", "content": "OAuth or sessions?"}, {"role": "assistant", "content": "OAuth."}]'


@pytest.mark.parametrize("from_input", [True, False])
def test_a_conversation_gets_a_summary_and_tags(tmp_path: Path, from_input: bool) -> None:
    make_bank(tmp_path)
    (tmp_path / "talk.json").write_text(TALK, encoding="utf-8")
    done = bank(
        tmp_path,
        *("import", "conversation", "-" if from_input else "talk.json", "--tags", "auth,design"),
        *("--summary", "OAuth design", "--json"),
        text=TALK if from_input else None,
    )
    ident = json.loads(done.stdout)["records"][0]["id"]
    record = json.loads(bank(tmp_path, "recall", ident, "--json").stdout)
    record = record.get("record", record)
    assert (record["summary"], record["tags"]) == ("OAuth design", ["auth", "design"])
    loaded = json.loads(bank(tmp_path, "session", "load", ident, "--json").stdout)
    assert [each["text"] for each in loaded["messages"]] == ["OAuth or sessions?", "OAuth."]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("adr", "docs", "--tags", "a"), 5),
        (("adr", "docs", "--summary", "a"), 5),
        (("conversation", "talk.json", "--tags", "Not A Tag"), 5),
        (("adr", "-"), 2),
    ],
)
def test_what_another_format_does_not_take_is_refused(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    make_bank(tmp_path)
    (tmp_path / "talk.json").write_text(TALK, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    assert bank(tmp_path, "import", *words, text="").returncode == status
    assert not (tmp_path / ".memorybank" / "sessions").exists()
