"""Rewrite the relative links of a text for a file that is moved to another folder."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from memorybank.document.links import CODE
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_COMMENT = later(r"<!--.*?-->", re.DOTALL)
_LABEL = r"(?:[^\[\]\\]|\\.|!?\[(?:[^\[\]\\]|\\.)*\](?:\([^()]*\))?)*+"
_INLINE = later(
    rf"(?<!\\)(?P<mark>!?)\[(?P<label>{_LABEL})\]\([ \t]*(?P<target><[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)"
    r"(?P<title>[ \t\n]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*\)"
)
_DEFINED = later(
    r"^(?P<start> {0,3}\[(?!\^)(?:[^\[\]\\]|\\.)+\]:[ \t]*\n?[ \t]*)(?P<target><[^<>\n]*>|[^\s<>]+)", re.MULTILINE
)
_HTML = later(
    r"(?P<start><(?:a|img|source)\b[^<>]*?\b(?:href|src)\s*=\s*(?P<quote>[\"']))(?P<target>[^\"'<>]+)(?P=quote)",
    re.IGNORECASE,
)
_ELSEWHERE = later(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\|\{|#|/|%7B|<|\?")
_SAFE = "/@+,=()!~*'$&;-._"


class NewText(NamedTuple):
    """A text with its links as they are right in the new place.

    `points` maps each token in it to the source file that the token stands for. `old` are the targets that were
    replaced, `lost` those that lead to nothing that a link could name.
    """

    text: str
    points: dict[str, str]
    old: tuple[str, ...]
    lost: tuple[str, ...]


class Mover:
    """Rewrites the links of one source file."""

    def __init__(
        self,
        name: str,
        record_at: Callable[[str], str],
        path_to: Callable[[str], str],
        anchor_of: Callable[[str, str], str],
    ) -> None:
        """Take the ways to find a target.

        `record_at` returns the source file of a record that a path leads to, `path_to` the path of another file as
        seen from the new place ("" if there is none), `anchor_of` the new anchor of a heading in a source file.
        """
        self.name = name
        self._record_at = record_at
        self._path_to = path_to
        self._anchor_of = anchor_of

    def moved(self, text: str) -> NewText:
        """Return a text with its links rewritten; a link that cannot be is text, with its target in brackets."""
        if "[" not in text and "<" not in text:
            return NewText(text, {}, (), ())
        hidden = _hidden_in(text)
        self._points: dict[str, str] = {}
        self._old: list[str] = []
        self._lost: list[str] = []

        def shown(change: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
            def changed(found: re.Match[str]) -> str:
                at = found.start("target")
                return found[0] if any(start <= at < end for start, end in hidden) else change(found)

            return changed

        for pattern, change in ((_DEFINED, self._defined), (_HTML, self._defined), (_INLINE, self._inline)):
            text = pattern.sub(shown(change), text)
            hidden = _hidden_in(text)
        return NewText(text, self._points, tuple(self._old), tuple(dict.fromkeys(self._lost)))

    def _inline(self, found: re.Match[str]) -> str:
        label = _INLINE.sub(self._inline, found["label"]) if "](" in found["label"] else found["label"]
        target = found["target"].strip("<>")
        new = self._new(target)
        if new is None:
            return f"{found['mark']}[{label}]({found['target']}{found['title'] or ''})"
        if new:
            self._old.append(target)
            return f"{found['mark']}[{label}]({new}{found['title'] or ''})"
        self._lost.append(target)
        title = (found["title"] or "").strip()
        return f"{label} ({target}{' ' + title if title else ''})".lstrip()

    def _defined(self, found: re.Match[str]) -> str:
        target = found["target"].strip("<>")
        new = self._new(target)
        if not new:
            self._lost += [] if new is None else [target]
            return found[0]
        self._old.append(target)
        return (
            found[0].replace(found["target"], new)
            if "start" not in found.groupdict()
            else (found["start"] + new + found[0][len(found["start"]) + len(found["target"]) :])
        )

    def _new(self, target: str) -> str | None:
        """Return the new target, "" if there is none, None if the old one stays."""
        if target.startswith("#") and len(target) > 1:
            anchor = self._anchor_of(self.name, target[1:])
            return f"#{anchor}" if anchor != target[1:] else None
        if not target or _ELSEWHERE.match(target):
            return None
        path, mark, anchor = target.partition("#")
        record = self._record_at(target)
        if record:
            token = self._token(record)
            return f"{token}{mark}{self._anchor_of(record, anchor)}" if anchor else token
        new = self._path_to(unquote(path.partition("?")[0]))
        return f"{quote(new, safe=_SAFE)}{target[len(path.partition('?')[0]) :]}" if new else ""

    def _token(self, record: str) -> str:
        token = f"imported-record-{len(self._points) + 1}-of-this-import"
        self._points[token] = record
        return token


def _hidden_in(text: str) -> list[tuple[int, int]]:
    """Return where comments and code are, as the rule for dead links sees them."""
    # nothing is closed after the last mark
    comments = [each.span() for each in _COMMENT.finditer(text, 0, text.rfind("-->") + 3)] if "-->" in text else []
    for start, end in reversed(comments):
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return [*comments, *(each.span() for each in CODE.finditer(text))]


def path_from(folder: Path, root: Path, name: str, project: Path) -> Callable[[str], str]:
    """Return a function that gives the path of a file, named in the source file `name`, as seen from `folder`.

    The path is "" for what does not exist, and for what is outside the project, where it is right on one machine only.
    """
    here, top, base = os.path.realpath(folder), os.path.realpath(project), os.path.realpath(root)

    def path_to(target: str) -> str:
        full = os.path.normpath(os.path.join(base, os.path.dirname(name), target))  # noqa: PTH118, PTH120  paths as text
        inside = all(each == top or each.startswith(top + os.sep) for each in (full, here))
        if not inside or not os.path.lexists(full):
            return ""
        new = os.path.relpath(full, here).replace(os.sep, "/")
        return f"{new}/" if target.endswith("/") else new

    return path_to


def flattened(text: str) -> str:
    """Return a text for a value that is no Markdown: relative links are words with their targets in brackets."""

    def flat(found: re.Match[str]) -> str:
        target = found["target"].strip("<>")
        if _ELSEWHERE.match(target) and not target.startswith("#"):
            return found[0]
        return f"{found['label']} ({target}{found['title'] or ''})"

    for _ in range(3):
        changed = _INLINE.sub(flat, text)
        if changed == text:
            break
        text = changed
    return text


def without_links(text: str) -> str:
    """Return a text with the labels of its relative links instead of the links."""
    return _INLINE.sub(lambda found: found[0] if _ELSEWHERE.match(found["target"]) else found["label"], text)


def definitions_of(text: str) -> dict[str, str]:
    """Return the targets of a text's link definitions by their labels."""
    found: dict[str, str] = {}
    for each in _DEFINED.finditer(CODE.sub("", text)):
        label = each["start"].strip().removesuffix(":").rstrip(":").strip("[]")
        found.setdefault(" ".join(label.split()).casefold(), each["target"].strip("<>"))
    return found


def anchor_of(heading: str) -> str:
    """Return the anchor that a heading has on code hosting sites."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")
