"""What the name of a file says: a number, a day, or that it is an index, a template or a review."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from memorybank.exchange.adr.vocabulary import INDEXES, NO_TITLES, OF_TEMPLATES, REVIEWS, TEMPLATES, split_rows
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARKDOWN = (".md", ".markdown", ".mdx", ".mdown", ".mkd")
# other text in which decisions are written, by the name to report
OTHERS = {".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".rst": "reStructuredText", ".txt": "plain text", ".org": "Org"}

_PREFIX = r"(?:adr|madr|adl|dr|decision)"
# adr-0001-x, ADR_008, adr7, 0001-x, 0001
_MARKED = later(rf"{_PREFIX}[-_ .#]*(?P<number>\d{{1,6}})(?![\d])(?![-_.]\d{{1,2}}[-_.]\d{{1,2}})", re.IGNORECASE)
_PLAIN = later(r"(?P<number>\d{1,6})(?=[-_. ]|\Z)(?![-_.]\d{1,2}[-_.]\d{1,2}(?!\d))")
_DAY = later(
    rf"(?:{_PREFIX}[-_ .]*)?(?P<y>(?:19|20)\d{{2}})(?P<sep>[-_.]?)(?P<m>\d{{2}}|\d(?=[-_.]))"
    r"(?P=sep)(?P<d>\d{1,2})(?!\d)",
    re.IGNORECASE,
)
_YEAR = later(r"(?:19|20)\d{2}\Z")
_MONTH = later(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])\Z")
_PADDED = 3
# a title that begins with its number: 7. x, ADR 7: x, ADR-007 - x, [ADR-7] x, ADR #7 x
_TITLE = later(
    r"(?:\[?(?P<prefix>adr|madr)[-_ ]?(?:no\.?|nr\.?|№|#)?[ ]?(?P<marked>\d{1,6})\]?"
    r"(?:[ \t]*[.:\uff1a)|\u2013\u2014-]+|[ \t])"
    r"|(?P<plain>\d{1,6})(?:[.:\uff1a)][ \t]+|[ \t]+[\u2013\u2014-][ \t]+))[ \t]*(?P<title>\S.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = later(r"[^\W_]+")
_INDEXES = frozenset(split_rows(INDEXES))
_TEMPLATES = frozenset(split_rows(TEMPLATES))
_OF_TEMPLATES = frozenset((*split_rows(OF_TEMPLATES), *_TEMPLATES))
_REVIEWS = frozenset(split_rows(REVIEWS))
_NO_TITLES = frozenset(("", *split_rows(NO_TITLES)))
_PLACEHOLDER = later(r"(?:\[[^\[\]]+\]|\{[^{}]+\}|<[^<>]+>)\Z")
_BLANKS = later(
    r"(?:\{[^{}]*\}|<[^<>]*>|\[(?:short |number|title|adr|nnn|xxx|insert|decision|problem|name)[^\]]*\]"
    r"|\b(?:xxx+|nnn+|number|yyyy)\b|\btemplate\b)",
    re.IGNORECASE,
)


def stem_of(name: str) -> str:
    """Return a file's name without its folder and its suffix."""
    base = name.rpartition("/")[2]
    return base.rpartition(".")[0] or base


def folder_of(name: str) -> str:
    """Return the folder of a name; "" at the top."""
    return name.rpartition("/")[0]


def suffix_of(name: str) -> str:
    """Return a file's suffix in lower case, with its dot."""
    base = name.rpartition("/")[2]
    return f".{base.rpartition('.')[2].lower()}" if "." in base else ""


def day_in(name: str) -> str:
    """Return the day with which a file's name begins; "" if there is none."""
    found = _DAY.match(stem_of(name))
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])).isoformat() if found else ""
    except ValueError:
        return ""


def numbers_of(names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of files by their names, for the names that are made for one.

    A bare number counts if it is as wide as the numbers of its folder: `3-tier.md` has none beside `0001-x.md`.
    """
    found: dict[str, int] = {}
    plain: dict[str, list[tuple[str, str]]] = {}
    count: dict[str, int] = {}
    for name in names:
        stem = stem_of(name)
        count[folder_of(name)] = count.get(folder_of(name), 0) + (not _is_index(stem))
        marked = _MARKED.match(stem)
        bare = None if marked or day_in(name) else _PLAIN.match(stem)
        if marked and not day_in(name):
            found[name] = int(marked["number"])
        elif bare and not _YEAR.match(bare["number"]) and not _MONTH.match(bare["number"]):
            plain.setdefault(folder_of(name), []).append((name, bare["number"]))
    for folder, rows in plain.items():
        padded = [len(digits) for _, digits in rows if len(digits) >= _PADDED]
        width = min(padded, default=1 if 2 * len(rows) >= count[folder] else _PADDED)
        found |= {name: int(digits) for name, digits in rows if len(digits) >= width}
    return found


def number_in(title: str) -> tuple[str, str]:
    """Return the number that a title begins with, as it is written, and the rest; "" and the title without one."""
    found = _TITLE.match(title)
    if found is None or (found["plain"] and _YEAR.match(found["plain"])):
        return "", title
    return found["marked"] or found["plain"], found["title"].strip()


def _tokens(stem: str) -> list[str]:
    return [each.casefold() for each in _TOKEN.findall(stem.replace("_", "-"))]


def _is_index(stem: str) -> bool:
    tokens = [each for each in _tokens(stem) if each not in {"adr", "adrs", "decision", "decisions", "records"}]
    return not tokens or (tokens[0] in _INDEXES and len(tokens) <= 2 and not tokens[-1].isdigit())  # noqa: PLR2004  such as `decision-log`


def is_index(name: str) -> bool:
    """Return whether a file's name is that of an index or of a page about a folder."""
    return _is_index(stem_of(name))


def is_template(name: str, title: str) -> bool:
    """Return whether a file is a template for new records, by its name or its title."""
    tokens = _tokens(stem_of(name))
    is_named = any(each in _TEMPLATES for each in tokens) and all(each in _OF_TEMPLATES for each in tokens)
    in_folder = any(each.casefold().strip("._-") in _TEMPLATES for each in folder_of(name).split("/"))
    rest = number_in(title)[1].strip()
    words = _BLANKS.sub("", rest).strip(" \t#:.-\u2013\u2014")
    is_blank = (_PLACEHOLDER.match(rest) and _BLANKS.search(rest)) or (
        _BLANKS.search(rest) and words.casefold().replace("adr", "").strip(" \t#:.-_\u2013\u2014") in _NO_TITLES
    )
    return is_named or in_folder or bool(is_blank)


def is_review(name: str, title: str) -> bool:
    """Return whether a file is about a record, such as a review or a checklist, by its name or its title."""
    said = [each for each in _tokens(title) if not each.isdigit() and each not in {"adr", "of", "for", "the"}]
    tokens = [each for each in _tokens(stem_of(name)) if not each.isdigit() and each != "adr"]
    ends = {*tokens[:1], *tokens[-1:], *said[:1], *said[-1:]}
    folders = {each.casefold() for each in folder_of(name).split("/")}
    return bool((ends | folders) & _REVIEWS)


def wishes_of(names: Iterable[str]) -> Mapping[str, str]:
    """Return an id for each file, from its path; it has only characters that an id may have, and is there once."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = re.sub(r"[^\w./+@-]+", "-", name.removesuffix(f".{name.rpartition('.')[2]}"))
        wish, count = stem, 1
        while wish in taken:
            count += 1
            wish = f"{stem}-{count}"
        taken.add(wish)
        found[name] = wish
    return found
