"""Titles that are taken from a text: the words that people read, without the marks of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.inline import first_line, plain_words
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.memories import recall, save, update
from memorybank.workflow.entries.decide import NewLearning, learn

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

LINES = [
    ("**Use** [Redis](https://redis.io) for `cache`", "Use Redis for cache"),
    ("plain words", "plain words"),
    ("Use *Redis*, __not__ memcached", "Use Redis, __not__ memcached"),
    ("__Use Redis__ and _nothing else_", "Use Redis and nothing else"),
    ("***all*** of ~~that~~ it", "all of that it"),
    ("**bold with `code **inside`**", "bold with code **inside"),
    ("[`bank save`](docs/cli.md#save) writes", "bank save writes"),
    ("[![build](x.svg)](https://ci) is green", "build is green"),
    ('![a picture](x.png "title")', "a picture"),
    ("a [link][ref] and [text]", "a link and [text]"),
    ("see <https://example.org/a_b_c>", "see https://example.org/a_b_c"),
    (r"\*not\* \[emphasis\]", "*not* [emphasis]"),
    ("`` a ` b ``", "a ` b"),
    # what only looks like a mark
    ("2 * 3 * 4 and 2*3*4", "2 * 3 * 4 and 2*3*4"),
    ("snake_case_name stays", "snake_case_name stays"),
    ("__init__ and __main__.py", "__init__ and __main__.py"),
    ("**/*.py and *.md", "**/*.py and *.md"),
    ("*args, **kwargs", "*args, **kwargs"),
    ("List<String> x", "List<String> x"),
    ("C:\\temp\\new", "C:\\temp\\new"),
    ("a ` lonely tick", "a ` lonely tick"),
    ("[x] done [y]", "[x] done [y]"),
    ("f(a)[0](b)", "f(a)0"),
    ("~5 to ~7", "~5 to ~7"),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=[each[0] for each in LINES])
def test_a_line_reads_as_it_is_shown(line: str, words: str) -> None:
    assert plain_words(line) == words


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# Use Redis", "Use Redis"),
        ("**Use** Redis", "**Use** Redis"),
        ("- [ ] Ship it", "Ship it"),
        ("> - quoted", "quoted"),
        ("-5 degrees", "-5 degrees"),
        ("--force is needed", "--force is needed"),
        (">=3.11 is needed", "=3.11 is needed"),
        ("#todo later", "#todo later"),
        ("+1 for it", "+1 for it"),
        ("---\n***\nwords", "words"),
        ("```python\nx = 1\n```", "x = 1"),
        ("\n\n  1. first", "1. first"),
    ],
)
def test_a_first_line_loses_the_marks_of_its_block_only(text: str, line: str) -> None:
    assert first_line(text) == line


@pytest.mark.parametrize("eol", ["", "\n\nIt survives a restart.\n"])
def test_a_heading_of_a_text_is_shown_as_words_and_stays_as_typed(bank: BankFolder, way: Way, eol: str) -> None:
    typed = f"# **Use** [Redis](https://redis.io) for `cache`{eol}"
    saved = save(bank, NewRecord(typed, kind="decision"), way).record
    assert saved.title == scan(bank, kinds=("decision",)).records[0].title == "Use Redis for cache"
    assert recall(bank, saved.id).content.startswith("# **Use** [Redis](https://redis.io) for `cache`")
    changed = update(bank, saved.id, way, title="Redis").record
    assert (changed.title, changed.content) == ("Redis", recall(bank, saved.id).content)


def test_a_text_without_a_heading_has_plain_words_too(bank: BankFolder, way: Way) -> None:
    assert save(bank, NewRecord("**Use** `uv` for all"), way).record.title == "Use uv for all"
    assert save(bank, NewRecord("# Plain words\n\ntext"), way).record.title == "Plain words"


def test_a_title_that_is_given_is_kept_as_it_is(bank: BankFolder, way: Way) -> None:
    saved = save(bank, NewRecord("text", title="Why *args and `x`"), way).record
    assert recall(bank, saved.id).title == "Why *args and `x`"


def test_a_lesson_is_named_by_its_words(bank: BankFolder, way: Way) -> None:
    learned = learn(bank, NewLearning("**Always** close `files`"), way).record
    assert learned.title == "Always close files"
    assert "**Always** close `files`" in learned.content
