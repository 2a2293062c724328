"""What people read is in plain English: help, errors, messages, docstrings, pages. The worst habits stay out."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.syntax import nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# with tests/test_architecture.py: the modules are read once
pytestmark = pytest.mark.xdist_group("source")
ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "memorybank"
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / ".claude").rglob("*.md"),
    *(ROOT / "templates").rglob("*.md"),
    *(ROOT / ".memorybank").glob("*.md"),
]
# what stands in the place of what, so that a failure says how to fix it
BETTER = {
    r"(?<!if there )(?<!when there )\bis none\b(?! of the)": "there is no X, X is not one; the text is empty",
    r"\b(?:is|are) none of\b": "invalid X 'y': choose from a, b",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\btells\b|\b(?:is|are|was|were) told\b": "reports, prints, says; is printed",
    r"\bgiv(?:es?|ing) way\b|\bgave way\b": "is replaced",
    r"\bpass(?:es|ed)? over\b": "skipped",
    r"\btak(?:es?|ing|en) the place of\b|\btook the place of\b": "replaces",
    r"\bhold(?:s|ing)? .{1,40} against\b": "checks, compares",
    r"\bthe machine (?:said|says) no\b": "I/O or permission error",
    r"\blet alone\b": "say it in two sentences",
    r"\bnobody\b.{0,20}\bno one\b": "one of them",
    r"\b(?:whereupon|whereof|thereof|thereupon|herewith|hereby|hereof|nay|ought|shall)\b": "modern words",
}
FIRST_WORDS = re.compile(r"(?:Give|Gives|Tell|Tells|Say|Says|Hold|Holds)\b")
PARTICIPLES = re.compile(r"(?:Told|Said|Found|Asked|Gathered|Moved|Kept|Given|Seen|Wanted|Written|Taken|Kin|Wish)\Z")
CODE = re.compile(r"^(`{3,}).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)


class Words(NamedTuple):
    """A text that somebody reads, and where it is."""

    place: str
    text: str


def texts_of(path: Path) -> Iterator[Words]:
    """Yield docstrings and messages of a module, not the names in it."""
    for node in nodes_of(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield Words(f"{path.relative_to(ROOT)}:{node.lineno}", CODE.sub("", node.value))


def comments_of(path: Path) -> Iterator[Words]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        _, mark, comment = line.partition("# ")
        if mark:
            yield Words(f"{path.relative_to(ROOT)}:{number}", CODE.sub("", comment))


def habits(words: Words) -> list[str]:
    return [
        f"{words.place}: {match.group()!r} - better: {better}"
        for pattern, better in BETTER.items()
        for match in re.finditer(pattern, words.text)
    ]


def found_in(texts: list[Words]) -> str:
    """Return what was found; all texts at once are looked through first, which is much faster than one by one."""
    whole = "\n".join(words.text for words in texts)
    if not any(re.search(pattern, whole) for pattern in BETTER):
        return ""
    return "\n".join(dict.fromkeys(found for words in texts for found in habits(words)))


def test_a_habit_is_found_among_many_texts() -> None:
    assert found_in([Words("a", "Write this file"), Words("b", "Return it")]) == ""
    assert found_in([Words("a", "Return it"), Words("b", "whereof")]).startswith("b: 'whereof'")


def test_what_the_package_says_is_plain() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.name != "_generated.py"]
    assert len(modules) > 100
    texts = [words for path in modules for words in (*texts_of(path), *comments_of(path))]
    assert found_in(texts) == ""


def test_what_the_pages_say_is_plain() -> None:
    texts = [Words(str(path.relative_to(ROOT)), CODE.sub("", path.read_text(encoding="utf-8"))) for path in PAGES]
    assert found_in(texts) == ""


def test_a_docstring_begins_with_what_is_done() -> None:
    """`Return`, `Add`, `Check`; not what a person of another century would have said."""
    bad = []
    for path in PACKAGE.rglob("*.py"):
        for node in nodes_of(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = ast.get_docstring(node) or ""
                if FIRST_WORDS.match(first):
                    bad.append(f"{path.relative_to(ROOT)}: {first.partition(chr(10))[0]}")
    assert "\n".join(bad) == ""


def test_a_public_class_is_a_noun() -> None:
    names = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in PACKAGE.rglob("*.py")
        for node in nodes_of(path.read_text(encoding="utf-8"))
        if isinstance(node, ast.ClassDef) and PARTICIPLES.match(node.name)
    ]
    assert names == []


@pytest.mark.parametrize(
    "text",
    [
        "The earlier decision that gives way",
        "'x' is none of a, b",
        "the text cannot be written: there is none",
        "what was not taken is told",
        "`bank check --fix` mends it",
        "the new focus takes the place of the old one",
        "holds the files against their contracts",
    ],
)
def test_the_habits_are_seen(text: str) -> None:
    assert habits(Words("here", CODE.sub("", text)))


@pytest.mark.parametrize("text", ["The file is replaced.", "a `mend` field", "none of the files changed"])
def test_plain_words_pass(text: str) -> None:
    assert habits(Words("here", CODE.sub("", text))) == []
