"""Markdown files with several entries: split them, read fields and sections, and join them again.

Headings are found by the same parser as everywhere, so one in a fence or a comment does not count. Written entries are
read back unchanged: an entry never runs into the next one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.scanner.line_rules import shielded, unshielded
from memorybank.document.sections import outline
from memorybank.document.source import Source, lines_of, without_eol
from memorybank.exchange.repeated_names import every_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEEPEST = 6
# a field as the tree writes it
FIELD = re.compile(r"\*\*([^*:\n]{1,60}):\*\*[ \t]*(.*?)[ \t]*\Z")

_HASHES = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|\Z)")
_RULE = re.compile(r"(?:\A|\n)[ \t]*\n? {0,3}(?:-[ \t]*){3,}\Z")
_COMMENT = re.compile(r"<!-- memorybank: (\{.*\}) -->[ \t]*\Z")
_FENCES = re.compile(r"`{3,}")
_BLANK_TOP = re.compile(r"\A(?:[ \t]*\n)+")
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-+)[ \t]*(?:\n|\Z)")


class MarkdownPart(NamedTuple):
    """A heading with its level, its words and the text below it; the first part of a text has no heading."""

    level: int
    title: str
    text: str


def trimmed(text: str) -> str:
    """Return a text without blank lines around it; spaces before its first word are kept, as they may be code."""
    return _BLANK_TOP.sub("", text).rstrip()


def parts_of(text: str, level: int) -> list[MarkdownPart]:
    """Split a text at its headings up to a level; deeper headings stay in the text."""
    # a blank line first, so that a text that starts with a rule is not read as front matter
    source = Source(f"\n{text}".encode("utf-8", "surrogateescape"))
    cuts = [section for section in outline(source).sections[1:] if section.level <= level]
    ends = [*(cut.start for cut in cuts[1:]), len(source.text)][: len(cuts)]
    first = cuts[0].start if cuts else len(source.text)
    parts = [MarkdownPart(0, "", trimmed(source.text[:first]))]
    for each, end in zip(cuts, ends, strict=True):
        words = _words(source.text[each.start : each.body])
        parts.append(MarkdownPart(each.level, words, trimmed(source.text[each.body : end])))
    return parts


def _words(heading: str) -> str:
    lines = [without_eol(line).strip() for line in lines_of(heading) if line.strip()]
    found = _HASHES.match(lines[0]) if lines else None
    if found:
        return unshielded(lines[0][found.end() :].strip())
    return " ".join(lines[:-1])


def shifted(text: str, by: int, top: int) -> str:
    """Return a text with every heading `by` levels deeper, but not above level `top` or below level 6."""
    source = Source(f"\n{text}".encode("utf-8", "surrogateescape"))
    pieces: list[str] = []
    at = 1
    for section in outline(source).sections[1:]:
        level = min(max(section.level + by, top), DEEPEST)
        heading = source.text[section.start : section.body]
        pieces += (source.text[at : section.start], f"{'#' * level} {_words(heading)}".rstrip(), "\n")
        at = section.body
    return trimmed("".join((*pieces, source.text[at:])))


def sealed(text: str) -> str:
    """Return a text that leaves nothing open, so that other text can follow it.

    A text with an unclosed fence or comment becomes a code block as a whole. Rules at its end are removed.
    """
    text = without_rules(trimmed(text.replace("\r\n", "\n").replace("\r", "\n")))
    if outline(Source(f"\n{text}\n".encode("utf-8", "surrogateescape"))).unterminated is None:
        return text
    fence = "`" * max([3, *(len(each) + 1 for each in _FENCES.findall(text))])
    return f"{fence}markdown\n{text}\n{fence}"


def without_rules(text: str) -> str:
    """Return a text without the rules (`---`) at its end, which separate entries."""
    text = text.rstrip()
    while (bare := _RULE.sub("", text).rstrip()) != text:
        text = bare
    return text


def split_fields(text: str, labels: Iterable[str] = ()) -> tuple[dict[str, str], dict[str, Any], str]:
    """Return the fields at the start of an entry (`**Date:** 2025-01-07`), the values in our comment, and the rest.

    `labels` look like fields but are not.
    """
    none = {each.casefold() for each in labels}
    fields: dict[str, str] = {}
    noted: dict[str, Any] = {}
    lines = lines_of(trimmed(text))
    at = 0
    while at < len(lines) and (found := FIELD.match(without_eol(lines[at]))):
        if found[1] in fields or found[1].casefold() in none:
            break
        fields[found[1]] = found[2]
        at += 1
    after = at
    while after < len(lines) and not lines[after].strip():
        after += 1
    value = noted_in(without_eol(lines[after])) if after < len(lines) else None
    if value is not None:
        noted, at = value, after + 1
    return fields, noted, trimmed("".join(lines[at:]))


def noted_in(line: str) -> dict[str, Any] | None:
    """Return the values of a line that is our comment; None if it is not one."""
    found = _COMMENT.match(line)
    return _noted(found[1]) if found else None


def _noted(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, object_pairs_hook=every_pair)
    except (ValueError, RecursionError):
        return None
    # without an id, it is a comment of a person
    return value if isinstance(value, dict) and value.get("id") else None


def join_fields(fields: Mapping[str, str], noted: Mapping[str, Any]) -> str:
    """Return the text that `split_fields` reads; empty fields are left out."""
    rows = [f"**{name}:** {value}" for name, value in fields.items() if value]
    block = "  \n".join(rows)
    if not noted:
        return block
    # ">" could end the comment
    text = json.dumps(noted, ensure_ascii=False, separators=(", ", ": ")).replace(">", "\\u003e")
    comment = f"<!-- memorybank: {text} -->"
    return f"{block}\n\n{comment}" if block else comment


def join_entries(title: str, entries: Iterable[str]) -> str:
    """Return the text of a file with entries: its title, and a rule between entries."""
    body = "\n\n---\n\n".join(entries)
    return f"# {shielded(title)}\n\n{body}\n" if body else f"# {shielded(title)}\n"


def labelled(text: str, labels: Iterable[str]) -> list[tuple[str, str]]:
    """Split a text at its labels, `**Lesson:**` at the start of a line; the first part has no label.

    A label may have text after it on its line. The texts of a repeated label are joined. A line escaped by
    `hide_labels` is returned unescaped.
    """
    pattern = _label_pattern(labels)
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in (without_eol(each) for each in lines_of(text)):
        match = pattern.match(line)
        if match and not match["escape"]:
            name = next(each for each in labels if each.casefold() == match["name"].casefold())
            lines = found.setdefault(name, [])
            lines += [""] if any(each.strip() for each in lines) else []
            lines += [match["rest"]] if match["rest"] else []
        else:
            found[name].append(line[1:] if match else line)
    return [(name, trimmed("\n".join(lines))) for name, lines in found.items()]


def count_labels(text: str, labels: Iterable[str]) -> dict[str, int]:
    """Return how often each label that `labelled` finds is in a text."""
    pattern = _label_pattern(labels)
    found: dict[str, int] = {}
    for line in lines_of(text):
        match = pattern.match(without_eol(line))
        if match and not match["escape"]:
            name = match["name"].casefold()
            found[name] = found.get(name, 0) + 1
    return found


def label(name: str, text: str) -> str:
    """Return a text below its label, in the form that `labelled` reads."""
    # directly below a line of words, `===` or `---` would turn it into a heading
    gap = "\n\n" if _UNDERLINE.match(text) else "\n"
    return f"**{name}:**{gap}{text}"


def hide_labels(text: str, labels: Iterable[str]) -> str:
    """Return a text in which no line is read as a label: such lines are escaped with a backslash."""
    pattern = _label_pattern(labels)
    lines = [without_eol(line) for line in lines_of(text)]
    return "\n".join(f"\\{line}" if pattern.match(line) else line for line in lines)


def _label_pattern(labels: Iterable[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(each) for each in labels)
    return re.compile(rf"(?P<escape>\\*)\*\*(?P<name>{names}):\*\*[ \t]*(?P<rest>.*)\Z", re.IGNORECASE)
