"""Three texts of one file, merged without git: by the product, by git's text merge, by its union."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.team.histories.editing import edit_text, stamp_at
from tests.team.histories.making import NAMES, Words, make_file
from tests.team.histories.reading import cut, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Merge = Callable[[str, str, str, str], str]


class Pair(NamedTuple):
    """A file of a common bank, and as two writers left it."""

    name: str
    base: str
    ours: str
    theirs: str


def make_pair(seed: int | str, *, stamps: bool = True, real: str = "") -> Pair:
    """Make a pair by chance. `real` is a text to begin with, instead of a made one."""
    rng = Random(f"pair {seed}")
    words = Words(rng)
    name = "notes.md" if real else rng.choice(NAMES)
    base = with_tokens(real, words) if real else make_file(words, name)
    stamp = iter(stamp_at(minute) for minute in rng.sample(range(20000), 20))
    ours = theirs = base
    if rng.random() < 0.12:  # the same edit on both sides
        numbers = next(words.numbers)
        both = [edit_text(base, Words(Random(numbers), words.numbers), name) for _ in range(1)]
        ours = theirs = both[0]
    ours, theirs = (
        edited(text, words, name, (lambda: next(stamp)) if stamps and rng.random() < 0.7 else (lambda: ""))
        for text in (ours, theirs)
    )
    return Pair(name, base, ours, theirs)


def edited(text: str, words: Words, name: str, stamp: Callable[[], str]) -> str:
    """Return a text after what one writer does to it between two merges."""
    for _ in range(words.rng.choice([1, 1, 2, 2, 3, 4])):
        text = edit_text(text, words, name, stamp=stamp())
    return text


def with_tokens(text: str, words: Words) -> str:
    """Give each line of a real text its token: at the end of words, never where it would change what the line is."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = cut(text)
    page = read(text)
    for at, line in enumerate(page.lines):
        after = lines[at + 1].strip() if at + 1 < len(lines) else ""
        marked = line.kind in {"item", "text", "heading"} and not (after and not after.strip("=-"))
        if marked and any(sign.isalnum() for sign in line.text) and not line.text.endswith("  "):
            lines[at] = f"{line.text.rstrip()} {words.token()}"
    return ending.join(lines) + (ending if text.endswith("\n") else "")


def by_git(*options: str) -> Merge:
    """Return git's own merge of texts."""

    def merge(name: str, base: str, ours: str, theirs: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, each) for each in ("ours", "base", "theirs")]
            for file, text in zip(files, (ours, base, theirs), strict=True):
                file.write_bytes(text.encode())
            names = ("-L", "ours", "-L", "base", "-L", "theirs")
            ran = subprocess.run(
                ["git", "merge-file", "-p", "-q", *names, *options, *files], capture_output=True, check=False
            )
            return ran.stdout.decode()

    return merge


def by_product() -> Merge:
    """Return the merge under test."""
    from memorybank.contracts.load import load_contract
    from memorybank.team.merge import merge_files

    def merge(name: str, base: str, ours: str, theirs: str) -> str:
        texts = (text.encode() for text in (base, ours, theirs))
        merged = merge_files(*texts, name=name, contract=load_contract(name))
        return merged.data.decode()

    return merge


def real_texts(folder: Path) -> Iterator[str]:
    """Return the Markdown files of real banks."""
    for path in sorted(folder.rglob("*.md")):
        yield path.read_text(encoding="utf-8")
