"""Put the sections of a decision record below our headings; every heading and text is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.names import is_same_name, plain_of
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.exchange.adr.page import field_of, meaning_of, split_page
from memorybank.exchange.adr.vocabulary import SAME
from memorybank.exchange.markdown_entries import sealed, shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.adr.page import Page, Part

_LEVEL = 2
_DEEPEST_SAME = 3
# headings that MADR has below "Decision Outcome", and that are sections in our records
_LIFTED = frozenset(("Consequences", "Confirmation"))
_SIGNED = {"positive consequences": "**Positive:**", "negative consequences": "**Negative:**"}


class Body(NamedTuple):
    """The text of a record, the headings that became ours (old and new), and whether a section had to be added."""

    text: str
    renamed: tuple[tuple[str, str], ...]
    is_filled: bool


class _Piece(NamedTuple):
    name: str
    heading: str
    is_same: bool
    text: str
    level: int


def body_of(head: Sequence[str], page: Page, parts: Sequence[Part]) -> Body:
    """Return the body of a record: the texts of `head`, then its sections in their order."""
    has_decision = any(
        (found := meaning_of(each.heading)) and found.name == "Decision" and found.is_same for each in parts
    )
    pieces: list[_Piece] = []
    for part in parts:
        pieces += _pieces(part, _LEVEL - page.level if page.level != _LEVEL else 0, has_decision=has_decision)
    order: list[str] = []
    texts: dict[str, list[str]] = {}
    renamed: list[tuple[str, str]] = []
    for number, piece in enumerate(pieces):
        # a section with another name is never joined with one that has the same
        key = piece.name or f"{number}"
        if key not in texts:
            order.append(key)
        rows = texts.setdefault(key, [])
        if not piece.name:
            rows.append(f"## {piece.heading}\n\n{piece.text}".rstrip())
            continue
        if not rows:
            rows.append(f"## {piece.name}")
        if piece.is_same and len(rows) == 1:
            renamed.append((piece.heading, piece.name))
            rows.append(piece.text)
        elif plain_of(piece.heading).words in _SIGNED:
            rows += [_SIGNED[plain_of(piece.heading).words], piece.text]
            renamed.append((piece.heading, ""))
        else:
            rows += [f"### {piece.heading}", shifted(piece.text, 1, _DEEPEST_SAME + 1)]
    sections = ["\n\n".join(each for each in texts[key] if each.strip()) for key in order]
    text = "\n\n".join(each for each in (*head, *sections) if each.strip())
    is_filled = _lacks_decision(text)
    return Body(f"{text}\n\n## Decision" if is_filled else text, tuple(renamed), is_filled)


def _lacks_decision(text: str) -> bool:
    """Return whether a text has sections of a decision, but not the one that the type requires."""
    names = [each.text for each in outline(Source(f"\n{text}\n".encode("utf-8", "surrogateescape"))).headings]
    ours = [name for name in (*SAME,) if any(is_same_name(name, each) for each in names)]
    return bool(ours) and "Decision" not in ours


def _pieces(part: Part, by: int, *, has_decision: bool) -> list[_Piece]:
    meaning = meaning_of(part.heading) if not field_of(part.heading) else None
    if meaning and not meaning.is_same and meaning.name == "Decision" and has_decision:
        meaning = None
    text = closed(part.text)
    # four spaces are code
    text = text if text.startswith("    ") else text.lstrip(" ")
    text = shifted(text, by, _LEVEL + 1) if by else text
    if meaning is None:
        return [_Piece("", part.heading, is_same=True, text=text, level=part.level)]
    own, lifted = _lifted(text) if meaning.name == "Decision" else (text, [])
    return [_Piece(meaning.name, part.heading, meaning.is_same, own, part.level), *lifted]


def _lifted(text: str) -> tuple[str, list[_Piece]]:
    """Take the consequences and the confirmation out of a decision: they are sections of our records."""
    if "###" not in text:
        return text, []
    page = split_page(f"## Decision\n\n{text}", _DEEPEST_SAME)
    own: list[str] = []
    lifted: list[_Piece] = []
    for part in page.parts:
        meaning = meaning_of(part.heading)
        if part.level == _LEVEL:
            own.append(part.text)
        elif meaning and meaning.name in _LIFTED and part.level == _DEEPEST_SAME:
            inner = shifted(part.text, -1, _DEEPEST_SAME) if "#" in part.text else part.text
            lifted.append(_Piece(meaning.name, part.heading, meaning.is_same, inner, part.level))
        else:
            own.append(f"{'#' * part.level} {part.heading}\n\n{part.text}".rstrip())
    return "\n\n".join(each for each in own if each.strip()), lifted


def closed(text: str) -> str:
    """Return a text in which no fence or comment is left open, because other text may follow it."""
    if not ("```" in text or "~~~" in text or "<" in text):
        return text
    is_open = outline(Source(f"\n{text}\n".encode("utf-8", "surrogateescape"))).unterminated is not None
    return sealed(text) if is_open else text
