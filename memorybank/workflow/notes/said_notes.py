"""Find the notes in an agent's output: the YAML `MEMORY_NOTES` of a contract, and the Markdown block of memory notes.

Both are found anywhere in the text. Placeholders ("None", a template's brackets) are ignored; any other text of a
block that is no note is returned with the reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.document.text import one_line, without_hidden
from memorybank.patterns import later
from memorybank.workflow.ladder.pattern_kind import kind_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEY = later(
    r"(?P<indent>[ \t]*)(?:[-*] )?(?P<open>[{\[, \t]*)[\"'*`]*"
    r"(?:MEMORY_NOTES[\"'*`]*:[*]*[ \t]*(?P<rest>.*)"
    # in another spelling it is only a key if nothing but its value follows, because it may be a sentence
    r"|(?i:MEMORY[_ -]?NOTES)[\"'*`]*:[*]*[ \t]*(?P<other>(?:[{\[].*)?))\Z"
)
_HEADING = later(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<name>.*?)[ \t#]*\Z")
_BLOCK = later(r"memory notes\b.*\Z", re.IGNORECASE)
_FENCE = later(r" {0,3}(`{3,}|~{3,})")
_NAMES = {
    "learning": "learning",
    "learnings": "learning",
    "insight": "learning",
    "insights": "learning",
    "pattern": "pattern",
    "patterns": "pattern",
    "gotcha": "gotcha",
    "gotchas": "gotcha",
    "decision": "decision",
    "decisions": "decision",
    "change": "change",
    "changes": "change",
    "verification": "verification",
    "evidence": "verification",
    "deferred": "deferred",
    "blocker": "blocker",
    "blockers": "blocker",
}
_LABEL = later(r"[*_`\s]*(?P<name>[A-Za-z]+)(?:\s+\([^)]*\))?[*_`]*\s*:[*_`]*\s*(?P<text>.*)\Z")
_MARKER = later(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>.*)\Z")
# a label without text: what is below it belongs to it
_BARE_LABEL = later(r"[*_`\s]*(?P<name>[^:*_`\n]{1,60}?)\s*[*_`]*\s*:[*_`\s]*\Z")
# a label in bold with text behind it: where labels have their texts in the same line, it is one of them
_BOLD_LABEL = later(r"(?:\*\*|__)(?P<name>[^:*_`\n]{1,60}?)(?::(?:\*\*|__)|(?:\*\*|__)\s*:)\s*(?P<text>\S.*)\Z")
# a field of a contract above its notes
_FIELD = later(r"\s*[A-Z][A-Z_]{2,40}:(?:\s|\Z)")
_MARKS = later(r"^[\W_]+|[\W_]+$")
_WORD = later(r"[^\W_]+")
_NOTHING = later(r"(?:~|none|n/?a|nothing|nil|null|-+|\.+|\[.*\]|\{.*\}|<[^>]*>)\.?\Z", re.IGNORECASE)
_BARE_KEY = later(r"[A-Za-z][\w -]{0,40}:[ \t]*(?:\[.*\])?[ \t]*\Z")
_LONGEST = 512 * 1024
_NEXT = "next"
_MOST_NODES = 20_000
# how similar a key is to a known one that is meant, from 0 to 100
_LIKE = 70
_LONGEST_YAML = 64 * 1024


class AgentNote(NamedTuple):
    """One note from an agent's output; `form` is yaml or markdown.

    A text that is not a note has no `kind`, and a reason, `why`.
    """

    kind: str
    text: str
    form: str
    why: str = ""


def said_in(text: str) -> list[AgentNote]:
    """Find the notes in an agent's output, and the texts of its blocks that are not notes."""
    shown, _ = without_hidden(text[:_LONGEST])
    lines = [without_eol(each) for each in lines_of(shown)]
    found: list[AgentNote] = []
    fence = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark.group(1)
        key = _KEY.match(line)
        heading = _HEADING.match(line)
        if key:
            rest = key["rest"] or key["other"] or ""
            rows = _inside(lines, number, rest) or _below(lines, number + 1, len(key["indent"].expandtabs(4)))
            found += _from_yaml(rows, rest)
            number += len(rows)
        elif heading and not fence and _BLOCK.match(heading["name"].strip("*_` ")):
            rows = _until_heading(lines, number + 1, len(heading["marks"]))
            rows = rows[: _contract_in(rows)]
            found += _from_markdown(rows)
            number += len(rows)
        number += 1
    # a deferred note begins with a bracket of ours
    kept = [each for each in found if each.text and (each.kind == _NEXT or not _NOTHING.match(each.text))]
    if len(text) > _LONGEST:
        end = f"... {text[_LONGEST : _LONGEST + 60].strip()}"
        kept.append(AgentNote("", one_line(end), "", f"only the first {_LONGEST} characters are read"))
    return list(dict.fromkeys(kept))


def _inside(lines: list[str], at: int, rest: str) -> list[str]:
    """Return the lines after a key whose value is JSON over several lines, up to its end; none if it has no end."""
    text = "\n".join([rest, *lines[at + 1 : at + _MOST_NODES]])
    return lines[at + 1 : at + 1 + text.count("\n", 0, _end_of(text))] if rest[:1] in {"{", "["} else []


def _end_of(text: str) -> int:
    """Return where the bracket that a text begins with is closed; 0 if it is not."""
    depth = 0
    quote = escaped = False
    for at, char in enumerate(text):
        if quote:
            quote = char != '"' or escaped
            escaped = char == "\\" and not escaped
        elif char == '"':
            quote = True
        else:
            depth += (char in "{[") - (char in "}]")
            if depth == 0:
                return at + 1
    return 0


def _below(lines: list[str], start: int, indent: int) -> list[str]:
    """Return the following lines that are blank or indented deeper than a key.

    If none are, the known keys that follow it, with what is below them.
    """
    rows: list[str] = []
    is_flush = False
    for line in lines[start:]:
        wide = line.expandtabs(4)
        depth = len(wide) - len(wide.lstrip(" "))
        if line.strip() and (depth <= indent or _FENCE.match(line)):
            name = _MARKS.sub("", line.partition(":")[0]).casefold() if ":" in line else ""
            is_known = name in _NAMES and depth == indent
            is_flush = is_flush or (is_known and not any(row.strip() for row in rows))
            if not is_flush or not (is_known or (_MARKER.match(line) and depth == indent)):
                break
        rows.append(line)
    return rows


def _until_heading(lines: list[str], start: int, level: int) -> list[str]:
    rows: list[str] = []
    fence = ""
    for line in lines[start:]:
        heading = _HEADING.match(line)
        mark = _FENCE.match(line)
        if mark and not fence and not any(each.strip() == mark[1] for each in lines[start + len(rows) + 1 :]):
            break
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[1]
        is_rule = re.fullmatch(r" {0,3}(-{3,}|\*{3,})\s*", line)
        if not fence and not mark and ((heading and len(heading["marks"]) <= level) or is_rule):
            break
        rows.append(line)
    return rows


def _contract_in(rows: list[str]) -> int:
    """Return where a contract with notes begins in a Markdown block, its fence included; the end if there is none."""
    at = next((number for number, row in enumerate(rows) if _KEY.match(row)), len(rows))
    opening = -1
    for number, row in enumerate(rows[:at]):
        mark = _FENCE.match(row)
        if mark:
            opening = number if opening < 0 else -1
    if at == len(rows) or opening >= 0:
        return at if at == len(rows) else opening
    while at and _FIELD.match(rows[at - 1]):
        at -= 1
    return at


def _from_yaml(rows: list[str], rest: str) -> Iterator[AgentNote]:
    text = "\n".join([rest, *rows] if rest[:1] in {"{", "["} else rows)
    text = text[: _end_of(text) or None] if rest[:1] in {"{", "["} else text
    pairs = _pairs(text)
    missing = _missing(text, pairs)
    if missing:
        # such as words behind a `#`, which are a comment in YAML and meant as text
        rough = _rough(_flush(text))
        if _missing(text, rough).total() < missing.total():
            pairs, missing = rough, _missing(text, rough)
    for name, value in pairs:
        kind = _NAMES.get(_MARKS.sub("", name).casefold())
        for each in _texts(value):
            yield _said(kind, each, "yaml") if kind else _unknown(name, each)
    if not pairs:
        loose = [] if rest[:1] in {"#", "|", ">"} else [rest.strip("[]{} ")] if rest else []
        yield from (_unknown("", _opened(each)) for each in [*loose, *(row.strip() for row in rows)] if each)
        return
    if rest and rest[:1] not in {"{", "[", "#", "|", ">"}:
        yield _unknown("", rest)
    for line in text.split("\n"):
        words = _words(line)
        if words & missing and not line.lstrip().startswith("#"):
            missing -= words
            yield AgentNote("", _opened(one_line(line)), "yaml", "it is not read as a note")


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _missing(text: str, pairs: Iterable[tuple[str, Any]]) -> Counter[str]:
    """Return the words of a block, without comments, that are in none of its pairs."""
    found: Counter[str] = Counter()
    for name, value in pairs:
        found += _words(" ".join([name, *_texts(value)]))
    plain = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    return _words(plain) - found


def _unknown(name: str, text: str) -> AgentNote:
    line = one_line(text).strip()
    shown = f"{one_line(name)}: {line}" if name and line and not _NOTHING.match(line) else line
    keys = "learnings, patterns, gotchas, decisions, changes, verification, deferred, blockers"
    why = f"it is not below a known key ({keys})"
    if name and line:
        from memorybank.document.addresses import near

        close = near(name, list(_NAMES), 1, score=_LIKE)
        why += f"; did you mean {close[0]!r} instead of {one_line(name)[:60]!r}?" if close else ""
    return AgentNote("", shown, "yaml", why)


def _flush(text: str) -> str:
    wide = text.expandtabs(4).split("\n")
    depths = [len(line) - len(line.lstrip(" ")) for line in wide if line.strip()]
    return "\n".join(line[min(depths, default=0) :] for line in wide)


def _pairs(text: str) -> list[tuple[str, Any]]:
    """Return the keys of a block with their values, as texts; a key that is there twice is there twice."""
    import yaml

    plain = _flush(text)
    if len(plain) <= _LONGEST_YAML:
        try:
            if plain[:1] == "{":
                value, _ = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=str, parse_float=str).raw_decode(plain)
                return [(str(key), each) for key, each in value]
        except (ValueError, RecursionError, TypeError):
            pass
        try:
            root = yaml.compose(plain, Loader=yaml.BaseLoader)
            left = [_MOST_NODES]
            if isinstance(root, yaml.MappingNode):
                return [(str(key.value), _value(each, left)) for key, each in root.value]
        except (yaml.YAMLError, ValueError, RecursionError):
            pass
    return _rough(plain)


class _Pairs(list[Any]):
    """The pairs of a JSON object."""


def _value(node: Any, left: list[int]) -> Any:
    """Return what a YAML node holds, every scalar as it is written; `left` is how many nodes may follow."""
    import yaml

    left[0] -= 1
    if left[0] < 0:
        raise ValueError("it has too many values")
    if isinstance(node, yaml.MappingNode):
        return _Pairs((str(key.value), _value(each, left)) for key, each in node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, left) for each in node.value]
    return str(node.value)


def _rough(text: str) -> list[tuple[str, Any]]:
    """Read a text that is not valid YAML line by line: keys, and the items below them."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        item = _MARKER.match(line)
        if item and found:
            found[-1][1].append(_opened(item["text"]))
            continue
        key, colon, rest = line.partition(":")
        if colon and (_MARKS.sub("", key).casefold() in _NAMES or _BARE_KEY.match(line)):
            found.append((key.strip(), [_opened(rest)] if rest.strip(" []") else []))
        elif found and found[-1][1] and line.strip():
            found[-1][1][-1] += f" {line.strip()}"
    return list(found)


def _opened(text: str) -> str:
    """Return a value without its quotes; a list without its brackets, which are only a placeholder around one text."""
    text = text.strip("\"' ")
    return text[1:-1].strip() if text[:1] in {"[", "{"} and text[-1:] in {"]", "}"} and set(text) & {",", ":"} else text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, _Pairs):
        yield from (f"{key}: {'; '.join(_texts(one))}" for key, one in value)
    elif isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, _Pairs):
                # `- Cache: keys expire` is a mapping for YAML, but a sentence for its author
                yield "; ".join(f"{key}: {'; '.join(_texts(one))}" for key, one in each)
            elif isinstance(each, (list, tuple)):
                yield from _texts(each)
            elif each is not None:
                yield str(each)
    elif value is not None:
        yield from (line.strip("- ") for line in str(value).split("\n"))


def _from_markdown(rows: list[str]) -> Iterator[AgentNote]:
    kind, name = "learning", ""
    # the depth of a label in a list whose text is in its own line
    labels = -1
    open_note: list[str] = []
    fenced, fence = [""], ""

    def ended() -> Iterator[AgentNote]:
        text = " ".join(open_note)
        open_note.clear()
        if text:
            yield _said(kind, text, "markdown") if kind else _unknown(name, text)

    for line in rows:
        mark = _FENCE.match(line)
        if fence or mark:
            fenced.append(line.strip())
            if mark and fence:
                yield AgentNote("", one_line(" ".join(fenced)).strip(), "markdown", "code is not read as a note")
                fenced.clear()
            fence = mark[1] if mark and not fence else "" if mark and line.strip() == fence else fence
            continue
        heading = _HEADING.match(line)
        marked = _MARKER.match(line)
        text = heading["name"] if heading else marked["text"] if marked else line.strip()
        if open_note and text and not heading and not marked:
            open_note.append(text)
            continue
        yield from ended()
        label = _LABEL.match(text) or _LABEL.match(f"{text}:") if text else None
        bare = _BARE_LABEL.match(f"{text}:" if heading else text)
        depth = len(marked["indent"].expandtabs(4)) if marked else -1
        other = _BOLD_LABEL.match(text) if marked and depth == labels else None
        if label and label["name"].casefold() in _NAMES and (heading or marked or not label["text"] or "**" in line):
            kind, name = _NAMES[label["name"].casefold()], ""
            labels = depth if label["text"].rstrip(":").strip() else -1
            open_note += [label["text"].strip()] if label["text"].rstrip(":").strip() else []
        elif bare and text:
            # nobody knows what is below a label that is not ours
            kind, name, labels = "", _MARKS.sub("", bare["name"]), -1
        elif other:
            kind, name = "", _MARKS.sub("", other["name"])
            open_note.append(other["text"])
        elif marked and text:
            open_note.append(text)
        elif text and not text.startswith("<!--"):
            yield _unknown("", text)
    yield from ended()


def _said(kind: str, text: str, form: str) -> AgentNote:
    line = one_line(text).strip()
    if kind == "deferred":
        return AgentNote(_NEXT, f"[Deferred]: {line}" if line and not _NOTHING.match(line) else "", form)
    if kind == "pattern":
        kind = kind_for(line)
    return AgentNote(kind, line, form)
