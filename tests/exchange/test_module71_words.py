"""Every text of a Module 71 tree is in the bank or in the report, however people wrote it.

Eight trees by default, 2,500 with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.module71.reader import read_tree
from memorybank.exchange.module71.writer import export_tree
from memorybank.exchange.safe_read import tree_of
from tests.exchange.making import make_tree, make_way, tree_at
from tests.exchange.markers import Marks, lost_marks
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from pathlib import Path

TREES = 2500 if FULL else 8
DAYS = ("2025-01-07", "2025-01-07T10:30:00+02:00", "2025-13-45", "")
OWN_LOG = "# Development Log\n\n## 2025-01-07\n\n### 09:00 - Coffee\n- hot\n\n## 2025-03-01\n\n- later\n"


class Making:
    """Makes the files of a tree."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance

    def text(self, what: str) -> str:
        word, more = self.marks.word(what), self.marks.word(what)
        return self.chance.choice(
            [
                word,
                f"{word}: {more}",
                f"**{word}** {more}",
                f"[{word}](http://example.org/{more})",
                f"`{word}` #{more}",
                f"<b>{word}</b>",
                f"{word} " * 150,
                f"{word}\\_{more}",
                f"{word} (2025-01-07)",
            ]
        )

    def lines(self, what: str) -> str:
        labels = ["What Happened", "lesson", "Lesson", "Applied To", "Solution", self.marks.word("label")]
        blocks = [
            self.text(what),
            f"- {self.text(what)}\n  - {self.text(what)}",
            f"```\n# {self.text(what)}\n```",
            f"    {self.text(what)}",
            f"<!-- {self.text(what)} -->",
            f"<!-- memorybank: {json.dumps({'tags': [self.marks.word('comment')]})} -->",
            f"{self.text(what)}\n---",
            f"### {self.text('section')}\n{self.text(what)}",
            f"### {self.marks.word('empty section')}",
            f"#### {self.text('deep')}",
            f"**{self.chance.choice(labels)}:** {self.text(what)}",
            f"**{self.chance.choice(labels)}:**\n{self.text(what)}",
            f"**{self.chance.choice(labels)}:**",
            f"\\**Lesson:** {self.text(what)}",
            f"| {self.text(what)} | b |\n| --- | --- |",
        ]
        return "\n\n".join(self.chance.sample(blocks, self.chance.randrange(5)))

    def fields(self, names: tuple[str, ...]) -> str:
        rows = []
        for name in self.chance.sample(names, self.chance.randrange(len(names) + 1)):
            known = ["Accepted", "approved", "In Progress", "HIGH", "major", "Fixed", "Ada", *DAYS]
            value = self.chance.choice([self.text(name), self.chance.choice(known), self.chance.choice(known)])
            if "Date" in name and self.chance.random() < 0.6:
                value = self.chance.choice(DAYS)
            shown = self.chance.choice([name, name, name, name.lower(), name.upper()])
            forms = ["**{}:** {}"] * 5 + [
                "- **{}**: {}",
                "{}: {}",
                "* {}: {}",
                "__{}:__ {}\\",
                "{}: {}<br>",
                "{}: {}\n",
            ]
            forms += ["| {} | {} |", "### {}\n\n- {}", "**{}:** {} | Mood: calm", "> {}: {}", "**{}: {}**"]
            rows.append(self.chance.choice(forms).format(shown, value).rstrip(" "))
        rows += [f"**{self.marks.word('field')}:** {self.text('value')}"] * (self.chance.random() < 0.3)
        self.chance.shuffle(rows)
        return self.chance.choice(["  \n", "\n"]).join(rows)

    def noted(self) -> str:
        """Make the comment of an export, as someone edited it."""
        values: dict[str, Any] = {
            "id": self.chance.choice(["dec-20250101-aaaaa", self.marks.word("id")]),
            "summary": self.text("summary"),
            "tags": self.chance.choice([[self.marks.word("tag")], self.text("tags"), [1, {"a": self.text("tag")}]]),
            "created": self.chance.choice(["2025-01-01T10:00:00Z", "2025-01-01", self.text("created")]),
            "links": self.chance.choice([{"relates": [self.marks.word("link")]}, self.text("links"), {}]),
            "fields": self.chance.choice(
                [{"decider": self.text("decider"), self.marks.word("field"): self.text("value")}, self.text("fields")]
            ),
            "metadata": self.chance.choice([{self.marks.word("name"): [self.text("deep")]}, self.text("metadata")]),
            "session": self.chance.choice([self.marks.word("session"), 7]),
            self.marks.word("unknown"): {"deep": [self.text("unknown"), None, 1.5]},
        }
        names = ["id", *self.chance.sample(list(values)[1:], self.chance.randrange(len(values)))]
        shown = json.dumps({name: values[name] for name in names}, ensure_ascii=False)
        return f"<!-- memorybank: {shown} -->".replace(" --> -->", " -->")

    def entry(self, heading: str, names: tuple[str, ...]) -> str:
        blocks = [f"{heading} {self.text('title')}", self.fields(names)]
        blocks += [self.noted()] if self.chance.random() < 0.2 else []
        return "\n\n".join(each for each in [*blocks, self.lines("body")] if each)

    def entries(self, headings: tuple[str, ...], names: tuple[str, ...], title: str) -> str:
        above = ["", f"# {title}", f"# {title}", f"# {self.text('file title')}", self.text("above"), "---\na: b\n---"]
        rows = self.chance.sample(above, self.chance.randrange(3))
        for _ in range(self.chance.randrange(4)):
            rows.append(self.entry(self.chance.choice(headings), names))
            rows += [f"# {self.text('part')}\n\n{self.lines('part')}"] if self.chance.random() < 0.15 else []
        return self.chance.choice(["\n\n", "\n\n---\n\n"]).join(rows) + "\n"

    def bug(self) -> str:
        above = self.chance.choice(["", "", self.text("above"), f"---\n{self.text('front')}\n---", "<!-- x -->"])
        heading = self.chance.choice(["# Bug #023:", "# Bug 7", "# Bug #000:", "# Bug 12345678:", "#", "", "##"])
        text = self.entry(heading, ("Date Reported", "Date", "Reported By", "Severity", "Status"))
        more = f"\n\n# {self.text('second title')}\n\n{self.lines('second')}" if self.chance.random() < 0.2 else ""
        return f"{above}\n\n{text}{more}\n"

    def log(self) -> str:
        rows = []
        for _ in range(self.chance.randrange(5)):
            day = self.chance.choice(["2025-01-07", "2025-02-01", self.marks.word("day")])
            entry = f"### 10:00 - {self.text('entry')}\n{self.lines('entry')}"
            rows.append(
                self.chance.choice(
                    [
                        f"## {day}\n\n{entry}",
                        f"## {day}\n{self.text('day')}",
                        f"# {self.text('log title')}",
                        f"# Development Log\n{self.text('loose')}",
                        entry,
                    ]
                )
            )
        return "\n\n".join(rows) + "\n"

    def value(self, what: str, depth: int = 0) -> Any:
        forms: list[Any] = [self.text(what), self.text(what), 240, True, None, 1.5, float("nan"), ""]
        if depth < 3:
            forms += [[self.value(what, depth + 1) for _ in range(2)], {self.marks.word(what): self.text(what)}]
            forms += [[{"time": "10:00", "activity": self.text(what), "duration_minutes": 30, "x": self.text(what)}]]
            forms += [{"goal": self.text(what), "steps": [self.text(what)], "estimated_duration_minutes": 5}]
        return self.chance.choice(forms)

    def session(self) -> str:
        names = ["session_id", "start_time", "end_time", "duration_minutes", "agent", "goal", "context_loaded"]
        names += ["activities", "achievements", "challenges", "next_session", "next_steps", "status", "metadata"]
        made = {name: self.value(name) for name in self.chance.sample(names, self.chance.randrange(len(names)))}
        if self.chance.random() < 0.7:
            made["start_time"] = self.chance.choice([*DAYS, "2025-01-07T10:00:00Z", 1736244000])
            made["end_time"] = self.chance.choice(["2025-01-07T12:00:00Z", self.text("end")])
        if self.chance.random() < 0.3:
            made["metadata"] = self.own_metadata()
        made[self.marks.word("unknown")] = self.value("unknown")
        shown = json.dumps(made, indent=self.chance.choice([None, 2]), ensure_ascii=self.chance.random() < 0.5)
        # a name that is there twice
        return f'{{"goal": "{self.marks.word("first goal")}", {shown[1:]}' if self.chance.random() < 0.2 else shown

    def own_metadata(self) -> dict[str, Any]:
        rows = [
            {"at": "2025-01-07T10:00:00Z", "role": "user", "text": self.text("message")},
            {"role": "assistant", "text": self.text("message"), self.marks.word("extra"): self.text("extra")},
            {"role": "user", "text": "", "note": self.text("empty message")},
            {"role": "user", "text": {"deep": self.text("message")}},
            self.text("no message"),
        ]
        return {
            "memorybank": 1,
            "title": self.chance.choice([self.text("title"), 5]),
            "content": self.chance.choice([self.text("content"), [self.text("content")]]),
            "messages": self.chance.sample(rows, self.chance.randrange(5)),
            "metadata": {self.marks.word("name"): self.text("value")},
            self.marks.word("unknown"): self.value("unknown"),
        }

    def files(self) -> dict[str, str | bytes]:
        decisions = ("## Decision 001:", "## Decision 2:", "## Decision:", "## Decision 000:", "##", "## Decision #2:")
        learnings = ("## 2025-01-07:", "## 2025-13-45:", "##", "## Bug #4:")
        texts = {
            "decisions.md": self.entries(decisions, ("Date", "Status", "Decider"), "Design Decisions"),
            "learnings.md": self.entries(learnings, ("Date", "Tags"), "Lessons Learned"),
            "development_log.md": self.log(),
            "bugs/bug_023.md": self.bug(),
            "bugs/other.md": self.bug(),
            "sessions/session_20250107_1000.json": self.session(),
            "sessions/x.json": self.session(),
        }
        names = self.chance.sample(list(texts), self.chance.randrange(1, len(texts)))
        made: dict[str, str | bytes] = {name: self.ended(texts[name]) for name in names}
        made |= {"README.md": self.text("readme"), "artifacts/a.txt": self.text("artifact"), "notes.txt": "not read"}
        made |= {"checkpoints/c.json": json.dumps([self.text("checkpoint")]), ".hidden/x.md": "not read"}
        return made

    def ended(self, text: str) -> bytes:
        data = text.encode()
        return self.chance.choice([data, data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data, data])


@pytest.mark.parametrize("has_log", [False, True], ids=["new", "with-a-log"])
def test_each_text_is_in_the_bank_or_in_the_report(tmp_path: Path, *, has_log: bool) -> None:
    for seed in range(has_log, TREES, 2):
        folder = tmp_path / str(seed)
        making = Making(seed)
        files = making.files()
        source = make_tree(folder / "tree", files)
        shown = (text if isinstance(text, bytes) else text.encode() for text in files.values())
        making.marks.used_in("\n".join(text.decode() for text in shown))
        bank = new_bank(folder)
        if has_log:
            make_tree(bank.folder, {"development_log.md": OWN_LOG})
        lost, done = lost_marks(bank, read_tree(bank, tree_of(source)), making.marks, seed)
        assert (lost, done.unaccounted) == ([], ()), seed
        told = {(each.where, each.why) for each in done.misfits}
        assert {("notes.txt", "skipped: it is not a file of the tree"), (".hidden", "skipped: it is hidden")} <= told
        shutil.rmtree(folder)


def test_a_tree_that_people_wrote_is_exported_the_same_twice(tmp_path: Path) -> None:
    for seed in range(0, TREES, 4):
        folder = tmp_path / str(seed)
        bank, other = new_bank(folder / "one"), new_bank(folder / "two")
        import_from(bank, "module71", make_tree(folder / "tree", Making(seed).files()), make_way())
        export_tree(bank, folder / "first")
        import_from(other, "module71", folder / "first", make_way(2))
        export_tree(other, folder / "second")
        assert tree_at(folder / "first") == tree_at(folder / "second"), seed
        shutil.rmtree(folder)
