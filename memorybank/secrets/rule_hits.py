"""Find secrets by the rules: where an anchor occurs, the rule's pattern is matched and the match is judged."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from memorybank.secrets.context_rules import PLACE_RULES
from memorybank.secrets.hits import WORD_CHARS, Hit
from memorybank.secrets.rules import KEY_RULES, Rule
from memorybank.secrets.values import (
    decoded,
    has_example,
    is_placeholder,
    is_random,
    is_real_password,
    is_strong,
    is_wordy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RULES = (*KEY_RULES, *PLACE_RULES)
_RUN = r"(?<![\w.~+/=%-])[\w.~+/=%-]{20,}+"
_FEWEST_CHARACTERS = 6  # a random key has more different characters than this
_SHORTEST_TOKEN = 20  # as the user of an address
_SHORT_ANCHOR = 4  # words end like shorter ones, but not like these
_OWN_ANCHORS = ("hf_", "SG.")
_HEX_DIGITS = "0123456789abcdefABCDEF"
_WORD_CHARS = frozenset(WORD_CHARS)
_PATH_STEPS = 5  # base64 with more "/" than this is more likely a path


def rule_hits(plain: str, folded: str) -> list[Hit]:
    """Return what the rules find in a text of ASCII characters; `folded` is the same text in lower case.

    Most keys are long runs without a space, and few runs are that long: one pass finds them, and the anchors of such
    keys are searched only there.
    """
    runs = [(run.start(), run[0]) for run in _compiled(_RUN).finditer(plain)]
    joined = "\n".join(run for _, run in runs)
    starts = list(accumulate((len(run) + 1 for _, run in runs), initial=0))

    def place_in_run(at: int) -> int:
        number = bisect_right(starts, at) - 1
        return runs[number][0] + at - starts[number]

    hits: list[Hit] = []
    for anchor, rule in _present(joined, is_run=True) if joined else ():
        hits += _hits_of(plain, joined, anchor, rule, place_in_run)
    for anchor, rule in _present(plain, is_run=False):
        hits += _hits_of(plain, folded if rule.fold else plain, anchor, rule, _same_place)
    return hits


def _same_place(at: int) -> int:
    return at


def _hits_of(plain: str, searched: str, anchor: str, rule: Rule, place_of: Callable[[int], int]) -> Iterator[Hit]:
    at = searched.find(anchor)
    while at >= 0:
        start = place_of(at)
        hit = _rule_hit(plain, start, anchor, rule)
        if hit:
            yield hit
        at = searched.find(anchor, max(at + len(anchor), at + hit.end - start if hit else 0))


def _present(text: str, *, is_run: bool) -> Iterable[tuple[str, Rule]]:
    return [pair for mark, pairs in _anchors(is_run).items() if mark in text for pair in pairs]


def anchors_of(rule: Rule) -> tuple[str, ...]:
    """Return the anchors of a rule."""
    return tuple(rule.anchors.split(" ")) if isinstance(rule.anchors, str) else rule.anchors


@cache
def _anchors(is_run: bool) -> dict[str, list[tuple[str, Rule]]]:  # noqa: FBT001  cached by its one argument
    """Return the anchors by the punctuation mark in them: in a text without the mark none of them can occur."""
    anchors: dict[str, list[tuple[str, Rule]]] = {}
    for rule in RULES:
        for anchor in anchors_of(rule) if rule.is_run == is_run else ():
            anchors.setdefault(next((mark for mark in "_-.:/=" if mark in anchor), ""), []).append((anchor, rule))
    return anchors


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _rule_hit(plain: str, start: int, anchor: str, rule: Rule) -> Hit | None:
    tail = start + len(anchor)
    is_glued = not rule.back and not rule.is_part and _runs_on(plain, start)
    if is_glued and not (rule.is_run and _stands_out(anchor)):
        return None
    match = _compiled(rule.pattern).match(plain, tail)
    if match is None:
        return None
    judged = match[match.re.groups].rstrip(".,; \r\n")
    if is_glued and not _is_apart(plain[max(0, start - _SHORTEST_TOKEN) : start], anchor, judged):
        return None
    if match.re.groups:
        start = match.start(1)
    elif rule.back:
        before = plain[max(0, start - rule.back) : start]
        start -= len(before) - len(before.rstrip(WORD_CHARS + "~."))
    if not _passes(rule.check, judged, plain[tail : match.end()]):
        return None
    # a longer anchor is more specific: `sk-or-v1-` goes before `sk-`, and any rule before an assignment
    return Hit(start, match.start(match.re.groups) + len(judged), -len(anchor), rule.name)


def _runs_on(text: str, at: int) -> bool:
    r"""Return whether a word continues here (`task-` before `sk-`); after `\n` or `%3D` as text a new word begins."""
    before = text[max(0, at - 3) : at]
    if not text[at].isalnum() or before.endswith(("\\n", "\\r", "\\t")) or before[:1] == "%":
        return False
    return before[-1:].isalnum() or (before[-1:] in ("-", "_") and before[-2:-1].isalnum())


def _stands_out(anchor: str) -> bool:
    """Return whether an anchor shows a key also where a word runs on before it; short words end like `sk-`."""
    is_short = len(anchor) == _SHORT_ANCHOR and anchor[-1] in "_-."
    return len(anchor) > _SHORT_ANCHOR or is_short or anchor in _OWN_ANCHORS


def _is_apart(before: str, anchor: str, judged: str) -> bool:
    """Return whether a key begins within a word (`x` before `ghp_`): not inside base64, not a digest with a name."""
    in_base64 = len(before) == _SHORTEST_TOKEN and set(before) <= _WORD_CHARS and not is_wordy(before)
    is_key = len(anchor) > _SHORT_ANCHOR or (judged.strip(_HEX_DIGITS) != "" and is_random(judged, bits=3.0))
    return is_key and not in_base64


def _passes(check: str, judged: str, matched: str) -> bool:  # noqa: PLR0911  one return a check
    """Return whether a rule's match looks real; `matched` begins where the anchor ends."""
    match check:
        case "exact":
            return True
        case "token":
            return len(set(judged)) > _FEWEST_CHARACTERS and not has_example(judged) and not is_wordy(judged)
        case "random":
            return is_random(judged, bits=3.0)
        case "base64":
            mixed = not (judged.islower() or judged.isupper()) and judged.count("/") <= _PATH_STEPS
            return mixed and is_random(judged, bits=4.0)
        case "aws-id":
            return len(set(judged)) > _FEWEST_CHARACTERS and not judged.endswith("EXAMPLE")
        case "jwt":
            header = decoded("eyJ" + judged.partition(".")[0])
            return header.rstrip().endswith(b"}") and b'"alg"' in header
        case "pem64":
            return b"PRIVATE KEY" in decoded("LS0tLS1CRUdJTi" + judged[:90])
        case "basic":
            user, colon, password = decoded(judged).decode("latin-1").partition(":")
            return bool(colon) and len(password) > len("***") and (user + password).isascii() and password.isprintable()
        case "url":
            user, colon, _ = matched.partition(":")
            if not colon or matched.startswith(judged):
                return len(judged) >= _SHORTEST_TOKEN and is_random(judged, bits=3.0)
            return user != judged and len(judged) > len("***") and not is_placeholder(judged)
        case "strong":
            return is_strong(judged)
        case _:
            return is_real_password(judged)
