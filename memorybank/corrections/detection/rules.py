"""The rules: each says for one turn of the user whether it is a correction. A rule's docstring is its manual page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.cues import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.corrections.detection.conversation import Setting
    from memorybank.corrections.detection.cues import Cue
    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.detection.turns import Turn

DENIED = "denied-with-comment"
INTERRUPTED = "interrupt-then-instruction"
UNDONE = "undone-edit"
_LIKE_BEFORE = 0.3  # the share of words that a changed request has in common with the one it replaces
_SAME = 0.7
_FEWEST = 4  # words of a request whose repetition means something
_SHORT = 6
# commands that are given again and again
_USUAL = frozenset(
    ("run", "test", "commit", "push", "deploy", "continue", "check", "build", "show", "rerun", "retry", "go", "again")
)
# reasons that are no instruction
_NO_ORDER = frozenset(("", "approval", "question", "self", "report"))


class Case(NamedTuple):
    """One turn of the user, and all that the rules look at.

    `before` are the turns before it, the last one at the end. `has_answer` is whether the assistant did anything since
    the last of them. `is_reverted` is whether the user undid an edit in the client.
    """

    turn: Turn
    setting: Setting
    cue: Cue
    before: Sequence[Turn]
    markers: Markers
    has_answer: bool
    is_rewound: bool
    is_reverted: bool


def rewind(case: Case) -> bool:
    """Find a request that was typed again in other words after the session went back to before it.

    Going back is free of words, so the new request alone says what was wrong with the answer. It has to share words
    with one of the last requests and must not be the same; a request about something else is a new one.
    """
    if not case.is_rewound:
        return False
    return any(_share(case.turn, each) >= _LIKE_BEFORE and _plain(each) != _plain(case.turn) for each in case.before)


def interrupt_then_instruction(case: Case) -> bool:
    """Find what the user typed after stopping the assistant.

    The premise is the call that was stopped. A question, an approval, "go on" and a remark about oneself are no
    instruction. A denial is another rule: there the comment belongs to the call.
    """
    if not case.setting.is_interrupted or (case.cue.points < ENOUGH and case.cue.reason in _NO_ORDER):
        return False
    first = case.turn.sentences[0].plain if case.turn.sentences else ""
    return not (case.markers["go"].match(first) and len(first.split()) <= _SHORT)


def undone_edit(case: Case) -> bool:
    """Find an order to take an edit back, in words, in the client, or by what the assistant did on it.

    In words: undo, revert, put it back, at the beginning of a sentence, if it is about something that was done. By what
    was done: a later edit restores the text before an earlier one, or git restores its file; this counts only if the
    turn has another sign that something is put right, because assistants take back their own edits as well.
    """
    if case.is_reverted:
        return case.cue.reason not in _NO_ORDER
    return case.cue.reason == "undo" and case.cue.points >= ENOUGH


def repeated_request(case: Case) -> bool:
    """Find a request that was made before in the same session, after the assistant answered it.

    Only the last turns are compared. Short commands and those that everybody repeats, such as "run the tests", are left
    out, but a few words count if they have a value of the last request that nothing of what was done has.
    """
    first = case.turn.sentences[0].plain.split()[:1] if case.turn.sentences else []
    if case.is_rewound or case.setting.is_interrupted or not case.has_answer or (first and first[0] in _USUAL):
        return False
    if len(case.turn.words) < _FEWEST:
        return _is_value_repeated(case)
    if case.cue.reason in ("question", "approval", "") and case.cue.points < ENOUGH:
        return False
    return any(_share(case.turn, each) >= _SAME for each in case.before)


def _is_value_repeated(case: Case) -> bool:
    """Check for a short text with a value of the last request that what was done on it has not."""
    is_short = 0 < case.turn.length <= _SHORT and not any(each.is_question for each in case.turn.sentences)
    if not is_short or not case.before or case.setting.is_asked:
        return False
    last = {value.text for value in case.before[-1].values()}
    done = "\n".join((case.setting.said, *(call.line for call in case.setting.calls)))
    return any(value.text in last and value.text not in done for value in case.turn.values())


def mid_turn(case: Case) -> bool:
    """Find a text that was typed while the assistant worked and changes what it does.

    Such a text needs fewer signs than others, because people interfere for a reason; a further task changes nothing.
    """
    return case.setting.is_mid_turn and case.cue.points >= ENOUGH


def marker(case: Case) -> bool:
    """Find a text whose words or whose statement put something right, in the answer to what was said or done.

    Markers are words of several languages with word boundaries, at their place in the sentence, unless they are negated
    or in a condition. Without a marker it is a statement that is about the last answer: a value that replaces another
    one, a fact of the project. Answers to questions and parts of new requests need a plain marker.
    """
    return case.cue.points >= ENOUGH


RULES: dict[str, Callable[[Case], bool]] = {
    "rewind": rewind,
    INTERRUPTED: interrupt_then_instruction,
    UNDONE: undone_edit,
    "repeated-request": repeated_request,
    "mid-turn": mid_turn,
    "marker": marker,
}


def rule_of(case: Case) -> str:
    """Return the first rule that finds a correction in a turn; "" if no rule does."""
    return next((name for name, rule in RULES.items() if rule(case)), "")


def _share(one: Turn, other: Turn) -> float:
    both = one.words | other.words
    return len(one.words & other.words) / len(both) if both else 0.0


def _plain(turn: Turn) -> str:
    return " ".join(turn.text.casefold().split())
