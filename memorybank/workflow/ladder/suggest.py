"""Suggest promotions: observations that were repeated, cited, hard to find, or contradict a pattern."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.ids import RANDOM_ID
from memorybank.listing import Listing
from memorybank.records.find import scan
from memorybank.records.sessions.messages import FOLDER, read_messages
from memorybank.shell import quoted
from memorybank.workflow.contradictions.clash import clash
from memorybank.workflow.ladder.pattern_kind import kind_for
from memorybank.workflow.lines.find import Line, lines_in
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.lines.similarity import ALIKE, likeness, plain_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder

ATTEMPTS = 3
_DEBUG = re.compile(r"\A\[DEBUG-(\d+)\]:?\s*")
_RESET = "[DEBUG-RESET"
_FOLDERS = ("archive", "sessions")
_TITLES = ("learning", "error", "bug", "episodic")
_MOST_FILES = 2000
_MOST_MESSAGES = 200
_MOST_LINES = 10_000
_LONGEST = 400


class Suggestion(NamedTuple):
    """One observation with the suggested outcome, the reason, and the command that applies it.

    `outcome` is promote, update, consolidate, replace or delete; an observation without a suggestion is kept.
    """

    address: str
    text: str
    outcome: str
    why: str
    hint: str


class SuggestionList(Listing[Suggestion]):
    """Suggestions, in the order of the file."""

    __slots__ = ()
    plural = "suggestions"


class _Said(NamedTuple):
    where: str
    text: str
    words: frozenset[str]


def suggest(bank: BankFolder) -> SuggestionList:
    """Return the suggestions in the order of the file, at most one for each observation."""
    seen = [each for kind in ("learning", "change") for each in _lines_of(bank, kind)]
    if not seen:
        return SuggestionList()
    patterns = [(each, words_of(each.text)) for each in lines_in(bank, place_of(bank, "gotcha").file)]
    decisions = _lines_of(bank, "decision")
    earlier, spoken = list(_earlier(bank)), list(islice(_spoken(bank), _MOST_LINES))
    found: list[Suggestion] = []
    for number, line in enumerate(seen):
        words = words_of(line.text)
        before = [_Said(each.address, each.text, words_of(each.text)) for each in seen[:number]]
        one = (
            _debugged(line, seen)
            or _against(line, patterns)
            or _known(line, words, patterns)
            or _twice(line, words, before)
            or _again(line, words, earlier, spoken)
            or _cited(line, decisions)
        )
        if one is not None:
            found.append(one)
    return SuggestionList(found)


def _lines_of(bank: BankFolder, kind: str) -> list[Line]:
    place = place_of(bank, kind)
    try:
        return lines_in(bank, place.file, place.section)
    except BankError:
        # a missing section has no lines
        return []


def _earlier(bank: BankFolder) -> Iterator[_Said]:
    """Yield earlier lines: from the archive, from sessions, and the titles of records."""
    for folder in _FOLDERS:
        root = bank.folder / folder
        files = sorted(root.rglob("*.md"))[-_MOST_FILES:] if root.is_dir() else []
        for path in files:
            try:
                lines = lines_in(bank, str(path))
            except BankError:
                continue
            yield from (_Said(bank.name_of(path), line.text, words_of(line.text)) for line in lines)
    for record in scan(bank, kinds=_TITLES).records:
        yield _Said(record.id, record.title, words_of(record.title))


def _one(line: Line, outcome: str, reason: str, command: str) -> Suggestion:
    return Suggestion(line.address, plain_of(line.text), outcome, reason, command)


def _named(line: Line) -> str:
    return quoted(f"{line.file}#{line.section}") + f" {line.number}"


def _pattern(line: Line) -> str:
    return f"bank promote {_named(line)} --to pattern --section {kind_for(line.text)}"


def _debugged(line: Line, seen: list[Line]) -> Suggestion | None:
    found = _DEBUG.match(plain_of(line.text))
    if found is None:
        return None
    after = seen[seen.index(line) + 1 :]
    following = next((each for each in after if plain_of(each.text).startswith(("[DEBUG-",))), None)
    last = following is None or plain_of(following.text).startswith(_RESET)
    if not last or int(found.group(1)) < ATTEMPTS:
        return None
    reason = f"finding it took {found.group(1)} attempts"
    return _one(line, "promote", reason, f"bank promote {_named(line)} --to document --section solution")


def _against(line: Line, patterns: list[tuple[Line, frozenset[str]]]) -> Suggestion | None:
    for pattern, _ in patterns:
        if plain_of(pattern.text).startswith("~~"):
            continue
        if clash(plain_of(line.text), plain_of(pattern.text)) is not None:
            named = quoted(f"{pattern.file}#{pattern.section}")
            command = f"bank demote {named} {pattern.number} --why {quoted(plain_of(line.text))}"
            return _one(line, "replace", f"it contradicts {pattern.address}: {plain_of(pattern.text)}", command)
    return None


def _known(line: Line, words: frozenset[str], patterns: list[tuple[Line, frozenset[str]]]) -> Suggestion | None:
    for pattern, others in patterns:
        if likeness(words, others) >= ALIKE:
            outcome = "delete" if words <= others else "update"
            named = quoted(f"{pattern.file}#{pattern.section}")
            command = (
                f"bank item remove {_named(line)}"
                if outcome == "delete"
                else f"bank item replace {named} {pattern.number} {quoted(plain_of(line.text))}"
            )
            return _one(line, outcome, f"{pattern.address} already says this: {plain_of(pattern.text)}", command)
    return None


def _twice(line: Line, words: frozenset[str], before: list[_Said]) -> Suggestion | None:
    said = next((each for each in before if likeness(words, each.words) >= ALIKE), None)
    if said is None:
        return None
    return _one(line, "consolidate", f"{said.where} says the same: {plain_of(said.text)}", _pattern(line))


def _spoken(bank: BankFolder) -> Iterator[_Said]:
    """Yield the lines of session messages, newest session first, without the output of tools."""
    root = bank.folder / FOLDER
    for path in sorted(root.glob("*.jsonl"), reverse=True) if root.is_dir() else []:
        try:
            rows = read_messages(bank, path.stem, limit=_MOST_MESSAGES).rows
        except BankError:
            continue
        for text in (line for row in rows if row.role in ("user", "assistant") for line in row.text.split("\n")):
            if text.strip() and len(text) <= _LONGEST:
                yield _Said(f"{FOLDER}{path.name}", text, words_of(text))


def _again(line: Line, words: frozenset[str], earlier: list[_Said], spoken: list[_Said]) -> Suggestion | None:
    places = {each.where for each in earlier if likeness(words, each.words) >= ALIKE and each.where not in line.text}
    sessions = {each.where for each in spoken if likeness(words, each.words) >= ALIKE}
    # a single session is probably the one in which it was noted
    places |= sessions if len(sessions) > 1 else set()
    if not places:
        return None
    told = ", ".join(sorted(places)[:3])
    return _one(line, "promote", f"it was seen before: {told}", _pattern(line))


def _cited(line: Line, decisions: list[Line]) -> Suggestion | None:
    names = [f"^{line.id}"] if line.id else []
    names += re.findall(rf"(?<![\w-]){RANDOM_ID}(?![\w-])", line.text)
    text = plain_of(line.text)
    for decision in decisions:
        if any(name in decision.text for name in names) or (len(text) > 20 and text in decision.text):  # noqa: PLR2004  a few words
            return _one(line, "promote", f"a decision is based on it: {plain_of(decision.text)}", _pattern(line))
    return None
