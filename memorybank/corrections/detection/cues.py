"""How strongly a turn says that something is to be put right: points for each sentence, with the reason.

Words alone decide little: "use pnpm" corrects an assistant that ran npm, answers one that asked, and is a plain request
otherwise. So most cues give one point, and a sentence needs `ENOUGH` points, from its words and from what it is said
to. A statement of how things are ("the port is 9090") counts if it is about what was just said or done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.exact_values import values_in
from memorybank.corrections.detection.markers import OWN
from memorybank.corrections.detection.turns import content_words
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.corrections.detection.conversation import Setting
    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.detection.turns import Sentence, Turn

ENOUGH = 2
_BLAME, _STRONG, _WEAK = 3, 2, 1
_LONG_TURN = 80  # words; a longer turn says many things, so only its plain cues count
_LONG_SENTENCE = 45
_SHORT = 7
_FRAGMENT = 9
_BARE = 3
_CONTRAST = 5
# reasons that are no correction where a turn agrees, or takes up the answer to a question
_SOFT = frozenset(("statement", "steer", "weak", "ours", "not", "change"))
_ANYWHERE = frozenset(("swap",))  # classes without a place, of which only the beginning is asked for
_NAMES = frozenset(("name", "code", "quoted"))
_WORD = later(r"[\w'-]+")
# `ok, `, `thanks, `: words before what is said
_CONNECTOR = later(
    r"\W*(?:(?:and|so|oh|ah|hm+|uh|um|well|wo+w|who*a+h*|woah|wait|argh|ugh|actually"
    r"|omg|oh god|jeez|yikes|dude|bro|man|mm+|hang on|hold on"
    r"|ok|okay|k|kk|yea|yeah|yes|yep|yup|great|nice|cool|perfect|good|thanks|thx|sorry|please|pls|btw"
    r"|also|just|looks good|lol|hey|hi|und|et|y|e|\u0438|bitte|ach)\b[\s,.!:\u2026-]*)+"
)
_NEGATION = later(
    r"\b(?:not|isnt|nothing|never|if|whether|in case|unless|wenn|falls|si|se|\u0435\u0441\u043b\u0438)\b"
    r"\W*(?:\w+\W+){0,2}\Z"
)
_BUT = later(r"[,.]?\s+(?:but|aber|mais|pero|mas|\u043d\u043e|however|except|only thing|one thing)\b[\s,:]*")
# `port is 9090`: what may be a verb is the subject
_SUBJECT = later(
    # in `pull requests from forks need it` so are the words after it; an order goes on with an article or the like
    r"\s+(?:(?!(?:the|an?|that|which|who|whether|if|what|how|why|where|when|it|all|this|these|those|my|our|your|and|so"
    r"|because|since|to|until|till|for|me|us|der|die|das|den|une?|la|le|les|el|los|las|o|os|as)\b)\w+\s+){0,3}"
    r"(?:is|are|was|were|has|should|must|needs?|goes|isnt|arent|belongs|ist|sind|est|es)\b"
)
# what was just done, without its name
_IT = later(r"\b(?:it|that|this|those|these|everything)\b|^\W*\w+\W*$")
_COMMA = later(r",\s+|\s+and\s+")
_AGREED = later(
    r"\W*(?:ok|okay|k|kk|yes|yep|yup|yea|yeah|right|sure|ah|oh ok|i see|got it|then|so|interesting"
    r"|ja|oui|si|da)\b(?! but)"
)
# questions that ask: they begin with a verb
_ASKS = later(
    r"(?:is|are|was|were|do|does|did|have|has|had|can|could|would|will|should|any|am|what|why|how|where|who|which)\b"
)
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
    is_only = len(turn.sentences) == 1
    is_request = is_approved = is_refused = False
    # `that is low, any ideas?` asks
    last = turn.sentences[-1] if turn.sentences else None
    is_asking = last is not None and not is_only and last.is_question and bool(markers["question"].match(last.plain))
    for sentence in turn.sentences:
        for part, is_after_but in _clauses(sentence, markers):
            clause = _Clause(part, sentence, setting, markers, is_only=is_only)
            points, reason = clause.cue()
            if reason == "approval":
                is_approved = True
                continue
            # an answer, a part of a new request and one line of many are no correction unless they are plain
            # `no.` and `are you sure?` are about what is said next to them
            is_bare = reason in ("opener", "doubt") and points == _WEAK and not setting.is_asked
            if points and is_refused and reason in _SOFT:
                points += 1
            is_refused = is_refused or is_bare
            if points:
                is_answer = clause.is_answer()
                points -= is_answer or is_request or (is_long and not clause.is_linked())
                if reason in _SOFT:
                    points -= is_request + is_answer + is_asking
                    points -= 0 if is_after_but else clause.reaction() + is_approved
                points += setting.is_mid_turn
            is_request = is_request or reason in ("task", "question")
            if points > best.points or not best.reason:
                best = Cue(max(points, 0), reason, sentence.text)
    return best


def _clauses(sentence: Sentence, markers: Markers) -> Iterator[tuple[str, bool]]:
    """Yield what a sentence says before and after a word such as but, with whether it is after one.

    What is after an exclamation such as why on earth is yielded apart, too.
    """
    for number, part in enumerate(_BUT.split(sentence.plain)):
        before, comma, after = part.partition(", ")
        if comma and not sentence.is_question and markers["question"].match(before):
            parts = [before, after]
        else:
            parts = [part] if part.isascii() else _DENSE_COMMA.split(part)
        yield from ((each, number > 0) for each in parts if each.strip())


class _Clause:
    """One clause and what it is said to."""

    def __init__(self, text: str, sentence: Sentence, setting: Setting, markers: Markers, *, is_only: bool) -> None:
        self._text = markers["harmless"].sub(" \u2026 ", text)
        self._sentence, self._is_question = sentence.text, sentence.is_question
        self._setting, self._markers, self._is_only = setting, markers, is_only
        connector = _CONNECTOR.match(self._text)
        self._lead = self._text[connector.end() :] if connector else self._text
        self._is_agreed = bool(_AGREED.match(text))
        self._count = len(_WORD.findall(self._text))
        self._values = [value for value in values_in(sentence.text) if " " not in value.text or value.kind == "amount"]

    def cue(self) -> tuple[int, str]:
        """Return points and the first class that the clause has, in the order of what they prove."""
        return self._not_one() or self._plain_one() or self._statement()

    def is_linked(self) -> bool:
        """Check whether the clause shares a word with what it is said to."""
        return not content_words(self._text).isdisjoint(self._setting.words)

    def is_answer(self) -> bool:
        """Check whether the clause answers a question; to an offer only a few words, a yes or a no do.

        A no that goes on with another value than the one that was said is no answer to an offer.
        """
        if not self._setting.is_offered or self._count <= _BARE:
            return self._setting.is_asked
        is_other = self._differs() and (self._has("norm") or self._has("contrast"))
        return (self._is_agreed or self._starts("opener")) and not is_other

    def reaction(self) -> int:
        """Return how much the clause agrees, or takes up an answer to the user's own question without another value."""
        if self._is_agreed and self._markers["go"].match(self._lead):
            return _STRONG
        if self._differs():
            return 0
        return (_STRONG if self._is_agreed else 0) + self._setting.is_answered

    def _not_one(self) -> tuple[int, str] | None:
        """Return that the clause is an approval or a question, unless it is one that asserts something."""
        if self._is_approval():
            return 0, "approval"
        if self._is_question and self._starts("doubt"):
            return (_STRONG if self._values or self._has("contrast") or self._has("swap") else _WEAK), "doubt"
        if self._markers[OWN].search(self._text):
            return None
        is_claim = self._has("blame") and not _ASKS.match(self._lead)
        is_order = (self._starts("ask") and (self._has("swap") or self._has("contrast"))) or self._is_other_choice()
        asks = self._starts("question") or (self._is_question and not is_claim)
        return (0, "question") if asks and not is_order else None

    def _plain_one(self) -> tuple[int, str] | None:
        """Return the class of a clause with a marker that decides alone."""
        if self._markers[OWN].search(self._text):
            return _STRONG, OWN
        is_blame, is_task = self._has("blame"), self._is_task()
        is_about = bool(self._setting.calls) or self.is_linked()
        if self._starts("undo"):
            return (_BLAME if is_blame or is_about or _IT.search(self._lead) else _WEAK), "undo"
        if is_blame:
            return _BLAME, "blame"
        if self._has("wrong"):
            return _WEAK + (not is_task) + is_about, "wrong"
        if self._starts("opener"):
            return (_STRONG if self._count > 1 or not self._text.isascii() else _WEAK), "opener"
        is_choice = self._is_other_choice()
        if is_choice or self._has("swap"):
            return (_STRONG if is_choice or not self._starts("swap") or self.is_linked() else _WEAK), "swap"
        is_order = any(self._markers["order"].match(part) for part in _COMMA.split(self._text)[1:])
        if is_task and not (is_order and self._count <= _SHORT):
            return 0, "task"
        if is_order or self._starts("order"):
            return _STRONG, "order"
        if self._has("contrast"):
            is_told = self._has("report") and not is_about  # a customer said that it should be so: a new task
            return (_WEAK if is_told else _STRONG), "contrast"
        return (_STRONG, "not") if self._is_contrasted() and not self._has("praise") else None

    def _statement(self) -> tuple[int, str]:
        """Judge a clause without such a marker: by its form, and by what it is said to."""
        if self._starts("self") and not self._starts("weak"):
            return 0, "self"
        if self._count > _LONG_SENTENCE or self._has("praise") or (self._has("report") and not self._has("ours")):
            return 0, "report"
        is_short = self._count <= _FRAGMENT
        if self._starts("change"):
            return int(self._differs()) + (self._differs() and self.is_linked()), "change"
        reasons = [name for name in ("steer", "weak") if self._starts(name)]
        reasons += [name for name in ("ours",) if self._has(name)]
        is_norm, is_done = self._has("norm"), bool(self._setting.calls)
        is_work = not (self._setting.is_answered or self._setting.is_asked)
        is_place = self._starts("place") and is_short
        points = len(reasons) + ((is_norm or is_place) and self._count > 1)
        points += ("steer" in reasons and is_done and is_short) + (is_work and self._has("lack"))
        is_new = self._has_new_value()
        points += is_new and "ours" in reasons
        points += is_work and self._is_urged()
        if is_new and not is_norm and "steer" not in reasons:
            points += self._count <= _SHORT and (self._is_only or is_place)
            points += self._count <= _BARE and self._is_only
        is_linked = self.is_linked()
        points += self._differs() + is_linked
        # who says something of what was just done, and neither asks nor agrees, objects to it
        is_remark = is_work and self._is_only and self._text.isascii() and self._count > _BARE
        is_remark = is_remark and not (self._is_agreed or self._is_question or self._starts("more"))
        points += is_remark and (is_linked or (points == 1 and "\u2026" not in self._text))
        return int(points), reasons[0] if reasons else "statement"

    def _has(self, name: str) -> bool:
        """Check whether a class of markers is in the clause, not negated and not in a condition."""
        text = self._text
        return any(
            not _NEGATION.search(text, max(0, match.start() - 40), match.start())
            for match in self._markers[name].finditer(text)
        )

    def _starts(self, name: str) -> bool:
        # in scripts without spaces an order is at the end of its clause, and its pattern has no beginning
        find = self._markers[name].match if name in _ANYWHERE else self._markers[name].search
        return bool(find(self._lead) or find(self._text))

    def _is_task(self) -> bool:
        task = self._markers["task"].match(self._lead)
        return bool(task) and not self._starts("order") and not _SUBJECT.match(self._lead, task.end() if task else 0)

    def _is_approval(self) -> bool:
        return not self._count or not _WORD.findall(self._markers["approval"].sub("", self._text))

    def _is_other_choice(self) -> bool:
        """Check for `could you use version 5` after version 3 was used."""
        asked = self._markers["ask"].match(self._lead)
        is_choice = asked is not None and self._markers["steer"].match(self._lead[asked.end() :]) is not None
        return is_choice and bool(self._setting.calls) and self._differs()

    def _is_urged(self) -> bool:
        """Check for `score descending please` and `archive!!`, but not for a further request."""
        is_pressed = "!!" in self._sentence or self._has("urge")
        return is_pressed and not (self._starts("task") or self._starts("more"))

    def _is_contrasted(self) -> bool:
        """Check for `the footer, not the header`, `not the header, the footer` and `staging not prod`."""
        matches = list(self._markers["not"].finditer(self._text))
        for match in matches:
            before, after = self._text[: match.start()].rstrip(), self._text[match.end() :]
            if before.endswith((",", "(")):
                return True
            first, comma, _ = after.partition(",")
            if not before.strip(" \u2026"):
                if (comma or self._count <= _BARE) and self._is_said(first):
                    return True
            elif self._count <= _CONTRAST and self._is_said(after) and not self._is_verb(before):
                return True
        return False

    def _is_said(self, text: str) -> bool:
        return not content_words(text).isdisjoint(self._setting.words)

    def _is_verb(self, text: str) -> bool:
        """Check whether a text has a verb of a statement: in `the port is not open` nothing is set against another."""
        return self._markers["norm"].search(text) is not None or self._starts("question")

    def _has_new_value(self) -> bool:
        """Check whether a value was not said before: a command that is typed as it was advised corrects nothing."""
        said = self._setting.families
        return any(value.text not in said.get(value.family, ()) for value in self._values)

    def _differs(self) -> bool:
        """Check whether a value replaces one of the same kind that was said before; a name only in a short clause."""
        said = self._setting.families
        return any(
            value.family in said and value.text not in said[value.family]
            for value in self._values
            if value.kind not in _NAMES or self._count <= _SHORT
        )
