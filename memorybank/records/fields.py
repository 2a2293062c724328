"""Check the values of a record's fields: tags, metadata, links, and the field types that a record type declares."""

from __future__ import annotations

import re
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import check_text, one_line
from memorybank.errors import FieldError
from memorybank.ids import chosen
from memorybank.patterns import later
from memorybank.records.record import COMMON, RELATIONS, Link
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.records.types import FieldSpec, RecordType

TAG_LENGTH = 60
TEXT_LENGTH = 2000
MAX_DEPTH = 8
NAME_LENGTH = 100

_TAG = later(r"[^\W_A-Z]+(?:[-./+][^\W_]+)*[+#]{0,2}\Z")
_NOT_TAG = later(r"[^\w./+#]+|_+")
_NAME = later(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_DATE = later(r"\d{4}-\d\d-\d\d\Z")
_TIME = later(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?\Z")


def check_tag(tag: str) -> str:
    """Return a tag if it is valid: lower-case words joined by hyphens (or `.`, `/`, `+`).

    Raises:
        FieldError: it is not valid; the hint has the closest valid tag.
    """
    tag = tag.strip().removeprefix("#")
    if _TAG.match(tag) and tag == tag.lower() and len(tag) <= TAG_LENGTH:
        return tag
    close = closest_tag(tag)
    hint = f"--tags {close}" if close else "bank tags"
    raise FieldError(field="tags", why=f"invalid tag {tag!r}: use lower-case words joined by hyphens", hint=hint)


def closest_tag(text: str) -> str:
    """Return the valid tag with the same words, `user-auth` for `UserAuth`; "" if there is none."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    close = _NOT_TAG.sub("-", spaced).strip("-./").lower()[:TAG_LENGTH].rstrip("-./")
    return close if _TAG.match(close) and close == close.lower() else ""


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Check tags, or a single one, and remove duplicates.

    Raises:
        FieldError: one of them is not a valid tag.
    """
    words = [tags] if isinstance(tags, str) else tags
    return tuple(dict.fromkeys(check_tag(word) for word in words if word.strip()))


def change_tags(tags: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """Return the tags after a change: `+x` adds, `-y` removes, plain tags replace all tags.

    Raises:
        FieldError: a tag is not valid, a tag to remove does not exist, or both forms are mixed.
    """
    words = [each.strip() for each in ([words] if isinstance(words, str) else words) if each.strip()]
    signed = [word for word in words if word[0] in "+-"]
    if not signed:
        return check_tags(words)
    if len(signed) != len(words):
        raise FieldError(field="tags", why="+x and -y cannot be mixed with plain tags", hint="--tags +new,-old")
    found = list(tags)
    for each in signed:
        name = each[1:]
        if each[0] == "+":
            found += [check_tag(name)] if name not in found else []
        elif name in found:
            found.remove(name)
        else:
            raise FieldError(field="tags", why=f"there is no tag {name!r} to remove", hint=f"--tags {','.join(tags)}")
    return tuple(found)


def check_line(name: str, text: str) -> str:
    """Return a field's text as one line.

    Raises:
        FieldError: it is too long.
        UnsupportedTextError: it contains hidden characters, or bytes that are not UTF-8.
    """
    line = one_line(check_text(text))
    if len(line) > TEXT_LENGTH:
        raise FieldError(
            field=name, why=f"it has {len(line)} characters, the limit is {TEXT_LENGTH}", hint="shorten it"
        )
    return line


def check_title(text: str) -> str:
    """Return a title as one line; a title that is too long is refused, never cut.

    Raises:
        FieldError: it is too long.
        UnsupportedTextError: it contains characters that a line must not have.
    """
    title = check_line("title", text)
    if len(title) > TITLE_LENGTH:
        why = f"it has {len(title)} characters, the limit is {TITLE_LENGTH}"
        raise FieldError(field="title", why=why, hint="shorten it, and put the rest into the text")
    return title


def check_metadata(value: Mapping[str, Any]) -> dict[str, Any]:
    """Check metadata: names allowed in front matter, and values that JSON can represent.

    Raises:
        FieldError: a name or a value cannot be stored.
    """
    found = {}
    for name, each in value.items():
        if not _NAME.match(str(name)) or len(str(name)) > NAME_LENGTH:
            raise FieldError(field="metadata", why=f"invalid name {name!r}", hint="--metadata name=value")
        found[str(name)] = _checked(each, str(name), 1)
    return found


def _checked(value: Any, name: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise FieldError(
            field=f"metadata.{name}", why=f"it is nested deeper than {MAX_DEPTH}", hint="nest it less deeply"
        )
    if isinstance(value, float) and not isfinite(value):
        raise FieldError(field=f"metadata.{name}", why=f"JSON has no number {value}", hint="pass it as text")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return check_text(value)
    if isinstance(value, dict):
        long = next((str(key) for key in value if len(str(key)) > NAME_LENGTH), "")
        if long:
            why = f"the name {long[:20]!r}… is longer than {NAME_LENGTH} characters"
            raise FieldError(field=f"metadata.{name}", why=why, hint="use a shorter name")
        return {check_text(str(key)): _checked(each, name, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_checked(each, name, depth + 1) for each in value]
    raise FieldError(field=f"metadata.{name}", why=f"a {type(value).__name__} cannot be stored", hint="pass text")


def _not_a_pair(pairs: tuple[str, ...], pair: str, option: str) -> FieldError:
    """Return the error for a pair without a name or a value; what is missing is an example in its next command."""
    name, _, text = pair.partition("=")
    fixed = f"{name.strip() or 'sprint'}={text or '42'}"
    error = FieldError(field=option.lstrip("-"), why=f"{pair!r} is not name=value", hint=f"{option} {quoted(fixed)}")
    error.options = {option: tuple(fixed if each == pair else each for each in pairs)}
    return error


def parse_metadata(pairs: Iterable[str], option: str = "--metadata") -> dict[str, Any]:
    """Parse `name=value` pairs of an option. A value is JSON if it reads back as the same text, else plain text.

    Raises:
        FieldError: a pair has no name.
    """
    import json

    found: dict[str, Any] = {}
    pairs = tuple(pairs)
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise _not_a_pair(pairs, pair, option)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        # `1.10` is a version, and `1e400` is not a number
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        is_kept = not is_number or (isfinite(value) and json.dumps(value) == text.strip())
        found[name.strip()] = value if is_kept else text
    return check_metadata(found)


def parse_link(text: str) -> Link:
    """Parse a link as typed: `supersedes:ID`, or only an id, which means `relates`.

    Raises:
        FieldError: the relation is unknown, or there is no target.
    """
    rel, colon, to = text.partition(":")
    if not colon:
        rel, to = "relates", text
    return check_link(Link(rel.strip().replace("_", "-"), to.strip()))


def check_link(link: Link) -> Link:
    """Check a link's relation and target.

    Raises:
        FieldError: the relation is unknown, or there is no target.
    """
    link = Link(chosen(link.rel, RELATIONS), link.to)
    if link.rel not in RELATIONS:
        from memorybank.document.addresses import near

        close = near(link.rel, list(RELATIONS), 1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        why = f"invalid relation {link.rel!r}: choose from {', '.join(RELATIONS)}{meant}"
        raise FieldError(field="links", why=why, hint="bank link -h")
    if not link.to or not link.to.isprintable() or any(char in link.to for char in " ,[]{}\"'"):
        raise FieldError(field="links", why=f"invalid id {link.to!r}", hint="bank list")
    return link


def check_fields(kind: RecordType, fields: Mapping[str, Any], *, complete: bool = True) -> dict[str, Any]:
    """Check a type's own fields against its template; with `complete`, also that no required field is missing.

    Raises:
        FieldError: a field is unknown, missing, or has the wrong type.
    """
    specs = {field.name: field for field in kind.fields}
    found = {}
    for name, value in fields.items():
        if name in COMMON or name in RELATIONS:
            raise FieldError(field=name, why="it has its own option", hint="bank update -h")
        if name not in specs:
            from memorybank.document.addresses import near

            close = near(name, list(specs))
            known = f"; did you mean {close[0]!r}?" if close else ""
            raise FieldError(
                field=name, why=f"type {kind.name} has no such field{known}", hint=f"bank types show {kind.name}"
            )
        found[name] = _of_kind(specs[name], value, kind)
    missing = [field.name for field in kind.fields if field.required and found.get(field.name) in (None, "", [], ())]
    if complete and missing:
        raise FieldError(
            field=missing[0], why=f"type {kind.name} requires a value", hint=f"bank types show {kind.name}"
        )
    return found


def _is_there(text: str) -> bool:
    """Return whether the day and the time of day exist."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _of_kind(spec: FieldSpec, value: Any, kind: RecordType) -> Any:
    why = ""
    if spec.kind in {"text", "id"}:
        value = check_line(spec.name, str(value))
    elif spec.kind == "date":
        why = "" if _DATE.match(str(value)) and _is_there(str(value)) else "it is not a date such as 2026-11-21"
    elif spec.kind == "time":
        is_time = _TIME.match(str(value)) and _is_there(str(value))
        why = "" if is_time else "it is not a time such as 2026-11-21T09:00:00Z"
    elif spec.kind in {"list", "ids"}:
        words = value.split(",") if isinstance(value, str) else value
        value = [check_line(spec.name, str(word)) for word in words if str(word).strip()]
    elif spec.kind == "number":
        try:
            value = value if isinstance(value, (int, float)) else int(str(value), 10)
        except ValueError:
            why = "it is not a number"
    elif spec.kind == "flag":
        value = {"true": True, "false": False}.get(str(value).lower(), value)
        why = "" if isinstance(value, bool) else "it must be true or false"
    elif spec.kind == "mapping":
        value = check_metadata(value) if isinstance(value, dict) else value
        why = "" if isinstance(value, dict) else "it is not a mapping"
    if spec.choices and isinstance(value, str):
        value = chosen(value, spec.choices)
    if not why and spec.choices and str(value) not in spec.choices:
        why = f"invalid value {value!r}: choose from {', '.join(spec.choices)}"
    if why:
        raise FieldError(field=spec.name, why=why, hint=f"bank types show {kind.name}")
    return value
