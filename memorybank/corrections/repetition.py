"""How often the same was corrected: compared by the words that matter, and by the numbers in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from memorybank.recall.words.terms import words_of as terms_of
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.ledger import append_decisions
from memorybank.workflow.lines.similarity import ALIKE, likeness, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.corrections.correction import Correction
    from memorybank.store.folder import BankFolder

# fewer words in common are no sign of the same
_FEWEST = 2
# a word that so many texts have says nothing of what they are about
_MOST = 400


def recount(bank: BankFolder) -> None:
    """Count again how often each correction was said, and write what changed to the ledger.

    Raises:
        BankError: the ledger cannot be written.
    """
    known = known_corrections(bank)
    changed = [
        (each.id, {"similar": similar, "sessions": sessions})
        for each, (similar, sessions) in zip(known, counts_of(known), strict=True)
        if (each.similar, each.sessions) != (similar, sessions)
    ]
    append_decisions(bank, changed)


def counts_of(corrections: Sequence[Correction]) -> list[tuple[int, int]]:
    """Return for each correction how many others are of the same, and in how many sessions it was said."""
    found = []
    for number, alike in enumerate(alike_in(corrections)):
        sessions = {session_of(corrections[one]) for one in (number, *alike)}
        found.append((len(alike), len(sessions)))
    return found


def alike_in(corrections: Sequence[Correction]) -> list[list[int]]:
    """Return for each correction the places of the others that are of the same."""
    words = [_words(each.text) for each in corrections]
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(words):
        for word in each:
            having[word].append(number)
    found = []
    for number, each in enumerate(words):
        shared = Counter(other for word in each if len(having[word]) <= _MOST for other in having[word])
        least = min(_FEWEST, len(each))
        alike = [
            other
            for other, count in shared.items()
            if other != number and count >= least and likeness(each, words[other]) >= ALIKE
        ]
        found.append(alike)
    return found


def _words(text: str) -> frozenset[str]:
    found = words_of(text)
    # words of scripts without spaces are whole phrases there
    return found if text.isascii() else found | frozenset(terms_of(text))


def session_of(correction: Correction) -> str:
    """Return the name of the session that a correction was said in: its id, else the log."""
    return correction.origin.session or correction.origin.file or correction.id
