"""How strongly a turn says that something is to be put right: points for each sentence, with the reason.

Words alone decide little: "use pnpm" corrects an assistant that ran npm, answers one that asked, and is a plain request
otherwise. So most cues give one point, and a sentence needs `ENOUGH` points, from its words and from what it is said
to. A statement of how things are ("the port is 9090") counts if it is about what was just said or done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.exact_values import Value, values_in
from memorybank.corrections.detection.markers import OWN
from memorybank.corrections.detection.turns import content_words
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.corrections.detection.conversation import Setting
    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.detection.turns import Sentence, Turn

ENOUGH = 2
_WRONG, _STRONG, _WEAK = 3, 2, 1
_LONG_TURN = 80  # words; a longer turn says many things, so only its plain cues count
_LONG_SENTENCE = 45
_SHORT = 7
_FRAGMENT = 9
_WORD = later(r"[\w'-]+")
# `ok, `, `thanks, `: words before what is said
_CONNECTOR = later(
    r"\W*(?:(?:and|so|oh|ah|hm+|uh|um|well|ok|okay|yeah|yes|great|nice|cool|perfect|good|thanks|thx|sorry|please|pls|btw"
    r"|also|just|looks good|lol|hey|hi|und|et|y|e|\u0438|bitte|ach)\b[\s,.!:\u2026-]*)+"
)
_NEGATION = later(
    r"\b(?:not|isnt|nothing|never|if|whether|in case|unless|wenn|falls|si|se|\u0435\u0441\u043b\u0438)\b"
    r"\W*(?:\w+\W+){0,2}\Z"
)
_BUT = later(r"[,.]?\s+(?:but|aber|mais|pero|mas|\u043d\u043e|however|except|only thing|one thing)\b[\s,:]*")
# `port is 9090`: what may be a verb is the subject
_SUBJECT = later(r"\s+(?:is|are|was|were|has|should|must|needs|goes|isnt|arent|belongs|ist|sind|est|es)\b")
_DENSE_COMMA = later("[\uff0c\u3001]")


class Cue(NamedTuple):
    """The strongest reason of a turn: its points, the class of markers or the kind of statement, and the sentence."""

    points: int
    reason: str
    sentence: str


NO_CUE = Cue(0, "", "")


def strongest_cue(turn: Turn, setting: Setting, markers: Markers) -> Cue:
    """Return the strongest cue of a turn; its points include what the turn is said to."""
    best = NO_CUE
    is_long = turn.length > _LONG_TURN
    is_request = False
    seen = 0
    for sentence in turn.sentences:
        for clause in _clauses(sentence):
            cue = _Clause(clause, sentence, setting, markers, is_first=seen == 0).cue()
            if cue.reason in ("approval", ""):
                continue
            points = cue.points
            if points and points < _WRONG + 1:
                # an answer, a part of a new request and one line of many are no correction unless they are plain
                points -= setting.is_asked or is_request or (is_long and not _is_linked(clause, setting))
                points += setting.is_mid_turn and cue.reason not in ("task", "question")
            is_request = is_request or cue.reason in ("task", "question")
            if points > best.points or not best.reason:
                best = Cue(points, cue.reason, sentence.text)
            seen += 1
    return best


def _clauses(sentence: Sentence) -> Iterator[str]:
    """Yield what a sentence says before and after a word such as but."""
    for part in _BUT.split(sentence.plain):
        yield from (each for each in (_DENSE_COMMA.split(part) if not part.isascii() else (part,)) if each.strip())


def _is_linked(clause: str, setting: Setting) -> bool:
    return not content_words(clause).isdisjoint(setting.words)


class _Clause:
    """One clause and what it is said to."""

    def __init__(self, text: str, sentence: Sentence, setting: Setting, markers: Markers, *, is_first: bool) -> None:
        self._whole = text
        self._text = markers["harmless"].sub(" \u2026 ", text)
        self._is_question = sentence.is_question
        self._sentence, self._setting, self._markers, self._is_first = sentence, setting, markers, is_first
        connector = _CONNECTOR.match(self._text)
        self._lead = self._text[connector.end() :] if connector else self._text

    def cue(self) -> Cue:
        """Return what the clause says: the first class that it has, in the order of what they prove."""
        points, reason = self._not_one() or self._plain_one() or self._statement()
        return Cue(points, reason, self._sentence.text)

    def _not_one(self) -> tuple[int, str] | None:
        """Return that the clause is an approval or a question, unless it is one that asserts something."""
        if self._is_approval():
            return 0, "approval"
        if self._is_question and self._markers["doubt"].match(self._lead):
            return (_STRONG if self._values() or self._has("contrast") else _WEAK), "doubt"
        if self._markers[OWN].search(self._text):
            return None
        asks = self._starts("question") or (self._is_question and not self._has("wrong"))
        return (0, "question") if asks and not (self._starts("ask") and self._has("contrast")) else None

    def _plain_one(self) -> tuple[int, str] | None:
        """Return the class of a clause with a marker that decides alone."""
        if self._markers[OWN].search(self._text):
            return _STRONG, OWN
        is_wrong = self._has("wrong")
        if self._starts("undo"):
            return (_WRONG if is_wrong or self._setting.calls or self._is_linked() else _WEAK), "undo"
        if is_wrong:
            return _WRONG, "wrong"
        if self._starts("opener"):
            return (_STRONG if self._has_more() else _WEAK), "opener"
        if self._starts("order"):
            return _STRONG, "order"
        if self._has("contrast"):
            return _STRONG, "contrast"
        task = self._markers["task"].match(self._lead)
        if task and not _SUBJECT.match(self._lead, task.end()):
            return 0, "task"
        return (_STRONG, "not") if self._is_contrasted() else None

    def _statement(self) -> tuple[int, str]:
        """Judge a clause without such a marker: by its form, and by what it is said to."""
        words = len(_WORD.findall(self._text))
        if self._starts("self") and not self._starts("weak"):
            return 0, "self"
        if words > _LONG_SENTENCE or any(self._markers[name].search(self._text) for name in ("praise", "report")):
            return 0, "report"
        reason, points = "statement", 0
        for name in ("steer", "weak", "ours"):
            if self._starts(name) if name != "ours" else self._has(name):
                reason, points = name, points + _WEAK
        is_norm = self._has("norm")
        is_place = self._starts("place") and words <= _FRAGMENT
        values = self._values()
        points += (is_norm or is_place) and words > 1
        points += self._starts("steer") and bool(self._setting.calls) and words <= _FRAGMENT
        points += bool(values) and words <= _SHORT and not is_norm and (self._is_first or is_place)
        points += self._differs(values) + self._is_linked()
        return int(points), reason

    def _has(self, name: str) -> bool:
        """Check whether a class of markers is in the clause, not negated and not in a condition."""
        text = self._text
        return any(
            not _NEGATION.search(text, max(0, match.start() - 40), match.start())
            for match in self._markers[name].finditer(text)
        )

    def _starts(self, name: str) -> bool:
        return bool(self._markers[name].match(self._lead) or self._markers[name].match(self._text))

    def _has_more(self) -> bool:
        return len(_WORD.findall(self._text)) > 1 or not self._text.isascii()

    def _is_approval(self) -> bool:
        words = _WORD.findall(self._text)
        if not words:
            return True
        rest = self._markers["approval"].sub("", self._text)
        return not _WORD.findall(rest)

    def _is_contrasted(self) -> bool:
        """Check for `the footer, not the header`."""
        matches = self._markers["not"].finditer(self._text)
        return any(self._text[: match.start()].rstrip().endswith((",", "(")) for match in matches)

    def _values(self) -> list[Value]:
        return values_in(self._sentence.text)

    def _differs(self, values: list[Value]) -> bool:
        """Check whether a value replaces one of the same kind that was said before."""
        said = self._setting.families
        return any(value.family in said and value.text not in said[value.family] for value in values)

    def _is_linked(self) -> bool:
        return _is_linked(self._text, self._setting)
