"""The memories of the Gemini CLI: facts in GEMINI.md, the private memory of a project, and proposed changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.agent_memory.belonging import Here
from memorybank.exchange.agent_memory.gemini import items_of, read_gemini_memory
from memorybank.exchange.agent_memory.unified_diff import read_diff
from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.exchange.write_records import take_in
from memorybank.records.find import find_record, scan
from tests.exchange.agent_files import run, told
from tests.exchange.making import make_tree, make_way, tree_at
from tests.exchange.markers import Marks
from tests.running import FULL, new_bank
from tests.running import bank as command

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

HOMES = 2000 if FULL else 8
MEMORY = "/srv/ann/.gemini/tmp/shop/memory"
PRIVATE = f"""--- /dev/null
+++ {MEMORY}/deploys.md
@@ -0,0 +1,3 @@
+# Deploys
+
+Open the tunnel first.

--- {MEMORY}/MEMORY.md
+++ {MEMORY}/MEMORY.md
@@ -1,2 +1,2 @@
 # Project Memory
-- Ports start at 8000.
+- Ports start at 9000.
"""
GLOBAL = """--- /srv/ann/.gemini/GEMINI.md
+++ /srv/ann/.gemini/GEMINI.md
@@ -4,2 +4,3 @@
 - old one
+- Prefers short answers.
"""


def gemini_home(folder: Path, project: Path) -> Path:
    """Make `~/.gemini` as Gemini CLI 0.61.0 has it, with the memory of this project and of another one."""
    return make_tree(
        folder / ".gemini",
        {
            "GEMINI.md": (
                "# Rules\n\nAlways answer in French.\n\n## Gemini Added Memories\n- Uses Arch.\n- Likes:\n  - tea\n\n"
                "## Style\n\nNo emoji.\n"
            ),
            "oauth_creds.json": "never read",
            "tmp/shop/.project_root": f"{project}\n",
            "tmp/shop/chats/session-1.jsonl": "never read",
            "tmp/shop/memory/MEMORY.md": (
                f"# Project Memory\n\n- Ports start at 8000.\n- See {MEMORY}/tests.md for how tests are run.\n"
            ),
            "tmp/shop/memory/tests.md": "# Tests\n\nThey need a database.\n",
            "tmp/shop/memory/.extraction-state.json": "{}",
            "tmp/shop/memory/.inbox/private/extraction.patch": PRIVATE,
            "tmp/shop/memory/.inbox/global/extraction.patch": GLOBAL,
            "tmp/shop/memory/skills/release/SKILL.md": "---\nname: release\ndescription: To release\n---\nRun it.\n",
            "tmp/mail/.project_root": "/srv/mail",
            "tmp/mail/memory/MEMORY.md": "- Elsewhere.\n",
            "tmp/lost/memory/MEMORY.md": "- Nobody's.\n",
        },
    )


def records_of(bank: BankFolder) -> dict[str, Record]:
    return {each.title: find_record(bank, each.id) for each in scan(bank).records}


def test_the_home_folder_of_gemini_becomes_memories_once(bank: BankFolder, tmp_path: Path) -> None:
    home = gemini_home(tmp_path, bank.project)
    before = tree_at(home)
    shown = import_from(bank, "gemini-memory", home, make_way(dry_run=True))
    assert (len(shown.records), shown.dry_run, scan(bank).records) == (8, True, [])
    done = run(bank, "gemini-memory", home)
    assert [each.title for each in done.records] == [each.title for each in shown.records]
    found = records_of(bank)
    assert {title: (each.type, "proposed" in each.tags) for title, each in found.items()} == {
        "Uses Arch.": ("user", False),
        "Likes:": ("user", False),
        "Project Memory": ("fact", False),
        "Tests": ("fact", False),
        "Deploys": ("fact", True),
        "Ports start at 9000.": ("fact", True),
        "Prefers short answers.": ("user", True),
        "release": ("procedural", True),
    }
    assert found["Likes:"].content == "Likes:\n- tea"
    assert found["Project Memory"].content == "- Ports start at 8000."
    assert found["Tests"].summary == "how tests are run."
    assert found["Ports start at 9000."].content == (
        "- Ports start at 9000.\n\n## Replaces\n\n```\n- Ports start at 8000.\n```"
    )
    assert found["Deploys"].metadata["gemini_target"] == "memory/deploys.md"
    assert {each.source_tool for each in found.values()} == {"gemini"}
    lines = told(done)
    for name in ("the text above the first section", "Rules", "Style"):
        assert (f"GEMINI.md: left out: {name}: " in str(lines)) == (name != "the text above the first section"), lines
    assert "tmp/mail/memory: left out: its memories are of another project, /srv/mail; --all takes them" in lines
    assert "tmp/lost/memory: left out: its memories are of a project that is not named; --all takes them" in lines
    assert "never read" not in str(tree_at(bank.folder))
    again = run(bank, "gemini-memory", home)
    assert (again.records, again.already) == ((), 8)
    assert tree_at(home) == before


def test_all_takes_other_projects_and_the_instructions_of_a_person(bank: BankFolder, tmp_path: Path) -> None:
    home = gemini_home(tmp_path, bank.project)
    done = import_from(bank, "gemini-memory", home, make_way(), everything=True)
    assert done.unaccounted == ()
    assert {"Rules", "Style"} <= {each.title for each in done.records}
    texts = [find_record(bank, each.id).content for each in scan(bank).records]
    assert any("Elsewhere." in each for each in texts)
    assert any("Nobody's." in each for each in texts)


def test_the_project_of_an_older_folder_is_found_by_its_digest_or_the_list(bank: BankFolder, tmp_path: Path) -> None:
    digest = hashlib.sha256(os.fsencode(bank.project)).hexdigest()
    named = {"projects": {"/srv/mail": "mail", str(bank.project): "one"}}
    home = make_tree(
        tmp_path / "g",
        {
            f"tmp/{digest}/memory/MEMORY.md": "- By digest.\n",
            "tmp/one/memory/MEMORY.md": "- By name.\n",
            "tmp/mail/memory/MEMORY.md": "- Mail.\n",
            "projects.json": json.dumps(named),
        },
    )
    run(bank, "gemini-memory", home)
    assert {find_record(bank, each.id).content for each in scan(bank).records} == {"- By digest.", "- By name."}


@pytest.mark.parametrize("name", ["tmp/mail", "tmp/mail/memory"])
def test_a_folder_that_is_named_is_read_of_whichever_project(bank: BankFolder, tmp_path: Path, name: str) -> None:
    done = run(bank, "gemini-memory", gemini_home(tmp_path, bank.project) / name)
    assert len(done.records) == 1
    assert any("its memories are of another project, /srv/mail" in each for each in told(done))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("GEMINI.md", 2),
        ("tmp/shop/memory/tests.md", 1),
        ("tmp/shop/memory/MEMORY.md", 1),
        ("tmp/shop/memory/.inbox/private/extraction.patch", 2),
    ],
)
def test_one_file_is_a_source_too(bank: BankFolder, tmp_path: Path, name: str, count: int) -> None:
    assert len(run(bank, "gemini-memory", gemini_home(tmp_path, bank.project) / name).records) == count


def test_a_fact_with_an_open_fence_or_a_list_holds_only_its_own_lines() -> None:
    assert items_of("- a\n  - b\n- ```sh\n  - c\n  ```\n- d\n\n  e\n* f") == [
        "a\n- b",
        "```sh\n- c\n```",
        "d\n\ne",
        "f",
    ]
    assert items_of("words\n- a\n- ```\n- b") == ["words", "a", "b"]


PATCHES = {
    "wrong counts": (
        "--- /m/a.md\n+++ /m/a.md\n@@ -1,9 +1,2 @@\n a\n+new words\nb without a space\n@@ -7 +8 @@\n+more words\n"
    ),
    "a cut end": "--- /m/a.md\n+++ /m/a.md\n@@ -1,3 +1,4 @@\n a\n+new words",
    "a rule": "--- /m/a.md\n+++ /m/a.md\n@@ -1,2 +1,2 @@\n--- old rule\n+++ new rule\n a\n",
    "no numbers": "--- /m/a.md\n+++ /m/a.md\n@@ ... @@\n+new words\n",
    "a deletion": "--- /m/a.md\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-gone words\n-more\n",
    "git and a rename": (
        "diff --git a/m b/n\nsimilarity index 90%\nrename from m\nrename to n\n--- a/m\n+++ b/n\n@@ -1 +1 @@\n-x1\n"
        "+y1\n\\ No newline at end of file\n"
    ),
    "windows": "--- /m/a.md\r\n+++ /m/a.md\r\n@@ -0,0 +1 @@\r\n+new words\r\n",
}
Expected = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]
HUNKS: dict[str, list[Expected]] = {
    "wrong counts": [(("new words",), (), ("a",), False), (("more words",), (), (), False)],
    "a cut end": [(("new words",), (), ("a",), False)],
    "a rule": [(("++ new rule",), ("-- old rule",), ("a",), True)],
    "no numbers": [(("new words",), (), (), False)],
    "a deletion": [((), ("gone words", "more"), (), True)],
    "git and a rename": [(("y1",), ("x1",), (), True)],
    "windows": [(("new words",), (), (), True)],
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_is_read_as_a_model_writes_it(name: str) -> None:
    found = read_diff(PATCHES[name].replace("\r\n", "\n")).hunks
    assert [(each.added, each.removed, each.context, each.is_exact) for each in found] == HUNKS[name]


def test_lines_of_a_patch_without_a_mark_are_kept(bank: BankFolder, tmp_path: Path) -> None:
    long = "word " * 60
    file = tmp_path / "extraction.patch"
    file.write_text(f"Here it is:\n{PATCHES['wrong counts']}")
    lines = told(run(bank, "gemini-memory", file))
    assert "extraction.patch: a line outside of the changes: b without a space" in lines
    assert "extraction.patch: a line outside of the changes: Here it is:" in lines
    file.write_text(f"{long}\n{PATCHES['a deletion']}")
    done = run(bank, "gemini-memory", file)
    assert find_record(bank, done.records[0].id).content == long.strip()


@pytest.mark.parametrize("name", PATCHES)
def test_each_patch_becomes_memories_once_with_what_it_replaces(bank: BankFolder, tmp_path: Path, name: str) -> None:
    file = tmp_path / "extraction.patch"
    file.write_bytes(PATCHES[name].encode())
    done = run(bank, "gemini-memory", file)
    assert len(done.records) == len(HUNKS[name])
    texts = str([find_record(bank, each.id) for each in done.records])
    for added, removed, _, _ in HUNKS[name]:
        for line in (*added, *removed):
            assert line in texts
    assert run(bank, "gemini-memory", file).already == len(done.records)


def test_damage_and_links_are_reported_and_the_rest_is_taken(bank: BankFolder, tmp_path: Path) -> None:
    home = gemini_home(tmp_path, bank.project)
    memory = home / "tmp" / "shop" / "memory"
    make_tree(tmp_path, {"outside/private/x.patch": PRIVATE, "outside/memory/y.md": "elsewhere"})
    shutil.rmtree(memory / ".inbox")
    (memory / ".inbox").symlink_to(tmp_path / "outside")
    (memory / "linked.md").symlink_to(tmp_path / "outside" / "memory" / "y.md")
    (memory / "run.sh").write_text("x")
    (memory / "bad.md").write_bytes(b"\xef\xbb\xbfbroken \xff\xfe words\r\n")
    (home / "tmp" / "ee").symlink_to(tmp_path / "outside")
    (home / "GEMINI.md").unlink()
    (home / "GEMINI.md").symlink_to(tmp_path / "outside" / "memory" / "y.md")
    done = run(bank, "gemini-memory", home)
    lines = told(done)
    assert "GEMINI.md: a link is not followed" in lines
    assert "tmp/ee: a link is not followed" in lines
    assert "tmp/shop/memory/.inbox: a link is not followed" in lines
    assert "tmp/shop/memory/linked.md: a link is not followed" in lines
    assert "tmp/shop/memory/run.sh: skipped: it is neither Markdown nor a patch" in lines
    assert "bad" in {each.title for each in done.records}
    assert "elsewhere" not in str(tree_at(bank.folder))


@pytest.mark.parametrize("name", ["notes.txt", "empty"])
def test_what_is_no_memory_of_gemini_is_refused(bank: BankFolder, tmp_path: Path, name: str) -> None:
    make_tree(tmp_path / "x", {"notes.txt": "hello"})
    (tmp_path / "x" / "empty").mkdir()
    with pytest.raises(ForeignError):
        import_from(bank, "gemini-memory", tmp_path / "x" / name, make_way())


def test_what_was_imported_is_found_on_the_command_line(bank: BankFolder, tmp_path: Path) -> None:
    gemini_home(tmp_path, bank.project)
    done = json.loads(command(bank.project, "import", "gemini-memory", "../.gemini", "--json").stdout)
    assert len(done["records"]) == 8
    assert "Open the tunnel first" in command(bank.project, "search", "tunnel").stdout
    assert command(bank.project, "check").returncode == 0


class Making:
    """Makes the files of `~/.gemini`."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance

    def text(self, what: str) -> str:
        word, more = self.marks.word(what), self.marks.word(what)
        forms = [word, f"{word}: {more}", f"**{word}** `{more}`", f"`{word}", f"{word} " * 90, f"# {word}", f"> {word}"]
        return self.chance.choice([*forms, f"```\n{word}\n```", f"```\n{word}", f"<!-- {word}", f"{word}\n---\n{more}"])

    def block(self) -> str:
        blocks = [
            f"---\nname: {self.text('front')}\n---\n",
            f"- {self.text('item')}\n  - {self.text('inner')}",
            f"- {self.text('item')}\n- {self.text('item')}",
            f"- See /x/memory/topic.md for {self.marks.word('pointer')}.",
            f"## {self.text('heading')}\n\n{self.text('below')}",
            self.text("paragraph"),
        ]
        return "\n\n".join(self.chance.sample(blocks, self.chance.randrange(1, 4)))

    def patch(self) -> str:
        made = []
        for _ in range(self.chance.randrange(1, 4)):
            old = self.chance.choice(["/dev/null", "/m/memory/MEMORY.md"])
            new = self.chance.choice(["/m/memory/MEMORY.md", "/m/memory/topic.md", "/dev/null"])
            lines = [f"--- {old}", f"+++ {new}"]
            for _ in range(self.chance.randrange(1, 3)):
                body = [self.chance.choice("++- ") + line for line in self.block().split("\n")]
                size = len([each for each in body if each[0] in "+ "]) + self.chance.choice([0, 0, 5])
                lines += [f"@@ -1,{len([each for each in body if each[0] in '- '])} +1,{size} @@", *body]
            made.append("\n".join(lines))
        return self.chance.choice(["\n", "\n\n", f"\n{self.marks.word('outside')}\n"]).join(made)

    def files(self) -> dict[str, bytes]:
        added = f"## Gemini Added Memories\n{self.block()}\n"
        made = {
            "GEMINI.md": self.chance.choice([added, f"{self.block()}\n\n{added}", f"{added}\n## More\n{self.block()}"]),
            "tmp/x/memory/MEMORY.md": self.block(),
            "tmp/x/memory/topic.md": self.block(),
            "tmp/x/memory/skills/a/SKILL.md": self.block(),
            "tmp/x/memory/.inbox/private/extraction.patch": self.patch(),
            "tmp/x/memory/.inbox/global/extraction.patch": self.patch(),
        }
        names = self.chance.sample(sorted(made), self.chance.randrange(1, 7))
        return {name: self.ended(made[name]) for name in names}

    def ended(self, text: str) -> bytes:
        data = text.encode()
        return self.chance.choice([data, data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data, data + b"\n"])


def lost_of(folder: Path, seed: int) -> tuple[list[str], tuple[object, ...], bool]:
    """Import what a seed makes; return the lost words, what has no account, and whether a second import is empty."""
    making = Making(seed)
    files = making.files()
    home = make_tree(folder / "g", files)
    making.marks.used_in("\n".join(text.decode() for text in files.values()))
    bank = new_bank(folder)
    found = read_gemini_memory(home, "g", Here(bank.project, takes_all=True))
    # lines of context are in the file that they are of
    context = "\n".join(
        line for name, text in files.items() if name.endswith(".patch") for line in text.decode().split("\n")
    )
    kept = {
        word: what
        for word, what in making.marks.made.items()
        if not any(word in line for line in context.split("\n") if not line.startswith(("+", "-"))) or "outside" in what
    }
    before = tree_at(bank.folder)
    done = take_in(bank, found, make_way(seed))
    there = [f"{each.where} {each.why}" for each in done.misfits]
    there += [data.decode() for name, data in tree_at(bank.folder).items() if data != before.get(name)]
    lost = [f"{word}: {what}" for word, what in kept.items() if word not in "\n".join(there)]
    again = import_from(bank, "gemini-memory", home, make_way(seed), everything=True)
    return lost, done.unaccounted, (again.records, again.already) == ((), len(done.records) + done.already)


def test_each_text_of_gemini_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(HOMES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert lost_of(folder, seed) == ([], (), True), seed
        shutil.rmtree(folder)
