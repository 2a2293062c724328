"""Find secrets that must not be stored: keys, tokens, passwords, private keys. Pure: takes text, returns places.

There are two ways to find one. A *rule* (see `rules.py`) is tried where its anchor occurs. An *assignment* is tried
where a name says "secret" (`password = "…"`, `--token …`, `<apiKey>…`), and its value must look real. All work is
linear in the length of the text. A finding reports the rule and the place, never the secret itself.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from memorybank.secrets.rules import RULES, Rule
from memorybank.secrets.values import (
    KINDS,
    decoded,
    has_example,
    is_placeholder,
    is_random,
    is_real,
    is_real_password,
    is_wordy,
    kind_of_name,
)


class Secret(NamedTuple):
    """A secret that was found: the rule, the line (from 1) and the half-open span in the text."""

    rule: str
    line: int
    start: int
    end: int


class _Hit(NamedTuple):
    start: int
    end: int
    rank: int  # if hits overlap, the lowest rank decides the rule
    rule: str


_WORD_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_NAME_LENGTH = 48
_PRIOR_WORD_LENGTH = 16
_VALUE_LENGTH = 400
_LONE_VALUE_LENGTH = 20  # without a sign such as "=" between name and value, the value must be long
_FEWEST_CHARACTERS = 6  # a random key has more different characters than this
_PATH_STEPS = 5  # base64 with more "/" than this is more likely a path

_NAMES = "passw|passp|passc|pass|pwd|secret|token|key|auth|credential"
# From the end of the word: the rest of the name, closing marks, a type, the sign that assigns, an opening quote.
_ASSIGNS = r"""
    (?P<rest> [\w-]{0,40}+ ) [\\"'`*\])]{0,6}+
    (?: :[ \t]{0,4}+ [A-Za-z_][\w.|]{0,30}+ (?: \[[\w.|, ]{0,30}+\] )? [ \t]{0,4}+ (?= =[^=] ) )?
    (?: [ ](?:for|of|to|on|in)[ ] [\w ./-]{1,40}? (?= [ ]?[:=] | [ ]is[ ] ) )?
    (?P<sign> [ \t]{0,20}+ (?: :=|=>|={1,3}|:{1,2}|\|(?!\|)|>|(?:is|was)\b )
            | ,?\s{1,20}+ ["']? value ["']? [ \t]{0,3} [:=]
            | (?=[ \t]) )
    [*_]{0,2}+ [ \t]{0,20}+
    (?P<quote> (?:[rbuRBU]{1,2}(?=["']))? \\{0,3}+ ["'`] )?
"""
_BARE = r"[^\s\"'`,;<>(){}\[\]|\\]{1,400}+"  # no longer than _VALUE_LENGTH
_BARE_IN_ENV = r"[^\s\"'`\\]{1,400}+"
# UTF-16 text, as Windows programs write it, read as one byte per character: each letter has a NUL beside it
_WIDE = re.compile(r"(?:[\t\n\r -~]\0){8,}+[\t\n\r -~]?")
_CODE = r"(?:[A-Za-z_]\w{0,80}+\.){1,9}+[A-Za-z_]\w{0,80}+\Z"


def rule_names() -> list[str]:
    """Return the names of all rules that a finding can have, in order."""
    # the rule of an assignment is the kind of its name
    return sorted({rule.name for rule in RULES} | set(KINDS))


def find_secrets(text: str) -> tuple[Secret, ...]:
    r"""Return every secret in a text, in order and without overlap; lines end at "\n" only."""
    # Each character becomes one character, so offsets stay valid; a key has only ASCII characters.
    plain = text if text.isascii() else text.encode("ascii", "replace").decode("ascii")
    folded = plain.lower()
    found: list[Secret] = []
    line, counted = 1, 0
    for hit in _apart([*_rule_hits(plain, folded), *_assignment_hits(plain, folded), *_wide_hits(plain)]):
        line += plain.count("\n", counted, hit.start)
        counted = hit.start
        found.append(Secret(hit.rule, line, hit.start, hit.end))
    return tuple(found)


def _wide_hits(plain: str) -> list[_Hit]:
    hits: list[_Hit] = []
    for run in _WIDE.finditer(plain) if "\0" in plain else ():
        narrow, at = run.group().replace("\0", ""), run.start()
        found = [*_rule_hits(narrow, narrow.lower()), *_assignment_hits(narrow, narrow.lower())]
        hits += [each._replace(start=at + 2 * each.start, end=at + 2 * each.end - 1) for each in found]
    return hits


def redact(text: str) -> str:
    """Replace every secret with `<redacted:rule>`; neither the secret nor its length is kept."""
    return redacted(text)[0]


def redacted(text: str, allowed: tuple[str, ...] = ()) -> tuple[str, tuple[Secret, ...]]:
    """Return a text with every secret replaced by `<redacted:rule>`, and the secrets; allowed rules are skipped."""
    pieces: list[str] = []
    at = 0
    found = tuple(each for each in find_secrets(text) if each.rule not in allowed)
    for secret in found:
        pieces += (text[at : secret.start], f"<redacted:{secret.rule}>")
        at = secret.end
    return "".join((*pieces, text[at:])), found


def _apart(hits: list[_Hit]) -> list[_Hit]:
    """Join hits that overlap: the result has the best rule and the span of all."""
    apart: list[_Hit] = []
    for hit in sorted(hits):
        if apart and hit.start < apart[-1].end:
            last = apart[-1]
            better = min(last, hit, key=lambda each: each.rank)
            apart[-1] = better._replace(start=last.start, end=max(last.end, hit.end))
        else:
            apart.append(hit)
    return apart


@cache
def _anchors() -> dict[str, list[tuple[str, Rule]]]:
    """Return the anchors by the punctuation mark in them: in a text without the mark none of them can occur."""
    anchors: dict[str, list[tuple[str, Rule]]] = {}
    for rule in RULES:
        for anchor in rule.anchors.split(" "):
            anchors.setdefault(next((mark for mark in "_-.:/=" if mark in anchor), ""), []).append((anchor, rule))
    return anchors


@cache
def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def _rule_hits(plain: str, folded: str) -> list[_Hit]:
    hits: list[_Hit] = []
    present = [pair for mark, pairs in _anchors().items() if mark in plain for pair in pairs]
    for anchor, rule in present:
        searched = folded if rule.fold else plain
        at = searched.find(anchor)
        while at >= 0:
            hit = _rule_hit(plain, at, anchor, rule)
            if hit:
                hits.append(hit)
            at = searched.find(anchor, hit.end if hit else at + len(anchor))
    return hits


def _rule_hit(plain: str, start: int, anchor: str, rule: Rule) -> _Hit | None:
    tail = start + len(anchor)
    if not rule.back and _runs_on(plain, start):
        return None
    match = _compiled(rule.pattern).match(plain, tail)
    if match is None:
        return None
    judged = match[match.re.groups].rstrip(".,; \r\n")
    if match.re.groups:
        start = match.start(1)
    elif rule.back:
        before = plain[max(0, start - rule.back) : start]
        start -= len(before) - len(before.rstrip(_WORD_CHARS + "~."))
    if not _passes(rule.check, judged, plain[tail : match.end()]):
        return None
    # a longer anchor is more specific: `sk-or-v1-` goes before `sk-`, and any rule before an assignment
    return _Hit(start, match.start(match.re.groups) + len(judged), -len(anchor), rule.name)


def _runs_on(text: str, at: int) -> bool:
    r"""Return whether a word continues here (`task-` before `sk-`); after `\n` or `%3D` as text a new word begins."""
    before = text[max(0, at - 3) : at]
    if not text[at].isalnum() or before.endswith(("\\n", "\\r", "\\t")) or before[:1] == "%":
        return False
    return before[-1:].isalnum() or (before[-1:] in ("-", "_") and before[-2:-1].isalnum())


def _passes(check: str, judged: str, matched: str) -> bool:
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
            user = matched.partition(":")[0]
            return user != judged and len(judged) > len("***") and not is_placeholder(judged)
        case _:
            return is_real_password(judged)


def _assignment_hits(plain: str, folded: str) -> list[_Hit]:
    hits: list[_Hit] = []
    assigns = _compiled(_ASSIGNS, re.VERBOSE)
    done = 0
    for word in _compiled(_NAMES).finditer(folded):
        match = assigns.match(plain, word.end()) if word.start() >= done else None
        if match is None:
            continue
        before = plain[max(0, word.start() - _NAME_LENGTH) : word.start()]
        head = before[len(before.rstrip(_WORD_CHARS)) :]
        name = head + plain[word.start() : match.end("rest")]
        if name.lower() == "key":  # "API key", "access key": the word before it decides the kind
            name = before.rstrip(" ")[-_PRIOR_WORD_LENGTH:].rpartition(" ")[2] + "_" + name
        # `arn:…:secret:name` and `AWS::ApiGateway::ApiKey` are paths
        path = before[: len(before) - len(head)].endswith(":") and match["sign"].strip() != "="
        kind = "" if path else kind_of_name(name)
        span = _value_span(plain, match, name, kind) if kind else None
        if span:
            hits.append(_Hit(*span, 1, kind))
            done = span[1]
    return hits


def _value_span(plain: str, match: re.Match[str], name: str, kind: str) -> tuple[int, int] | None:
    """Return the span of a name's value, if the value looks real."""
    sign, quote, start = match["sign"].strip(), match["quote"], match.end()
    flag = name.startswith("-")
    env = name.isupper() and match["sign"] == "=" and plain[start - 1] == "="
    if quote:
        end = plain.find(quote[-1], start, start + _VALUE_LENGTH)
        value = plain[start:end].rstrip("\\") if end >= 0 else ""
    else:
        value = _bare_value(plain, start, env=env, sign=sign)
    if not value:
        return None
    if sign or flag:
        real = is_real(value, kind, loose=bool(quote) or env or flag or sign == ">")
    else:  # the value only follows the name: it must be long and random
        real = kind != "password" and len(value) >= _LONE_VALUE_LENGTH and is_random(value, bits=2.8)
    return (start, start + len(value)) if real else None


def _bare_value(plain: str, start: int, *, env: bool, sign: str) -> str:
    """Return a value without quotes; "" if it is code: a call, an index, an attribute."""
    match = _compiled(_BARE_IN_ENV if env else _BARE).match(plain, start)
    if match is None or len(match[0]) == _VALUE_LENGTH:
        return ""
    follows = plain[match.end() : match.end() + 2]
    if (sign == ">" and follows != "</") or (follows[:1] and follows[0] in "([{" and not env):
        return ""
    value = match[0] if env else match[0].partition("&")[0].rstrip(".,:*")
    return "" if _compiled(_CODE).match(value) else value
