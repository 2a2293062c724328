"""Every text of a memory folder is in the bank or in the report, however its files are written.

12 folders by default, 2,500 with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from memorybank.exchange.claude_memory.read_folder import read_claude_memory
from memorybank.exchange.safe_read import tree_of
from tests.exchange.making import make_tree
from tests.exchange.markers import Marks, lost_marks
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = 2500 if FULL else 12
NAMES = ("one.md", "two words.md", "sub/three.md", "sub/one.md", "four.MD", "five.markdown")
KEYS = "name description type title tags created date updated metadata Type DESCRIPTION owner 'quoted été"


class Making:
    """Makes the files of a memory folder."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance

    def text(self, what: str) -> str:
        word = self.marks.word(what)
        more = self.marks.word(what)
        forms = [
            word,
            f"{word}: {more}",
            f"{word} # {more}",
            f"[{word}, {more}]",
            f'"{word}"',
            f"'{word}",
            f"**{word}**",
        ]
        forms += [f"{{{word}: {more}}}", f"&a {word}", f"{word}\\{more}", f"`{word}`", f"{word} " * 150, f"@{word}"]
        return self.chance.choice(forms)

    def field(self, key: str) -> str:
        if key == "metadata":
            inner = "\n".join(f"  {each}: {self.text(key)}" for each in ("type", self.marks.word("inner key")))
            return self.chance.choice([f"metadata:\n{inner}", f"metadata: {self.text(key)}", "metadata:"])
        known = ["user", "Feedback", "feedback", "2025-03-01", "2025-03-01 10:00:00+02:00", "yes", "1.10", "", "007"]
        items = f"\n  - {self.text(key)}\n  - {self.text(key)}"
        block = f" |\n  {self.text(key)}\n  {self.marks.word(key)}: more"
        folded = f" {self.text(key)}\n  {self.marks.word(key)}"
        forms = [f" {self.chance.choice(known)}", f" {self.text(key)}", f" {self.text(key)}", items, block, folded]
        return f"{key}:{self.chance.choice(forms)}"

    def front(self) -> str:
        rows = [self.field(key) for key in self.chance.sample(KEYS.split(), self.chance.randrange(6))]
        extra = [f"# {self.marks.word('comment')}", "", self.marks.word("stray line"), f"name: {self.text('name')}"]
        rows += self.chance.sample(extra, self.chance.randrange(2))
        self.chance.shuffle(rows)
        inner = "\n".join(rows)
        return self.chance.choice(
            [f"---\n{inner}\n---\n", f"---\n{inner}\n---\n", f"---\n\n{inner}\n---\n\n", f"---\n{inner}\n"]
        )

    def body(self) -> str:
        blocks = [
            f"# {self.text('title')}",
            f"{self.text('setext')}\n===",
            f"Words {self.text('body')} [[one]] and [x](one.md).",
            f"```\n{self.text('code')}\n- [a](one.md) {self.marks.word('code')}\n```",
            f"    {self.marks.word('indented')}",
            f"<!-- {self.text('comment')} -->",
            f"- {self.text('item')}\n  - {self.text('item')}",
        ]
        return "\n\n".join(self.chance.sample(blocks, self.chance.randrange(5)))

    def pointer(self) -> str:
        name = self.chance.choice([*NAMES, "gone.md"]).replace(" ", "%20")
        title = self.chance.choice(["One", self.marks.word("pointer")])
        link = self.chance.choice(
            [f"[{title}]({name})", f"**[{title}](./{name})**", f"[[one|{title}]]", name, f"`{name}`"]
        )
        mark = self.chance.choice(["-", "*", "1.", "  -", "- [ ]", "|"])
        hook = self.chance.choice(
            [f" - {self.text('hook')}", f" \u2014 {self.text('hook')}", f": {self.text('hook')}", ""]
        )
        below = self.chance.choice(["", "", f"\n    {self.text('below')}", f"\n    - {self.text('below')}"])
        return f"{mark} {link}{hook}{below}"

    def index(self) -> str:
        rows = [self.front() if self.chance.random() < 0.2 else ""]
        for _ in range(self.chance.randrange(7)):
            pointers = "\n".join(self.pointer() for _ in range(self.chance.randrange(4)))
            heading = self.chance.choice(["# Memory", "## Tips", "### Deep", "", f"## {self.marks.word('section')}"])
            heading = self.chance.choice(
                [heading, f"# {self.marks.word('first')}", f"{self.marks.word('setext')}\n---"]
            )
            rows += [heading, pointers, self.body() if self.chance.random() < 0.4 else ""]
        return "\n\n".join(each for each in rows if each)

    def files(self) -> dict[str, str | bytes]:
        made: dict[str, str | bytes] = {}
        for name in self.chance.sample(NAMES, self.chance.randrange(1, 5)):
            made[name] = self.ended(self.front() + self.body())
        for name in self.chance.sample(["MEMORY.md", "sub/memory.md"], self.chance.randrange(3)):
            made[name] = self.ended(self.index())
        made |= {"notes.txt": "not read", ".hidden/x.md": "not read"}
        return made

    def ended(self, text: str) -> bytes:
        data = text.encode()
        forms = [data, data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data, data + b"\n\xff\n", b"\n" + data]
        return self.chance.choice(forms)


def test_each_text_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(FOLDERS):
        folder = tmp_path / str(seed)
        making = Making(seed)
        files = making.files()
        source = make_tree(folder / "memory", files)
        shown = (text if isinstance(text, bytes) else text.encode() for text in files.values())
        making.marks.used_in("\n".join(text.decode("utf-8", "replace") for text in shown))
        bank = new_bank(folder)
        lost, done = lost_marks(bank, read_claude_memory(tree_of(source), "memory"), making.marks, seed)
        assert (lost, done.unaccounted) == ([], ()), seed
        told = {(each.where, each.why) for each in done.misfits}
        assert {("notes.txt", "skipped: it is not a Markdown file"), (".hidden", "skipped: it is hidden")} <= told
        shutil.rmtree(folder)
