"""Advice on the text of a memory: whether it will be found and understood later, and whether it is there already.

Advice is never an error: the memory is saved as it is.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.records.record import parse

if TYPE_CHECKING:
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

# types whose text is a claim in words; code and steps speak for themselves
_CLAIMS = frozenset(("fact", "decision", "error", "episodic"))
_FEW_WORDS, _SHORT_DECISION = 2, 9
_WORD = re.compile(r"[^\W_][\w'-]*")
# words that say nothing on their own: a text of these, and of one other, is found by no search
_EMPTY_WORDS = """
a an and are as at be by did do does done for from had has have i in is it its made make me my now of on or our some
that the them then there these thing things this those to up use used using was we were with work works fix fixed fixes
bug bugs issue issues problem problems error errors update updated change changed changes stuff add added remove removed
refactor refactored improve improved cleanup misc various again finally
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
# a name from the code or the world outside: `x`, a.b, a_b, aB, AB, 80, a/b, and a capital inside a sentence
_NAME = re.compile(r"`[^`]+`|\w[./_:]\w|[a-z][A-Z]|\b[A-Z]{2,}\b|\d|(?<=\w )[A-Z][a-z]")
_REASON = re.compile(
    r"\b(because|since|so that|why|reasons?|rationale|due to|avoids?|instead of|rather than|as we|needs?|trade-?offs?"
    r"|context|for the|to keep|to avoid|better|faster|cheaper|simpler|safer)\b|[-:;(\u2013\u2014]\s",
    re.IGNORECASE,
)


def advice_on(record: Record, content: str) -> tuple[str, ...]:
    """Return advice on a memory whose text is too short to be found, or a decision without its reason."""
    if record.type not in _CLAIMS or "\n## " in f"\n{content}":
        return ()
    parts = (record.title, record.summary, content)
    words = {word.casefold() for part in parts for word in _WORD.findall(part)}
    if len(words - _EMPTY) < _FEW_WORDS and not any(_NAME.search(part) for part in parts):
        what = f"{record.title!r} says little: name what, where and why, so that a search finds it"
        return (f"{what}; bank update {record.id} --content TEXT",)
    is_short = record.type == "decision" and len(words) < _SHORT_DECISION
    if is_short and not any(_REASON.search(part) for part in parts):
        what = "the decision has no reason: why this, and not something else?"
        return (f"{what} bank update {record.id} --content TEXT",)
    return ()


def same_texts(bank: BankFolder, record: Record) -> tuple[str, ...]:
    """Return advice that names another record of the type with the same title and text, character for character.

    Only files with the same words in their name are read, which have the same title.
    """
    path = bank.place_of(record.file)[0]
    ending = path.name.removeprefix(record.id)
    if ending in {path.name, ".md"}:
        return ()
    try:
        names = sorted(os.listdir(path.parent))  # noqa: PTH208  ten thousand names, as text
    except OSError:
        # a dry run makes no folder
        return ()
    for name in names:
        if not name.endswith(ending) or name == path.name:
            continue
        try:
            found = parse(bank.read(path.parent / name), name, record.type)
        except BankError:
            # what cannot be read is reported by `bank check`
            continue
        if (found.title, found.content) == (record.title, record.content):
            return (f"{found.id} says the same already; bank delete {record.id} takes the new one back",)
    return ()
