"""Find secrets by the name beside them: `password = "…"`, `--token …`, `<apiKey>…`; the value must look real."""

from __future__ import annotations

import re
from functools import cache

from memorybank.secrets.hits import WORD_CHARS, Hit
from memorybank.secrets.values import (
    is_digest,
    is_phrase,
    is_random,
    is_real,
    is_real_password,
    is_strong,
    kind_of_name,
)
from memorybank.secrets.words import ASCII_PASSWORDS, FOREIGN_PASSWORDS

_NAME_LENGTH = 48
_LOOK_BACK = 120
_PRIOR_WORD = r"([A-Za-z]{1,16}) \Z"
_VALUE_LENGTH = 400
_LONE_VALUE_LENGTH = 20  # without a sign such as "=" between name and value, the value must be long

_RULES = {"pass": "password", "key": "token"}
_LABELS = ("Token", "Key", "Pass", "Auth", "Credential", "Credentials")
_SIGNS_OF_VALUES = (">",)
# what makes the next word a value, without a sign between name and value
_DEFINES = ("#define ", "ENV ", "ARG ", "setenv ", "set -x ", "set -gx ", "set -Ux ")
_NAMES = "passw|passp|passc|pass|pwd|pw(?![a-z])|secret|token|key|auth|credential"
# From the end of the word: the rest of the name, closing marks, a type, the sign that assigns, an opening quote.
_ASSIGNS = r"""
    (?P<rest> [\w-]{0,40}+ ) (?: ["'`*\])] | \\+(?![nrt]) ){0,6}+
    (?: :[ \t]{0,4}+ [A-Za-z_][\w.|]{0,30}+ (?: \[[\w.|, ]{0,30}+\] )?
        (?: [ \t]{1,4}+ (?= =[^=] ) | (?= =(?:\\?["'])?\w ) ) )?
    (?: [ ](?:for|of|to|on|in)[ ] [\w ./-]{1,40}? (?= [ ]?[:=] | [ ]is[ ] ) )?
    (?P<sign> [ \t]{0,20}+ (?: :=|=>|={1,3}|:{1,2}|\|(?!\|)|>|(?:is|was)\b )
            | ,?(?:\s|\\n){1,20}+ \\?["']? value \\?["']? [ \t]{0,3} [:=]
            | [ ]?\{(?:\s|\\n){1,20}+(?:type[ ]{1,9}=[ ]{1,9}\w{1,20}(?:\s|\\n){1,20}+)?default[ ]{1,9}=
            | (?<=["']),[ ]?(?=["'])
            | (?=[ \t]) )
    [*_]{0,2}+ [ \t]{0,20}+
    (?P<quote> (?:[rbuRBU]{1,2}(?=["']))? \\{0,3}+ ["'`] )?
"""
_BARE = r"[^\s\"'`,;<>(){}\[\]|\\]{1,400}+"  # no longer than _VALUE_LENGTH
_BARE_IN_ENV = r"[^\s\"'`\\]{1,400}+"
_PHRASE = r"(?:[A-Za-z]{3,12} ){3,11}[A-Za-z0-9]{1,12}(?=\.?(?:\\?[\"'`|<]|[ \t]*(?:\n|\\n|\||\Z)))"
_CONSTANT = "[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_LOGIN = r"=?\(\\?[\"'][^\"'\n]{1,60}\\?[\"'], ?(?:Some\()?\\?[\"']([^\"'\n\\]{4,200}+)\\?[\"']"
_PAIR = r"(?:\*\*)? ?`?[\w.@+-]{2,60}`? ?[/:] ?`?([^\s\"'`\\|,/]{6,100}+)"
_NETRC = r"\blogin(?:\s|\\n|[=:]){1,20}[^\s=\\]{1,100}(?:\s|\\n){1,20}\Z"
# a place after the word (`for the database`), the sign that assigns, an opening quote, the value
_FOREIGN = (
    r"(?:[^\S\n][^\n:=\uff1a`]{1,30})?[\"'`*]{0,4}[ ]?[:=\uff1a][*]{0,2}[ ]{0,4}"
    r"([\"'`\u00ab\u300c])?([^\s\"'`\\|,;<>\u00bb\u300d\u3002]{6,200}+)"
)
_CODE = r"(?:[A-Za-z_]\w{0,80}+\.){1,9}+[A-Za-z_]\w{0,80}+\Z"


def assignment_hits(plain: str, folded: str) -> list[Hit]:
    """Return the values that look real beside a name of a secret; `folded` is the text in lower case."""
    hits: list[Hit] = []
    assigns = _compiled(_ASSIGNS, re.VERBOSE)
    done = 0
    for word in _compiled(_NAMES).finditer(folded):
        if word.start() < done:
            continue
        if word[0] == "auth":
            hits += _login_hits(plain, word.end())
        match = assigns.match(plain, word.end())
        if match is None:
            continue
        before = plain[max(0, word.start() - _LOOK_BACK) : word.start()]
        head = before[len(before.rstrip(WORD_CHARS)) :][-_NAME_LENGTH:]
        before = before[: len(before) - len(head)]
        if before.endswith("\\") and head[:1] in ("n", "r", "t"):  # a line end in JSON is no part of the name
            before, head = before + head[0], head[1:]
        name = head + plain[word.start() : match.end("rest")]
        if name.lower() == "key":  # "API key", "access key": the word before it decides the kind
            prior = _compiled(_PRIOR_WORD).search(before)
            name = f"{prior[1]}_{name}" if prior else name
        kind = "" if _is_path(before, head, match) else kind_of_name(name)
        span = _value_span(plain, match, before, name, kind) if kind else None
        if span:
            hits.append(Hit(*span, 1, _RULES.get(kind, kind)))
            done = span[1]
    return hits


def foreign_hits(text: str, folded: str) -> list[Hit]:
    """Return the passwords beside a word for "password" in another language; this looks at the text as it is."""
    hits: list[Hit] = []
    words = [(word, folded) for word in ASCII_PASSWORDS.split("|")]
    if not text.isascii():
        words += [(word, text) for word in FOREIGN_PASSWORDS.split("|")]
    for word, searched in words:
        at = searched.find(word)
        while at >= 0:
            match = _compiled(_FOREIGN).match(text, at + len(word))
            if match and match[2].isascii() and is_real_password(match[2], loose=bool(match[1])):
                hits.append(Hit(*match.span(2), 1, "password"))
            at = searched.find(word, at + len(word))
    return hits


def _login_hits(plain: str, at: int) -> list[Hit]:
    """Return the password of `auth=("ann", "…")` and `HTTPBasicAuth("ann", "…")`."""
    match = _compiled(_LOGIN).match(plain, at)
    return [Hit(*match.span(1), 0, "login-password")] if match and is_real_password(match[1]) else []


def _is_path(before: str, head: str, match: re.Match[str]) -> bool:
    """Return whether a name is a part of a path: `arn:…:secret:name`, `AWS::ApiGateway::ApiKey`, `//totp/x?secret=`."""
    if not before.endswith(":") or match["sign"].strip() == "=":
        return False
    # `registry.test/:_authToken`, and `:api_key:` as YAML of Ruby
    return not head.startswith("_") and not before[:-1].endswith((" ", "\n", "\\n")) and before != ":"


def _value_span(plain: str, match: re.Match[str], before: str, name: str, kind: str) -> tuple[int, int] | None:
    """Return the span of a name's value, if the value looks real."""
    sign, quote, start = match["sign"].strip(), match["quote"], match.end()
    flag = name.startswith("-")
    env = name.isupper() and match["sign"] == "=" and plain[start - 1] == "="
    if kind == "password" and (sign or flag):
        phrase = _compiled(_PHRASE).match(plain, start)
        if phrase and is_phrase(phrase[0]):
            return start, phrase.end()
    if sign == ":" and (before.endswith("/") or name.lower() in ("credentials", "credential")):
        pair = _compiled(_PAIR).match(plain, match.end("sign"))
        if pair and is_strong(pair[1]):
            return pair.span(1)
    if quote:
        end = plain.find(quote[-1], start, start + _VALUE_LENGTH)
        value = plain[start:end].rstrip("\\") if end >= 0 else ""
    else:
        value = _bare_value(plain, start, env=env, sign=sign)
    is_value = flag or sign in _SIGNS_OF_VALUES or sign[:1] in (",", "{")
    if not value or (sign[:1] == "," and not _compiled(_CONSTANT).fullmatch(name)):
        return None  # `("password", "autofocus")` is a list of words
    if env and kind == "pass":
        kind = "password"
    if _is_label(name, sign, quote) and is_digest(value):
        return None
    if kind == "token" and name.startswith("_") and is_real(value, "secret", loose=True):
        return start, start + len(value)  # `_authToken=` may be a UUID
    names_value = name.isupper() and before.endswith(_DEFINES)
    if sign or flag or names_value or (name == "password" and _compiled(_NETRC).search(before)):
        loose = is_value or env or (bool(quote) and sign[:1] != ",")
        real = is_real(value, kind, loose=loose)
    else:  # the value only follows the name: it must be long and random
        lone = kind not in ("password", "pass", "key") and len(value) >= _LONE_VALUE_LENGTH
        real = lone and is_random(value, bits=2.8)
    return (start, start + len(value)) if real else None


def _is_label(name: str, sign: str, quote: str | None) -> bool:
    """Return whether a name is a word of prose before a colon: `Token: 3f2a9c1`; a digest there is only a digest."""
    return name.capitalize() in _LABELS and not name.islower() and sign == ":" and quote in (None, "`")


def _bare_value(plain: str, start: int, *, env: bool, sign: str) -> str:
    """Return a value without quotes; "" if it is code: a call, an index, an attribute."""
    match = _compiled(_BARE_IN_ENV if env else _BARE).match(plain, start)
    if match is None or len(match[0]) == _VALUE_LENGTH:
        return ""
    follows = plain[match.end() : match.end() + 2]
    if (sign == ">" and follows != "</") or (follows[:1] and follows[0] in "([{" and not env):
        return ""
    if match[0].endswith("..."):  # cut short
        return ""
    value = match[0] if env or sign == ">" else match[0].partition("&")[0].rstrip(".,:").removesuffix("**")
    return "" if _compiled(_CODE).match(value) else value


@cache
def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)
