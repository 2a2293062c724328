"""A few sentences of a session's messages, chosen by rules and quoted word for word; nothing is rephrased."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.sessions.activity import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.records.sessions.messages import Message

# how many sentences are quoted, and from how many characters of the messages they are chosen
QUOTED = 4
READ = 200_000
SENTENCE_LENGTH = 200

_SPEAKERS = frozenset({"user", "assistant", "human", "agent"})
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1.*?$|\Z)", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"\s*(?:[-*+>]\s+|#{1,6}\s+|\d{1,3}[.)]\s+)*(?:\[[ xX]\]\s+)?")
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)|(?<=[\u3002\uff01\uff1f])")
_WORD = re.compile(r"[^\W_]{3,}")
# words of a sentence that says what came of the talk, rather than what is being done
_OUTCOME = re.compile(
    r"\b(?:agree[ds]?|because|broke|broken|bug|cause[ds]?|cho(?:se|sen)|conclu\w+|decid\w+|decision|done|fail(?:s|ed)?"
    r"|finish\w*|fix(?:ed|es)?|found|instead|learn(?:ed|t)|let's|merged|must|never|next|pass(?:es|ed)|problem|released?"
    r"|remaining|shipped|should|solved|todo|turns? out|use|we(?:'ll| will)|work(?:s|ed))\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "about after all also and any are but can did does for from had has have how into its just let like more not"
        " now one our out please should some than that the their them then there they this was were what when which who"
        " will with would you your",
    )
)
_FEW, _MANY = 4, 40  # words of a sentence that can stand alone


class _Sentence(NamedTuple):
    """A sentence with the number of its message and the role of the speaker."""

    place: int
    role: str
    text: str
    words: tuple[str, ...]


def extract_of(messages: Sequence[Message]) -> str:
    """Return the sentences that say most about what the messages were about and what came of them; "" without any.

    The first request is always quoted. The others are those with the words that most messages share and with words of
    an outcome, in the order they were said. Code, questions and text that looks like a secret are skipped.
    """
    sentences = list(_sentences(messages))
    if not sentences:
        return ""
    weights = Counter(word for each in sentences for word in set(each.words))
    first = next((number for number, each in enumerate(sentences) if each.role in {"user", "human"}), 0)
    last = sentences[-1].place
    rest = [
        number
        for number, each in enumerate(sentences)
        if number != first and not each.text.endswith(("?", "\uff1f")) and _FEW <= len(each.text.split()) <= _MANY
    ]
    rest.sort(key=lambda number: (-_score(sentences[number], weights, last), number))
    chosen = sorted({first, *rest[: QUOTED - 1]})
    rows: list[str] = []
    said_by = ""
    for each in (sentences[number] for number in chosen):
        rows.append(f'{"" if each.role == said_by else f"{each.role}: "}"{each.text}"')
        said_by = each.role
    return f"Quoted from {counted(len(messages), 'message')}: {' '.join(rows)}"


def _score(sentence: _Sentence, weights: Counter[str], last: int) -> float:
    shared = sum(weights[word] - 1 for word in set(sentence.words))
    outcome = len(set(_OUTCOME.findall(sentence.text.casefold())))
    # a long sentence must not win by its length alone
    return shared / (len(sentence.words) + 4) + 0.6 * min(outcome, 2) + 0.5 * (sentence.place == last)


def _sentences(messages: Sequence[Message]) -> Iterator[_Sentence]:
    from memorybank.secrets.scan import find_secrets

    left = READ
    seen: set[str] = set()
    for place, message in enumerate(messages):
        if message.role not in _SPEAKERS or left <= 0:
            continue
        text = message.text[:left]
        left -= len(text)
        for line in _FENCE.sub("\n", text).split("\n"):
            for part in _END.split(_MARKER.sub("", line, count=1)):
                words = " ".join(part.split())
                key = words.casefold()
                if not words or key in seen or "|" in words or "<!--" in words or find_secrets(words):
                    continue
                seen.add(key)
                found = tuple(word for word in _WORD.findall(key) if word not in _COMMON)
                if found:
                    yield _Sentence(place, message.role, _cut(words), found)


def _cut(text: str) -> str:
    return text if len(text) <= SENTENCE_LENGTH else f"{text[: SENTENCE_LENGTH - 1]}…"
