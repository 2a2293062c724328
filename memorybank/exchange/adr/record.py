"""Read one decision record: what its file says, and whether it is a decision at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.names import plain_of
from memorybank.exchange.account import words_of
from memorybank.exchange.adr.body import closed
from memorybank.exchange.adr.clause import read_clause
from memorybank.exchange.adr.dates import read_date
from memorybank.exchange.adr.fields import TITLE, Statement, line_of_value
from memorybank.exchange.adr.file_names import is_index, is_review, is_template, number_in, stem_of
from memorybank.exchange.adr.front import read_front
from memorybank.exchange.adr.head import HeadValue, read_said, visible_lines, without_lines
from memorybank.exchange.adr.links import definitions_of, flattened, without_links
from memorybank.exchange.adr.page import Page, Part, field_in, field_of, meaning_of, split_page
from memorybank.exchange.adr.references import BY, OF, RELATED, kind_of, relations_in, simple_words, without_targets
from memorybank.exchange.adr.status import read_status, rows_of
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memorybank.exchange.adr.front import Front
    from memorybank.exchange.adr.references import Relation

_WORDS = frozenset(("status", "date", "title", "tags"))
# characters of a status in its own section that the metadata repeats
_SHOWN = 300
_ABOUT = frozenset(
    ("metadata", "meta", "meta data", "details", "info", "information", "document information", "overview")
)
_RELATED = frozenset(
    (
        *("links", "related", "related decisions", "related adrs", "related adr", "related records", "relationships"),
        *("references", "more information", "see also", "relations", "history", "notes"),
    )
)
# a relation as a text that is read again
_SPOKEN = {BY: "superseded by", OF: "supersedes", RELATED: "relates to"}
_NOTHING = " \t-\u2013\u2014*_.?/"
_MENTION = later(r"\bADRs?[-_ ]?#?\d+|\]\(|\[\[|\d{4}-\d")
_STATEMENT = later(r"\b(?:in the context of|we (?:have )?decided|we will)\b")


class Adr(NamedTuple):
    """One decision record as its file states it; `number` is that of its title, as it is written there."""

    name: str
    page: Page
    title: str
    number: str
    front: Front
    heads: tuple[str, ...]
    parts: tuple[Part, ...]
    statuses: tuple[Statement, ...]
    dates: tuple[Statement, ...]
    deciders: str
    tags: tuple[str, ...]
    metadata: dict[str, Any]
    relations: tuple[Relation, ...]
    reports: tuple[str, ...]
    used: tuple[str, ...]
    titles: tuple[str, ...]
    has_status: bool
    has_decision: bool
    has_context: bool


def read_adr(name: str, text: str) -> Adr:
    """Read a file's text, with LF at its line ends.

    Raises:
        LimitError: it has too many headings.
    """
    front = read_front(text, _WORDS, name)
    page = split_page(front.body)
    reader = _Reader(name, front, page)
    return reader.read()


class _Reader:
    """The reading of one file; each place is looked at once, and what is used is removed from the text."""

    def __init__(self, name: str, front: Front, page: Page) -> None:
        self.name = name
        self.front = front
        self.page = page
        self.stated: dict[str, list[Statement]] = {"status": [], "date": [], "deciders": [], "tags": [], "title": []}
        self.metadata: dict[str, Any] = {}
        self.used: list[str] = []
        self.reports: list[str] = [front.why] if front.why else []
        self.definitions = definitions_of(front.body)
        self.relations: list[Relation] = []
        # statuses with their days in other fields: `Accepted: 2024-05-06`
        self.history: list[str] = []

    def read(self) -> Adr:
        parts = list(self._sections())
        self._front()
        head = self._text(self.page.head, "below the title")
        above = self._text(self.page.above, "above the title")
        if self.history and not self.stated["status"]:
            self.stated["status"].append(Statement("in its fields", "\n".join(self.history)))
        if self.history and not self.stated["date"]:
            self.stated["date"] += [Statement("in its fields", each) for each in self.history if _is_decided(each)][:1]
        title, number = self._title()
        heads = tuple(closed(each) for each in (self.front.kept, above, head) if each.strip())
        deciders = [each.text for each in self.stated["deciders"]]
        tags = [tag for each in self.stated["tags"] for tag in each.text.replace("#", " ").split(",")]
        meanings = [found.name for each in self.page.parts if (found := meaning_of(each.heading))]
        return Adr(
            self.name,
            self.page,
            title,
            number,
            self.front,
            heads,
            tuple(parts),
            tuple(self.stated["status"]),
            tuple(self.stated["date"]),
            "; ".join(deciders),
            tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
            self.metadata,
            tuple(self.relations),
            tuple(self.reports),
            tuple(self.used),
            tuple(each.text for each in self.stated["title"]),
            has_status=bool(self.stated["status"]),
            has_decision="Decision" in meanings or bool(_STATEMENT.search(self.page.head.casefold())),
            has_context="Context" in meanings,
        )

    def _sections(self) -> Iterator[Part]:
        """Yield the sections that stay in the text; those that are fields are read."""
        for part in self.page.parts:
            field, said = field_in(part.heading)
            name = plain_of(part.heading).words
            if said:
                # `Status: rejected` as a heading stays as it is
                self._status(part._replace(text=f"{said}\n\n{part.text}"), is_kept=False)
                yield part
                continue
            if field == "status" and part.text.strip() and self._has_section():
                # a second section of the same name
                self._status(part, is_kept=False)
                yield part
                continue
            if field == "status" and not self._has_section():
                if not self._status(part):
                    yield part
            elif field in ("date", "deciders", "tags") and part.text.strip() and "\n" not in part.text.strip():
                if field == "date" and not read_date(part.text).is_exact:
                    yield part
                else:
                    self.used.append(part.heading)
                self.stated[field].append(Statement("in its section", part.text.strip()))
            else:
                if name in _ABOUT:
                    self._said(part.text, "in a table")
                if name in _RELATED or kind_of(part.heading):
                    self._related(part, "" if name in _RELATED else kind_of(part.heading))
                yield part

    def _has_section(self) -> bool:
        return any(each.place == "in its section" for each in self.stated["status"])

    def _status(self, part: Part, *, is_kept: bool = True) -> bool:
        """Read the section of the status; return whether it is kept as a whole in fields, which `is_kept` allows."""
        said = self._said(part.text, "in its section", but=("status",))
        lines = [each for each in part.text.split("\n") if each.strip()]
        seen = "\n".join(visible_lines(part.text)).strip("\n")
        own = next((each.value for each in said if each.field == "status" and each.value), "")
        text = seen if not own or read_status(seen).name else own
        if text.strip():
            self.stated["status"].append(Statement("in its section", text, _row_that_counts(text)[:_SHOWN]))
        for line in seen.split("\n"):
            self.relations += relations_in(line, self.definitions)
        if not is_kept:
            return False
        is_simple = bool(lines) and all(_is_simple(each) for each in lines)
        if is_simple or not lines:
            self.used.append(part.heading)
            if text.strip():
                self.stated["status"][-1] = Statement("in its section", part.text.strip())
        return is_simple or not lines

    def _front(self) -> None:
        """Read front matter; what is no field of ours is kept as metadata, with its type."""
        fields = self.front.fields
        for key in sorted(fields, key=lambda each: plain_of(each).words not in _WORDS):
            value, kind = fields[key], kind_of(key)
            line = line_of_value(value).strip()
            for each in _leaves(value) if kind else ():
                self.relations += relations_in(f"{_SPOKEN[kind]}: {each}", self.definitions)
            if self._is_stated(key, line) and not isinstance(value, dict):
                field = field_of(key)
                if field == "tags" and isinstance(value, str) and "," not in value:
                    line = ", ".join(line.split())
                self.stated[field].append(Statement("in the front matter", line))
                # a block that is kept as a whole still has the name
                self.used += [] if self.front.kept else [key]
            elif not self.front.kept:
                self._keep(key, value)
        if self.front.comments:
            self.metadata["adr_comments"] = [flattened(each) for each in self.front.comments]
        if self.front.raw:
            self.metadata["adr_front_matter"] = flattened(self.front.raw)

    def _is_stated(self, key: str, line: str) -> bool:
        """Return whether a key of front matter states a field of ours; the first key of a field does."""
        field, is_named = field_of(key), plain_of(key).words in _WORDS
        if not field or not line:
            return False
        if any(each.place == "in the front matter" for each in self.stated[field]):
            # `status` and `Status`
            return field == "status" and is_named
        if field == "date":
            return is_named or bool(read_date(line).day)
        return field != "status" or is_named or bool(read_status(line).name)

    def _keep(self, key: str, value: Any) -> None:
        own = key.casefold().startswith(("adr_", "imported_"))
        name = f"{key}_" if own else key
        while name in self.metadata:
            name += "_"
        self.metadata[name] = _flat(value)

    def _said(self, text: str, place: str, *, but: tuple[str, ...] = ()) -> list[HeadValue]:
        """Read the fields of a text; its relations too."""
        said = read_said(text)
        for each in said:
            if each.field == "date" and read_clause(each.value).name:
                self.history.append(each.value)
            if each.field and each.field not in but and each.value.strip(_NOTHING):
                self.stated[each.field].append(Statement(place, each.value))
            elif not each.field and each.value and (dated := _dated_status(each)):
                self.history.append(dated)
            if kind_of(each.label) and each.value and place != "in its section":
                self.relations += relations_in(f"{each.label}: {each.value}", self.definitions)
        return said

    def _text(self, text: str, place: str) -> str:
        """Read the fields in the text around the title; return the text without the lines that are kept in fields."""
        said = self._said(text, place)
        gone: set[int] = set()
        seen: set[str] = set()
        for each in said:
            if not each.field or each.field in seen:
                continue
            seen.add(each.field)
            fits = {
                "status": read_clause(each.value).bare,
                "date": read_date(each.value).is_exact,
                "deciders": True,
                "tags": True,
            }.get(each.field, False)
            first = self.stated[each.field] and self.stated[each.field][0].text == each.value
            if each.is_alone and fits and (first or each.field != "deciders"):
                gone.add(each.line)
                self.used += [each.label, each.end]
        return without_lines(text, gone) if gone else text

    def _related(self, part: Part, kind: str) -> None:
        for line in part.text.split("\n"):
            if kind and _MENTION.search(line):
                self.relations += relations_in(f"{_SPOKEN[kind]}: {line}", self.definitions)
            elif _MENTION.search(line):
                self.relations += [
                    each._replace(is_sure=False) for each in relations_in(line, self.definitions, at_start=True)
                ]

    def _title(self) -> tuple[str, str]:
        """Return the title without its number, and the number."""
        stated = [each.text for each in self.stated["title"] if each.text.strip()]
        raw = self.page.title or (stated[0] if stated else "")
        if not raw:
            raw = " ".join(stem_of(self.name).replace("_", "-").split("-")).strip()
            number, rest = number_in(f"ADR {raw}" if raw[:1].isdigit() else raw)
            self.reports.append("it has no title: it is named after its file")
            return (rest or raw).strip(), number
        plain = without_links(raw)
        number, title = number_in(plain)
        # a title in front matter may differ, and a link in the title has its target
        for each in (*([raw] if plain != raw else []), *stated):
            if words_of(flattened(each)) - words_of(plain):
                self.metadata[TITLE] = "; ".join(filter(None, (self.metadata.get(TITLE, ""), flattened(each))))
        return " ".join(title.split()), number


def why_no_decision(adr: Adr, numbers: Mapping[str, int], others: Mapping[int, tuple[str, ...]]) -> str:
    """Return why a file is no decision record; "" if it is one.

    `numbers` are the numbers in the names of the files, `others` the names of the decisions of the folder by number.
    """
    is_numbered = bool(numbers.get(adr.name) or adr.number)
    if is_template(adr.name, f"ADR {adr.number}: {adr.title}" if adr.number else adr.title):
        return "it is a template"
    number = numbers.get(adr.name) or int(adr.number or 0)
    beside = any(each != adr.name for each in others.get(number, ())) if number else False
    if is_index(adr.name) and not (adr.has_decision and adr.has_status and adr.has_context):
        return "it is an index, not a decision record"
    if is_review(adr.name, adr.title):
        if not (adr.has_decision and adr.has_context) or beside:
            return "it is about a decision, not a decision record"
        return ""
    if adr.has_decision and (adr.has_status or adr.has_context or is_numbered):
        return ""
    if adr.has_status and (adr.has_context or (is_numbered and not beside)):
        return ""
    return "it has no status and decision, so it is not a decision record"


def _row_that_counts(text: str) -> str:
    """Return the row of a status that is the one taken; else the first."""
    read = read_status(text)
    rows = rows_of(text) or [text.strip()]
    same = [each for each in rows if (row := read_clause(each)).name == read.name and row.day == read.day]
    return same[0] if read.name and same else text.strip().split("\n", 1)[0]


def _dated_status(said: HeadValue) -> str:
    """Return a status with its day as a text, from a label and a value; "" if they are something else."""
    if read_clause(said.label).bare and read_date(said.value).day:
        return f"{said.label}: {said.value}"
    read = read_clause(said.value)
    return said.value if read.day and read.bare else ""


def _is_decided(text: str) -> bool:
    read = read_clause(text)
    return bool(read.day) and read.name in ("accepted", "rejected")


def _is_simple(line: str) -> bool:
    """Return whether a line says no more than a status, a day, and relations to other records."""
    if read_clause(line).bare:
        return True
    if not any(relations_in(line, {})):
        return False
    return all(each.isdigit() or each in simple_words() for each in words_of(without_targets(line)))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        yield from (each for part in value.values() for each in _leaves(part))
    elif value is not None and not isinstance(value, bool):
        yield from (each for each in str(value).split("\n") if each.strip())


def _flat(value: Any) -> Any:
    if isinstance(value, str):
        return flattened(value)
    if isinstance(value, dict):
        return {key: _flat(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_flat(each) for each in value]
    return value
