"""The memories of Codex: the handbook, the summary, raw memories of threads, their summaries and the database."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.agent_memory.codex import read_codex_memory
from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.agent_files import run, told
from tests.exchange.making import make_tree, make_way, tree_at
from tests.exchange.markers import Marks, lost_marks
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

HOMES = 2000 if FULL else 8
# as the migrations of Codex 0.171 make it
SCHEMA = """
CREATE TABLE stage1_outputs (thread_id TEXT PRIMARY KEY, source_updated_at INTEGER NOT NULL, raw_memory TEXT NOT NULL,
 rollout_summary TEXT NOT NULL, rollout_slug TEXT, generated_at INTEGER NOT NULL, usage_count INTEGER,
 last_usage INTEGER, selected_for_phase2 INTEGER NOT NULL DEFAULT 0, selected_for_phase2_source_updated_at INTEGER);
CREATE TABLE jobs (kind TEXT NOT NULL, job_key TEXT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (kind, job_key));
"""
RAW_BODY = (
    "---\ndescription: Deploys need the tunnel\ntask: mend the deploy\ntask_outcome: success\ncwd: /srv/shop\n"
    "---\n\n### Task 1: mend the deploy\n\nReusable knowledge:\n- The tunnel closes after an hour."
)
SUMMARY_BODY = "# Deploy mended\n\nThe tunnel was closed."
HEAD = "updated_at: 2026-08-04T10:40:59+00:00\ncwd: /srv/shop\nrollout_path: /srv/codex/sessions/r.jsonl\n"
FILES: dict[str, str | bytes] = {
    "memories/MEMORY.md": (
        "# Task Group: shop deploys\nscope: deploys of the shop\n\n## Task 1: mend, success\n\n"
        "### keywords\n- tunnel\n\n"
        '## User preferences\n- when deploying, the user asked: "ask first"\n\n# Task Group: tests\nscope: tests\n'
    ),
    "memories/memory_summary.md": (
        "v1\n\n## User Profile\n\nWrites Python.\n\n## General Tips\n- Use make.\n\n## What's in Memory\n- shop\n"
    ),
    "memories/raw_memories.md": (
        "# Raw Memories\n\nMerged stage-1 raw memories (stable ascending thread-id order):\n\n"
        f"## Thread `t-1`\n{HEAD}rollout_summary_file: deploy.md\n\n{RAW_BODY}\n\n"
    ),
    "memories/rollout_summaries/deploy.md": f"thread_id: t-1\n{HEAD}git_branch: main\n\n{SUMMARY_BODY}\n",
    "memories/skills/release/SKILL.md": "---\nname: release\ndescription: How to release\n---\nRun make release.\n",
    "memories/extensions/ad_hoc/notes/20260804-tabs.md": "Prefer tabs.\n",
    "memories/phase2_workspace_diff.md": "diff --git a b\n",
    "memories/.git/HEAD": "ref: refs/heads/main\n",
    "auth.json": '{"token": "never read"}',
    "sessions/rollout-x.jsonl": "never read",
}


def database(path: Path, *rows: tuple[object, ...]) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO stage1_outputs VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 0, NULL)", rows)
        connection.execute("INSERT INTO jobs VALUES ('memory_consolidate_global', 'global', 'done')")
    return path


ROW = ("t-1", 1785840059, RAW_BODY, SUMMARY_BODY, "deploy", 1785840100, 3)


def by_title(bank: BankFolder) -> dict[str, Record]:
    return {each.title: find_record(bank, each.id) for each in scan(bank).records}


def test_the_home_folder_of_codex_becomes_memories_once(bank: BankFolder, tmp_path: Path) -> None:
    home = make_tree(tmp_path / "codex", FILES)
    database(home / "memories_1.sqlite", ROW, ("t-2", 1785840059, "Only in the database.", "", None, 1785840100, None))
    before = tree_at(home)
    shown = import_from(bank, "codex-memory", home, make_way(dry_run=True))
    assert (len(shown.records), shown.dry_run, scan(bank).records) == (10, True, [])
    done = run(bank, "codex-memory", home)
    assert [each.title for each in done.records] == [each.title for each in shown.records]
    found = by_title(bank)
    assert set(found) == {
        *("shop deploys", "tests", "User Profile", "General Tips", "What's in Memory", "mend the deploy"),
        *("Deploy mended", "release", "20260804-tabs", "Codex thread t-2"),
    }
    assert {title: found[title].type for title in ("User Profile", "tests", "mend the deploy", "release")} == {
        "User Profile": "user",
        "tests": "fact",
        "mend the deploy": "episodic",
        "release": "procedural",
    }
    raw, summary = found["mend the deploy"], found["Deploy mended"]
    assert raw.linked("relates") == (summary.id,)
    assert (raw.source_tool, raw.summary) == ("codex", "Deploys need the tunnel")
    assert (raw.metadata["thread_id"], raw.metadata["thread_cwd"], raw.metadata["cwd"]) == (
        "t-1",
        "/srv/shop",
        "/srv/shop",
    )
    assert "The tunnel closes after an hour." in raw.content
    assert summary.metadata["thread_git_branch"] == "main"
    assert found["Codex thread t-2"].created == "2026-08-04T10:41:40Z"
    # the row of t-1 is what the files say already
    assert (done.already, "never read" in str(tree_at(bank.folder))) == (2, False)
    lines = told(done)
    assert "memories/phase2_workspace_diff.md: skipped: it is a diff that Codex works with" in lines
    assert "codex/memories_1.sqlite: 1 rows of jobs skipped" in lines
    again = run(bank, "codex-memory", home)
    assert (again.records, again.already) == ((), 12)
    assert tree_at(home) == before


def test_a_folder_of_memories_or_one_file_of_it_is_a_source_too(bank: BankFolder, tmp_path: Path) -> None:
    home = make_tree(tmp_path / "codex", FILES)
    assert len(run(bank, "codex-memory", home / "memories").records) == 9
    assert run(bank, "codex-memory", home / "memories" / "raw_memories.md").already == 1
    row = run(bank, "codex-memory", database(tmp_path / "x.sqlite", ("t-1", 1, RAW_BODY, "Other words.", None, 2, 0)))
    assert (row.already, len(row.records)) == (1, 0)
    assert any("it changed since it was imported" in each for each in told(row))


def test_a_database_with_a_write_ahead_log_is_read_without_a_trace(bank: BankFolder, tmp_path: Path) -> None:
    path = tmp_path / "live" / "memories_1.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.executescript(SCHEMA)
        live.execute("INSERT INTO stage1_outputs VALUES ('t-9', 1, 'Only in the log.', '', NULL, 2, 0, 0, 0, 0)")
        live.commit()
        copied = tmp_path / "dead"
        copied.mkdir()
        # as a crash leaves it: the log is there, the shared memory is not
        for name in (path.name, f"{path.name}-wal"):
            shutil.copy(path.with_name(name), copied / name)
    before = tree_at(copied)
    done = run(bank, "codex-memory", copied / path.name)
    assert [each.title for each in done.records] == ["Codex thread t-9"]
    assert tree_at(copied) == before


def test_damage_links_and_foreign_files_are_reported_and_the_rest_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    home = make_tree(tmp_path / "codex", {**FILES, "secret.txt": "elsewhere", "memories/run.sh": "x"})
    (home / "memories" / "linked.md").symlink_to(home / "secret.txt")
    (home / "memories_v2").symlink_to(home / "memories")
    whole = database(tmp_path / "whole.sqlite", ROW).read_bytes()
    (home / "memories_1.sqlite").write_bytes(whole[:5000] + b"\xff" * 3000)
    (home / "memories_2.sqlite").write_bytes(b"not a database")
    with (home / "memories" / "huge.md").open("wb") as file:
        os.truncate(file.fileno(), 65 << 20)
    done = run(bank, "codex-memory", home)
    lines = told(done)
    assert len(done.records) == 9
    assert "memories/linked.md: a link is not followed" in lines
    assert "memories_v2: a link is not followed" in lines
    assert "memories/run.sh: skipped: it is not a Markdown file" in lines
    assert any(each.startswith("memories_1.sqlite: skipped: ") and "database" in each for each in lines)
    assert any(each.startswith("memories_2.sqlite: skipped: ") and "not an SQLite file" in each for each in lines)
    assert any(each.startswith("memories/huge.md: skipped: ") for each in lines)


def test_an_empty_row_and_a_heading_that_is_a_paragraph_lose_no_word(bank: BankFolder, tmp_path: Path) -> None:
    paragraph = " ".join(f"word{number}" for number in range(80))
    home = make_tree(tmp_path / "codex", {"memories/MEMORY.md": f"{paragraph}\n---\n"})
    database(home / "memories_1.sqlite", ("t-5", 1785840059, "", "", "the-slug", 1785840100, 1))
    done = run(bank, "codex-memory", home)
    (record,) = done.records
    assert find_record(bank, record.id).content == paragraph
    assert any("t-5" in each and "it is empty" in each and "the-slug" in each for each in told(done))


@pytest.mark.parametrize(
    "name", ["MEMORY.md", "memory_summary.md", "raw_memories.md", "rollout_summaries/x.md", "skills/a/SKILL.md"]
)
@pytest.mark.parametrize("data", ["", "\n \n", "# \n", "---\n---\n"])
def test_a_folder_with_only_an_empty_file_is_read_and_has_no_memory(
    bank: BankFolder, tmp_path: Path, name: str, data: str
) -> None:
    home = make_tree(tmp_path / "codex", {f"memories/{name}": data})
    done = run(bank, "codex-memory", home)
    assert (done.records, done.already, scan(bank).records) == ((), 0, [])
    assert run(bank, "codex-memory", home).records == ()


@pytest.mark.parametrize("name", ["notes.txt", "empty"])
def test_what_is_no_memory_of_codex_is_refused(bank: BankFolder, tmp_path: Path, name: str) -> None:
    make_tree(tmp_path / "x", {"notes.txt": "hello"})
    (tmp_path / "x" / "empty").mkdir()
    with pytest.raises(ForeignError):
        import_from(bank, "codex-memory", tmp_path / "x" / name, make_way())


class Making:
    """Makes the files of a home folder of Codex."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance

    def text(self, what: str) -> str:
        word, more = self.marks.word(what), self.marks.word(what)
        return self.chance.choice(
            [word, f"{word}: {more}", f"**{word}** `{more}`", f"[{word}](x/{more}.md)", f"{word} " * 150, f"'{word}"]
        )

    def body(self) -> str:
        blocks = [
            f"---\ndescription: {self.text('front')}\ntask: {self.text('task')}\n{self.marks.word('key')}: 1\n---\n",
            f"# {self.text('heading')}",
            f"## {self.text('deeper')}\n{self.text('below')}",
            f"scope: {self.text('scope')}",
            f"```\n# Task Group: {self.text('code')}\n## Thread `{self.marks.word('code')}`x\n```",
            f"- {self.text('item')}\n  - {self.text('item')}",
            f"updated_at: {self.text('field')}\nthread_id: {self.text('field')}",
            f"{self.text('setext')}\n---",
            f"<!-- {self.text('comment')} -->",
        ]
        return "\n\n".join(self.chance.sample(blocks, self.chance.randrange(5)))

    def head(self) -> str:
        names = ("updated_at", "cwd", "rollout_path", "git_branch", "thread_id", "rollout_summary_file")
        chosen = self.chance.sample(names, self.chance.randrange(4))
        return "".join(f"{name}: {self.text(name)}\n" for name in chosen)

    def handbook(self) -> str:
        group = self.chance.choice(["Task Group: ", "", ""])
        return "\n\n".join(
            f"{'#' * self.chance.choice([1, 1, 2])} {group}{self.text('group')}\n{self.body()}"
            for _ in range(self.chance.randrange(4))
        )

    def raw(self) -> str:
        ident = self.chance.choice([self.marks.word("thread"), "same"])
        return f"## Thread `{ident}`\n{self.head()}\n{self.body()}\n"

    def files(self) -> dict[str, str | bytes]:
        notes = "Merged stage-1 raw memories (latest first):\n\n"
        made: dict[str, str] = {
            "memories/MEMORY.md": self.body() + "\n\n" + self.handbook(),
            "memories/memory_summary.md": "v1\n" + self.handbook(),
            "memories/raw_memories.md": f"# Raw Memories\n\n{notes}" + "".join(self.raw() for _ in range(3)),
            "memories/rollout_summaries/one.md": f"thread_id: {self.text('id')}\n{self.head()}\n{self.body()}",
            "memories/skills/a/SKILL.md": self.body(),
            "memories/extensions/ad_hoc/notes/n.md": self.body(),
        }
        names = self.chance.sample(sorted(made), self.chance.randrange(1, 7))
        return {name: self.ended(made[name]) for name in names}

    def ended(self, text: str) -> bytes:
        data = text.encode()
        forms = [data, data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data, data + b"\n\xff\n", b"\n" + data]
        return self.chance.choice(forms)

    def rows(self) -> list[tuple[object, ...]]:
        return [
            (self.marks.word("thread"), 1785840059, self.body(), self.body(), self.marks.word("slug"), 1785840100, 1)
            for _ in range(self.chance.randrange(3))
        ]


def test_each_text_of_codex_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(HOMES):
        folder = tmp_path / str(seed)
        making = Making(seed)
        files = making.files()
        home = make_tree(folder / "codex", files)
        rows = making.rows()
        database(home / "memories_1.sqlite", *rows)
        shown = [text if isinstance(text, bytes) else text.encode() for text in files.values()]
        making.marks.used_in("\n".join(text.decode("utf-8", "replace") for text in shown) + str(rows))
        bank = new_bank(folder)
        lost, done = lost_marks(bank, read_codex_memory(home, "codex"), making.marks, seed)
        assert (lost, done.unaccounted) == ([], ()), seed
        again = run(bank, "codex-memory", home)
        assert (again.records, again.already) == ((), len(done.records)), seed
        shutil.rmtree(folder)
