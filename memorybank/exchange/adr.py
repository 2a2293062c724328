"""Import architecture decision records, as written by adr-tools and MADR, as decisions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import find_block
from memorybank.document.source import Source, digest_of, lines_of, without_eol
from memorybank.errors import BankError, FrontMatterError
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.markdown_entries import parts_of, shifted, trimmed
from memorybank.exchange.module71.tree import status_of
from memorybank.exchange.safe_read import FileTree, ForeignError, Misfit, moment_of, refusal_of
from memorybank.records.record import Link, fields_of, render_sections
from memorybank.records.templates import load_type
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.exchange.markdown_entries import MarkdownPart
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder

FORMAT = "adr"

# their headings and ours; other headings are kept
_SECTIONS = {
    "context": "Context",
    "context and problem statement": "Context",
    "issue": "Context",
    "decision": "Decision",
    "decision outcome": "Decision",
    "decision drivers": "Rationale",
    "rationale": "Rationale",
    "considered options": "Alternatives",
    "options considered": "Alternatives",
    "alternatives considered": "Alternatives",
    "alternatives": "Alternatives",
    "pros and cons of the options": "Alternatives",
    "consequences": "Consequences",
    "positive consequences": "Consequences",
    "negative consequences": "Consequences",
    "implementation": "Implementation",
    "confirmation": "Confirmation",
    "validation": "Confirmation",
    "compliance": "Confirmation",
}
# headings that MADR has below "Decision Outcome", and that are sections in our records
_LIFTED = {"consequences", "positive consequences", "negative consequences", "confirmation", "validation"}
_HEAD = {"status", "date", "deciders", "decider", "decision-makers", "decision makers", "tags"}
_HEAD_LINE = re.compile(
    r"(?:[*+-][ \t]+)?(?:\*\*)?(?P<name>[A-Za-z][\w -]{0,40}?)(?:\*\*)?:(?:\*\*)?[ \t]*(?P<value>.*)\Z"
)
_TITLE = re.compile(
    r"(?:ADR[- ]?)?(?P<number>\d{1,6})(?:[.:][ \t]+|[ \t]+-[ \t]+)(?P<title>\S.*)\Z", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"(?:\A|/)(?:adr[-_]?)?(\d{1,6})(?=[-_. ])", re.ASCII | re.IGNORECASE)
_RELATION = re.compile(
    r"(?P<word>super[sc]ede[sd]|replace[sd]|amend(?:s|ed)|clarifie[sd]|relate[sd]|extend(?:s|ed))"
    r"(?P<by>[ \t]+by)?[ \t]*(?:to)?[ \t:]*(?P<to>.*)\Z",
    re.IGNORECASE,
)
_FILE_LINK = re.compile(r"\]\((?:\./)?([^)\s#]+\.md)[^)]*\)")
_ADR_NUMBER = re.compile(r"(?:\bADR[- ]?|\A)0*(\d{1,6})\b", re.ASCII | re.IGNORECASE)
_DAYS = ("%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", re.ASCII)
_MONTHS = 12


class _Adr(NamedTuple):
    """One parsed file: the fields of its front matter and first lines, and its sections."""

    title: str
    number: int
    said: Mapping[str, str]
    more: Mapping[str, Any]
    sections: list[tuple[str, str]]
    status: str


def read_adrs(bank: BankFolder, source: FileTree, origin: str) -> ReadResult:
    """Read a folder of decision records; `origin` is its name.

    Raises:
        ForeignError: no file in it is a decision record.
    """
    kind = load_type(bank, "decision")
    misfits = list(source.misfits)
    numbers = {int(found[1]): name for name in reversed(source.names) if (found := _NUMBER.search(name))}
    records = []
    for name in source.names:
        if not name.lower().endswith(".md"):
            misfits.append(Misfit(name, "skipped: it is not a Markdown file"))
            continue
        try:
            data = source.bytes_of(name)
            adr = _parse(data, name, misfits)
        except BankError as error:
            misfits.append(Misfit(name, f"skipped: {refusal_of(error)}"))
            continue
        if adr is None or "template" in name.lower():
            misfits.append(Misfit(name, "skipped: it is not a decision record"))
            continue
        records.append(_incoming(kind, adr, name, f"{origin}/{name}", digest_of(data), numbers, misfits))
    if not records:
        raise ForeignError(path=source.root, why="no file in it is a decision record with a Status or a Decision")
    return ReadResult(FORMAT, tuple(records), (), tuple(misfits))


def _parse(data: bytes, name: str, misfits: list[Misfit]) -> _Adr | None:
    source = Source(data)
    block = find_block(source.shadow)
    more: dict[str, Any] = {}
    if block is not None:
        try:
            more = fields_of(source, name)
        except FrontMatterError as error:
            misfits.append(Misfit(name, f"its front matter is skipped: {error.message}"))
    parts = parts_of(source.text[block.end if block else 0 :].replace("\r\n", "\n").replace("\r", "\n"), 2)
    titled = next((each for each in parts if each.level == 1), None)
    title = titled.title if titled else str(more.get("title") or "")
    said, rest = _said(titled.text if titled else parts[0].text)
    said |= {key.lower(): _line(each) for key, each in more.items() if key.lower() in _HEAD and each}
    more = {key: each for key, each in more.items() if key.lower() not in {*_HEAD, "title"}}
    sections = [("", rest)] if rest else []
    status = ""
    for part in parts[1:]:
        if part is titled:
            continue
        if part.title.casefold() == "status":
            status = part.text
        else:
            sections += _lifted(part)
    if not (title and (status or "status" in said or any(each == "Decision" for each, _ in sections))):
        return None
    match = _TITLE.match(title)
    in_name = _NUMBER.search(name)
    number = int(match["number"]) if match else int(in_name[1]) if in_name else 0
    return _Adr(match["title"] if match else title, number, said, more, sections, status or said.get("status", ""))


def _line(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _said(text: str) -> tuple[dict[str, str], str]:
    """Split the text below a title into the fields (status, date, deciders, …) and the rest."""
    said: dict[str, str] = {}
    rest = []
    for line in (without_eol(each) for each in lines_of(text)):
        found = _HEAD_LINE.match(line.strip())
        if found and found["name"].lower() in _HEAD and found["name"].lower() not in said:
            said[found["name"].lower()] = found["value"].strip()
        else:
            rest.append(line)
    return said, trimmed("\n".join(rest))


def _lifted(part: MarkdownPart) -> list[tuple[str, str]]:
    own: list[tuple[str, str]] = []
    lifted: list[tuple[str, str]] = []
    for each in parts_of(part.text, 3):
        if each.level and each.title.casefold() in _LIFTED:
            words = each.title.split()[0].title()
            mark = f"**{words}:**\n\n" if words in {"Positive", "Negative"} else ""
            lifted.append((_SECTIONS[each.title.casefold()], mark + shifted(each.text, -1, 3)))
        else:
            own.append(("", f"### {each.title}\n\n{each.text}" if each.level else each.text))
    name = _SECTIONS.get(part.title.casefold(), part.title)
    mark = "" if name in {part.title, "Context", "Decision"} or part.title.casefold() in _LIFTED else part.title
    text = "\n\n".join(text for _, text in own if text.strip())
    return [(name, f"### {mark}\n\n{shifted(text, 1, 4)}" if mark and text else text), *lifted]


def _incoming(
    kind: RecordType,
    adr: _Adr,
    name: str,
    entry: str,
    digest: str,
    numbers: Mapping[int, str],
    misfits: list[Misfit],
) -> Incoming:
    day = _day(adr.said.get("date", ""))
    metadata: dict[str, Any] = {key: value for key, value in adr.more.items() if value}
    if adr.number:
        metadata["adr_number"] = adr.number
    if adr.said.get("date") and not day:
        metadata["adr_date"] = adr.said["date"]
        misfits.append(Misfit(name, f"its date {adr.said['date']!r} is ambiguous or not a date"))
    lines = [line.strip() for line in (without_eol(each) for each in lines_of(adr.status)) if line.strip()]
    word = lines[0] if lines else ""
    links = _links(lines, name, numbers)
    status = status_of(_RELATION.sub("", word).strip() or ("superseded" if links else word), kind)
    if any(link.rel == "superseded-by" for link in links):
        status = "superseded"
    if word and status != word.lower():
        metadata["adr_status"] = "; ".join(lines)
    decider = next(
        (adr.said[key] for key in ("deciders", "decision-makers", "decision makers", "decider") if adr.said.get(key)),
        "",
    )
    return Incoming(
        entry,
        digest,
        "decision",
        adr.title,
        render_sections(_joined(adr.sections)) if not _head(adr.sections) else _with_head(adr.sections),
        wish=_stem(name),
        status=status,
        tags=tuple(part.strip() for part in adr.said.get("tags", "").split(",") if part.strip()),
        source_tool=FORMAT,
        created=day,
        metadata=metadata,
        links=links,
        fields={"decider": decider, **({"date": day[:10]} if day else {})},
    )


def _head(sections: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(text for name, text in sections if not name)


def _with_head(sections: list[tuple[str, str]]) -> str:
    rest = render_sections(_joined(sections))
    return "\n\n".join(each for each in (_head(sections), rest) if each)


def _joined(sections: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for name, text in sections:
        if name and text.strip():
            found.setdefault(name, []).append(text)
    return [(name, "\n\n".join(texts)) for name, texts in found.items()]


def _stem(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name.rpartition("/")[2].removesuffix(".md"))


def _links(lines: Iterable[str], name: str, numbers: Mapping[int, str]) -> tuple[Link, ...]:
    links = []
    for line in lines:
        found = _RELATION.search(line)
        if found is None:
            continue
        file = _FILE_LINK.search(found["to"])
        number = _ADR_NUMBER.search(found["to"])
        target = file[1] if file else numbers.get(int(number[1]), "") if number else ""
        if target and _stem(target) != _stem(name):
            is_replacing = found["word"].lower().startswith(("supers", "superc", "replace"))
            rel = "relates" if not is_replacing else "superseded-by" if found["by"] else "supersedes"
            links.append(Link(rel, _stem(target)))
    return tuple(dict.fromkeys(links))


def _day(text: str) -> str:
    """Return a date as a time; "" if it is not a date, or is ambiguous."""
    text = text.strip()
    day = moment_of(text)
    if day:
        return f"{day[:10]}T00:00:00Z"
    slashed = _SLASHED.match(text)
    forms: tuple[str, ...] = _DAYS
    if slashed:
        forms = ("%d/%m/%Y",) if int(slashed[1]) > _MONTHS else ("%m/%d/%Y",) if int(slashed[2]) > _MONTHS else ()
    for form in forms:
        try:
            return stamp_of(datetime.strptime(text, form))  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return ""
