"""A bank to a Module 71 tree, to another bank, to another tree: both trees are the same, byte for byte."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from memorybank.exchange.formats import import_from
from memorybank.exchange.module71.writer import export_tree
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.memories import save
from memorybank.records.record import Link
from memorybank.records.sessions.messages import append_message
from tests.exchange.making import make_tree, make_way, tree_at
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def round_trip(
    bank: BankFolder, other: BankFolder, folder: Path, way: Way
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    export_tree(bank, folder / "first")
    import_from(other, "module71", folder / "first", way)
    export_tree(other, folder / "second")
    return tree_at(folder / "first"), tree_at(folder / "second")


def fill(bank: BankFolder, way: Way) -> None:
    """Put something of every kind into a bank."""
    first = save(
        bank,
        NewRecord(
            "",
            kind="decision",
            title="Use JWT",
            tags=["auth", "security"],
            metadata={"sprint": 42, "nested": {"deep": [1, None, "x > y -->"]}},
            sections=[
                ("Context", "Options:\n\n### Sessions\n\nNo."),
                ("Decision", "JWT."),
                ("Alternatives", "- OAuth2"),
            ],
        ),
        way,
    )
    links = [Link("supersedes", first.record.id)]
    save(
        bank,
        NewRecord("PostgreSQL, all of it.", kind="decision", title="Use #3 of C#", links=links, status="proposed"),
        way,
    )
    lesson = [("Solution", "```python\nemail.lower()\n```"), ("Lesson", "**Lesson:** normalize\n\n---")]
    save(bank, NewRecord("", kind="learning", title="Case", sections=lesson), way)
    save(bank, NewRecord("Only words.", kind="learning", title="2025-01-01: no date", status="deprecated"), way)
    given: dict[str, Any] = {"severity": "critical", "number": 23, "reported_by": "Ada"}
    save(bank, NewRecord("", kind="bug", title="N+1", fields=given, sections=[("Description", "# Big\n\nslow")]), way)
    save(
        bank,
        NewRecord("", kind="bug", title="Unnumbered", fields={"severity": "low"}, sections=[("Description", "x")]),
        way,
    )
    save(bank, NewRecord("This project uses uv.", kind="fact", tags=["stack"]), way)
    given = {"label": "auth", "goal": "Log in", "started": "2026-11-21T09:00:00Z", "ended": "2026-11-21T10:30:00Z"}
    rows = [("Activities", "- 09:10 - Design (30 min)\n- wrote it"), ("Next", "- Refresh\n- Limits")]
    made = save(bank, NewRecord("", kind="session", title="auth", fields=given, sections=rows), way)
    append_message(bank, made.record.id, "user", "Please\nlog in", way)
    save(bank, NewRecord("It was a long day.", kind="session", title="free", fields={"goal": "Rest"}), way)
    for name, data in {
        "development_log.md": b"# Development Log\n\n## 2026-11-21\n\n### 09:00 - Start\n- read\n",
        "summary.json": b'{"project_name": "Alpha", "version": "1.0", "x": [1]}\n',
        "checkpoints/checkpoint_20261121_0930.json": b'{"phase": "Implementation"}',
        "artifacts/diagrams/a.png": b"\x89PNG\r\n\x1a\n\x00\xff\xfe",
        "pafs.md": b"# Facts\n\n## AUTH\n\n- **AUTH-001**: JWT\n",
    }.items():
        path = bank.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_nothing_is_lost_or_changed(bank: BankFolder, other: BankFolder, tmp_path: Path, way: Way) -> None:
    fill(bank, way)
    first, second = round_trip(bank, other, tmp_path, make_way(2))
    assert first == second
    assert sorted(name.partition("/")[0] for name in first if "/" not in name) == [
        "README.md",
        "decisions.md",
        "development_log.md",
        "learnings.md",
        "project_summary.json",
    ]
    for kind in ("decision", "learning", "bug", "session", "fact"):
        ours, theirs = (scan(each, kinds=(kind,)).records for each in (bank, other))
        assert {each.id for each in ours} == {each.id for each in theirs}
        assert {(each.title, each.tags, each.status, each.links, each.created) for each in ours} == {
            (each.title, each.tags, each.status, each.links, each.created) for each in theirs
        }


def test_a_second_run_finds_everything_there(bank: BankFolder, other: BankFolder, tmp_path: Path, way: Way) -> None:
    fill(bank, way)
    export_tree(bank, tmp_path / "tree")
    done = import_from(other, "module71", tmp_path / "tree", make_way(2))
    again = import_from(other, "module71", tmp_path / "tree", make_way(3))
    assert (done.misfits, done.unaccounted) == ((), ())
    assert (again.records, again.files, again.misfits, again.operations) == ((), (), (), ())
    assert again.already == len(done.records) + len(done.files)
    home = import_from(bank, "module71", tmp_path / "tree", make_way(4))
    assert (home.records, home.files) == ((), ())
    assert export_tree(bank, tmp_path / "tree").files == ()


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "# one",
                "## Decision 005: other",
                "### three",
                "###### six",
                "## ",
                "---",
                "***",
                "===",
                "- - -",
                "Setext",
                "~~~",
                "```",
                "````python",
                "<!--",
                "-->",
                "<!-- memorybank: {} -->",
                '<!-- memorybank: {"id": "dec-20200101-aaaaa"} -->',
                "<div>",
                "<pre>",
                "**Date:** 2020-01-01  ",
                "**Lesson:** inline",
                "\\**Solution:**",
                "**Status:**",
                "- Status: Rejected",
                "Status: open",
                "| Severity | High |",
                "### Status",
                "Date: 2020-01-01",
                "- item",
                "  ```",
                "    code",
                "> quote",
                "1. one",
                "\ttab",
                "",
                "",
                "[a]: b",
                "## 2025-01-01: other",
            ]
        ),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=20),
    ),
    max_size=12,
).map("\n".join)
TITLES = st.one_of(
    st.sampled_from(["Decision 007: x", "2025-01-01: x", "Bug #9: x", "a # b #", "<!-- c -->", "**b:** c", "---", "#"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=60),
).map(lambda title: f"{title}.")
KINDS = st.sampled_from(["decision", "learning", "bug", "session"])


@settings(max_examples=2000 if FULL else 10)
@given(st.lists(st.tuples(KINDS, TITLES, HOSTILE), min_size=1, max_size=4))
@example([("learning", "a", "===\nb"), ("learning", "---", "---")])
@example([("decision", "a", "```\nopen"), ("decision", "b", "<!-- open\n---\n---")])
def test_whatever_stands_in_a_record_comes_back(rows: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("one", "two"):
            (folder / each).mkdir()
        bank, other = new_bank(folder / "one"), new_bank(folder / "two")
        way = make_way()
        for kind, title, text in rows:
            fields = {"severity": "low"} if kind == "bug" else {}
            save(bank, NewRecord(f"{text}\n", kind=kind, title=title, fields=fields), way)
        first, second = round_trip(bank, other, folder, make_way(2))
        assert first == second
        assert len(scan(other, kinds=("decision", "learning", "bug", "session")).records) == len(rows)


def test_a_foreign_tree_is_exported_the_same_twice(
    bank: BankFolder, other: BankFolder, tmp_path: Path, way: Way
) -> None:
    session = {"goal": "A", "metadata": {"theirs": "kept"}, "zeta": "later", "session_id": "s", "agent": "NaN"}
    bug = "# Bug #1: Slow\n\n**Date Reported:**\n**Date:** soon\n**Severity:** P1\n\n## Fix\n"
    make_tree(tmp_path / "tree", {"sessions/s.json": json.dumps(session), "bugs/bug_001.md": bug})
    import_from(bank, "module71", tmp_path / "tree", way)
    export_tree(bank, tmp_path / "first")
    assert import_from(other, "module71", tmp_path / "first", make_way(2)).unaccounted == ()
    export_tree(other, tmp_path / "second")
    assert tree_at(tmp_path / "first") == tree_at(tmp_path / "second")
    assert "theirs" in (tmp_path / "first/sessions/s.json").read_text(encoding="utf-8")


def test_a_session_file_is_json_as_the_source_has_it(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    fill(bank, way)
    export_tree(bank, tmp_path / "tree")
    data = json.loads((tmp_path / "tree/sessions/session_20261121_0900.json").read_text(encoding="utf-8"))
    assert data["duration_minutes"] == 90
    assert data["goal"] == "Log in"
    assert data["activities"] == [
        {"time": "09:10", "activity": "Design", "duration_minutes": 30},
        {"activity": "wrote it"},
    ]
    assert data["next_session"] == {"goal": "Refresh", "steps": ["Limits"]}
    assert [each["text"] for each in data["metadata"]["messages"]] == ["Please\nlog in"]
