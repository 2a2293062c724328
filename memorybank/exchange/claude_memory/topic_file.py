"""One file of a memory folder as a memory: its fields, its text, and the lines of the index about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.source import Source, digest_of
from memorybank.exchange.account import words_of
from memorybank.exchange.claude_memory.front_lines import front_matter_of, lines_beside
from memorybank.exchange.claude_memory.memory_index import TITLES, Pointer
from memorybank.exchange.incoming import Incoming
from memorybank.exchange.markdown_entries import trimmed
from memorybank.exchange.safe_read import Misfit, moment_of
from memorybank.records.record import split_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.exchange.account import Account

# the type in a file, and our type for it
KINDS = {"user": "user", "feedback": "user", "project": "fact", "reference": "fact"}
TOOL = "claude-code"
_TEXTS = ("name", "title", "description")
_READ = (*_TEXTS, "type", "metadata", "tags", "created", "date", "updated")
_NAME_LENGTH = 200
_LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\n]*)\)")


class TopicFile(NamedTuple):
    """A file that is to be read: its name below the folder, its entry, its bytes, the lines of indexes about it."""

    name: str
    entry: str
    data: bytes
    pointers: Sequence[Pointer]


class TopicReader:
    """Reads one file: what a memory has no field for is kept in its metadata."""

    def __init__(self, topic: TopicFile, account: Account, misfits: list[Misfit]) -> None:
        """Start with a file; what is to be reported is added to the account and to `misfits`."""
        self.topic, self.account, self.misfits = topic, account, misfits
        self.kept: dict[str, Any] = {}

    def read(self) -> Incoming | None:
        """Return the memory; None if the file is empty, which is reported."""
        topic, source = self.topic, Source(self.topic.data)
        self.account.came(topic.entry, source.text)
        if not words_of(source.text) and not topic.pointers:
            self.account.skipped(topic.entry, "it is empty", where=topic.name)
            return None
        front = front_matter_of(source, topic.name)
        if front.why:
            self._tell(f"its front matter is read line by line: {front.why}")
        known = self._known(front.fields)
        texts = {name: self._text(name, known.get(name)) for name in _TEXTS}
        kind, tags = self._kind(known.get("type")), self._tags(known.get("tags"))
        created = self._time("created", known.get("created")) or self._time("date", known.get("date"))
        if created and "created" in known and "date" in known:
            self._keep("date", known["date"])
        stem = topic.name.rpartition("/")[2].rpartition(".")[0]
        heading, body = split_title(front.body)
        hooked = next((each.title for each in topic.pointers if each.title), "")
        title = texts["title"] or hooked or heading or texts["name"] or stem
        if heading == title:
            self.account.turned(topic.entry, heading if texts["title"] or hooked else "")
        elif heading:
            # another heading is text
            body = front.body
        summary = texts["description"] or next((each.hook for each in topic.pointers if each.hook), "")
        if len(texts["name"]) > _NAME_LENGTH:
            self._keep("name", texts["name"])
        self._point(title, summary)
        lines = lines_beside(front.inner, front.fields)
        self._keep("front_matter", lines)
        return Incoming(
            topic.entry,
            digest_of(topic.data),
            kind,
            title,
            trimmed(body),
            wish=wish_of(texts["name"] or stem),
            summary=summary,
            tags=tags,
            source_tool=TOOL,
            created=created,
            updated=self._time("updated", known.get("updated")),
            metadata=self.kept,
        )

    def _tell(self, why: str) -> None:
        # not by the account: its own words are not those of the file
        self.misfits.append(Misfit(self.topic.name, why))

    def _keep(self, name: str, value: Any) -> None:
        if value in ("", None, [], {}):
            return
        # names of an import are ours
        name = f"claude_{name}" if name.startswith("imported_") else name
        while name in self.kept:
            name += "_"
        self.kept[name] = value

    def _known(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that are read, by their names in lower case; others are kept."""
        known: dict[str, Any] = {}
        for key, value in fields.items():
            name = key.strip().lower()
            if name not in _READ or name in known:
                self._keep(key, value)
                self.account.turned(self.topic.entry, key if value in ("", None, [], {}) else "")
                continue
            known[name] = value
            self.account.turned(self.topic.entry, key)
        inner = known.pop("metadata", None)
        for key, value in inner.items() if isinstance(inner, dict) else ():
            if key.strip().lower() == "type" and known.get("type") in (None, "", value):
                self.account.turned(self.topic.entry, f"{key} {value if 'type' in known else ''}")
                known["type"] = value
            else:
                self._keep(key, value)
                self.account.turned(self.topic.entry, key if value in ("", None, [], {}) else "")
        if not isinstance(inner, dict):
            self._keep("metadata", inner)
        return known

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, (dict, list)):
            self._keep(name, value)
            return ""
        return "" if value is None else str(value)

    def _kind(self, value: Any) -> str:
        if value is None or (isinstance(value, str) and not value.strip()):
            return "fact"
        word = value.strip() if isinstance(value, str) else ""
        if word != word.lower() or not word:
            self._keep("type", value)
        if word.lower() not in KINDS:
            self._tell(f"its type {str(value)[:80]!r} is not one of {', '.join(KINDS)}: imported as a fact")
        self.word = word
        return KINDS.get(word.lower(), "fact")

    word = ""

    def _tags(self, value: Any) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else str(value).split(",") if isinstance(value, (str, int)) else []
        if isinstance(value, dict):
            self._keep("tags", value)
        tags: dict[str, str] = {}
        for each in listed:
            if isinstance(each, (dict, list)):
                self._keep("tags", each)
            elif each is not None and str(each).strip():
                tag = str(each).strip()
                key = "-".join(tag.casefold().split())
                self.account.turned(self.topic.entry, tag if key in tags else "")
                tags.setdefault(key, tag)
        if self.word:
            self.account.turned(self.topic.entry, self.word if self.word.casefold() in tags else "")
            tags.setdefault(self.word.casefold(), self.word.lower())
        return tuple(tags.values())

    def _time(self, name: str, value: Any) -> str:
        time = moment_of(value)
        if time:
            self.account.turned(self.topic.entry, str(value))
        elif value not in (None, "", [], {}):
            self._keep(name, value)
            self._tell(f"{name} is not a time: {str(value)[:80]!r}; kept in metadata.{name}")
        return time

    def _point(self, title: str, summary: str) -> None:
        """Keep the lines of the index, unless the memory says all that they say."""
        lines, sections = [], []
        for each in self.topic.pointers:
            section = "" if each.section.casefold() in TITLES else each.section
            self.account.came(self.topic.entry, f"{each.text}\n{section}")
            said = f"{title} {summary} {each.file}"
            whole = len(title) <= TITLE_LENGTH and each.title == title and each.hook in ("", summary)
            if whole and not words_of(each.text) - words_of(said):
                self.account.turned(self.topic.entry, each.text)
            else:
                # without its link, which leads nowhere in the bank
                lines.append(_LINK.sub(r"\1 (\2)", each.text))
            if section:
                sections.append(section)
        self._keep("index", lines)
        self._keep("index_section", sections[0] if len(sections) == 1 else sections)


def wish_of(name: str) -> str:
    """Return a name as an id in the source, by which other files link to it."""
    return re.sub(r"[^\w.-]+", "-", name)
