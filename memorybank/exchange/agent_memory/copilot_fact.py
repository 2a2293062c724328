"""One fact that Copilot remembers, with its reason, citations and scope, as a memory."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import one_line
from memorybank.exchange.account import texts_in, words_of
from memorybank.exchange.agent_memory.memory_files import REPORTED, digest_of_text
from memorybank.exchange.incoming import BY_CONTENT, Incoming
from memorybank.exchange.markdown_entries import sealed, shifted
from memorybank.exchange.safe_read import moment_of

if TYPE_CHECKING:
    from memorybank.exchange.account import Account
    from memorybank.exchange.agent_memory.memory_files import MemoryReader
    from memorybank.exchange.agent_sessions.json_lines import Row

_TYPE, _VERSION = "memory", 1
_FACT, _SUBJECT, _REASON, _CITATIONS, _SCOPE = "fact", "subject", "reason", "citations", "scope"
_TIMES = ("createdAt", "created_at")
_USER, _REPOSITORY = "user", "repository"
_CITED = ("file", "url", "text")
# a citation's value is in the field of its type, but a file's is its path
_VALUES = {"file": "path", "url": "url", "text": "text"}
_NO_TITLE = "Copilot memory"
_EMPTY: tuple[Any, ...] = (None, "", [], {})
# headings of a fact are below ours
_TOP = 3


def shown(value: Any) -> str:
    """Return a value as one short line for a report."""
    return one_line(_json(value))[:REPORTED]


def whose(value: Any) -> tuple[str, str]:
    """Return the host and path of the repository that a memory is about; empty if it names none."""
    scope = value.get(_SCOPE) if isinstance(value, dict) else None
    if not isinstance(scope, dict) or scope.get("type") != _REPOSITORY or not isinstance(scope.get(_REPOSITORY), dict):
        return ("", "")
    host, owner, name = (scope[_REPOSITORY].get(key) for key in ("host", "owner", "name"))
    if not (isinstance(owner, str) and isinstance(name, str) and owner.strip() and name.strip()):
        return ("", "")
    return (one_line(host) if isinstance(host, str) else "", f"{one_line(owner)}/{one_line(name)}")


class FactReader:
    """Turns objects with a fact into memories; what a memory has no field for is kept in its metadata."""

    def __init__(self, memory: MemoryReader) -> None:
        """`memory` collects the memories and the report."""
        self.memory = memory
        self._there: dict[str, str] = {}
        # how often one fact is there with one reason: its citations or scope differ
        self._times: Counter[str] = Counter()

    @property
    def account(self) -> Account:
        """The account of the part that is read now."""
        return self.memory.account

    def take(self, where: str, value: Any, row: Row, stem: str, kind: str) -> bool:
        """Take an object of a file that is called `stem`; return whether it was taken.

        One without a fact is taken if the report has no room for its words.
        """
        fact = value.get(_FACT) if isinstance(value, dict) else None
        if not isinstance(fact, str) or not words_of(fact):
            if len(_json(value)) <= REPORTED:
                return False
            value = value if isinstance(value, dict) else {"value": value}
            self.account.told(where, "it has no fact; its values are kept in the metadata")
        entry = self.memory.entry(where)
        same = _digest({key: each for key, each in value.items() if key != _SCOPE})
        first = self._there.setdefault(same, where)
        if first != where:
            host, path = whose(value)
            scope = f" for {host}/{path}" if path else ""
            self.account.skipped(entry, f"the same memory{scope} stands before")
            return True
        self.account.came(entry, "\n".join(texts_in(value)))
        for lost in row.lost:
            text = "\n".join(texts_in(lost.value))
            self.account.came(entry, text)
            self.account.left(entry, lost.kind, text)
        self.memory.add(self._record(entry, value, stem, kind))
        return True

    def _record(self, entry: str, value: dict[str, Any], stem: str, kind: str) -> Incoming:
        rest = dict(value)
        texts = {name: self._text(entry, rest, name) for name in (_FACT, _SUBJECT, _REASON)}
        self._mark(entry, rest)
        # the type and the repository are read before the rest is kept
        is_of_user, repository = self._scope(entry, rest)
        cited = self._citations(entry, rest)
        created = self._time(entry, rest)
        title = one_line(texts[_SUBJECT]) or stem or one_line(texts[_FACT])[:TITLE_LENGTH].rstrip() or _NO_TITLE
        # a fact that has headings or an open fence holds no text of ours
        parts = [sealed(shifted(texts[_FACT], 0, _TOP))] if texts[_FACT] else []
        if words_of(texts[_REASON]):
            parts.append(f"## Reason\n\n{sealed(shifted(texts[_REASON], 0, _TOP))}")
        if cited:
            parts.append("## Citations\n\n" + "\n".join(f"- {one_line(each)}" for each in cited))
        for name, each in rest.items():
            self.account.turned(entry, name if each in _EMPTY else "")
        about = _digest([each.strip() for each in texts.values()])
        self._times[about] += 1
        count = self._times[about]
        return Incoming(
            entry,
            _digest(value),
            kind or ("user" if is_of_user else "fact"),
            title,
            "\n\n".join(parts),
            tags=(self.memory.form,),
            source_repo=repository,
            created=created,
            metadata={_free_name(name): each for name, each in rest.items() if each not in _EMPTY},
            key=f"{BY_CONTENT}{about}" if count == 1 else f"{BY_CONTENT}{about} ({count})",
        )

    def _text(self, entry: str, rest: dict[str, Any], name: str) -> str:
        """Take a text out of the values; one of another type stays there."""
        if not isinstance(rest.get(name), str):
            return ""
        self.account.turned(entry, name)
        return str(rest.pop(name))

    def _mark(self, entry: str, rest: dict[str, Any]) -> None:
        """Take out what says that it is a memory, in which version."""
        if rest.get("type") != _TYPE:
            return
        self.account.turned(entry, f"type {rest.pop('type')}")
        version = rest.get("version")
        if type(version) is int and version == _VERSION:
            self.account.turned(entry, f"version {rest.pop('version')}")
        elif version is not None:
            self.account.told(entry, f"its version is {shown(version)}, not {_VERSION}; it is read as that one")

    def _scope(self, entry: str, rest: dict[str, Any]) -> tuple[bool, str]:
        """Return whether a memory is about the user, and its repository; what says more stays in the values."""
        scope = rest.get(_SCOPE)
        if scope == {"type": _USER}:
            rest.pop(_SCOPE)
            self.account.turned(entry, "scope type user")
            return True, ""
        host, path = whose(rest)
        name = f"{host}/{path}" if host else path
        if not isinstance(scope, dict) or not path or len(name) > REPORTED:
            return isinstance(scope, dict) and scope.get("type") == _USER, ""
        if scope == {"type": _REPOSITORY, _REPOSITORY: _named(host, path)}:
            rest.pop(_SCOPE)
            self.account.turned(entry, "scope type repository repository host owner name")
        return False, name

    def _citations(self, entry: str, rest: dict[str, Any]) -> list[str]:
        """Take the citations out as lines; if one of them says more, all stay in the values."""
        given = rest.get(_CITATIONS)
        listed: list[Any] = given if isinstance(given, list) else [given]
        lines = [_citation(each) for each in listed]
        if not lines or not all(lines):
            return []
        rest.pop(_CITATIONS)
        self.account.turned(entry, _CITATIONS)
        for each in listed:
            self.account.turned(entry, "" if isinstance(each, str) else f"type {_VALUES[each['type']]}")
        return lines

    def _time(self, entry: str, rest: dict[str, Any]) -> str:
        for name in _TIMES:
            created = moment_of(rest[name]) if isinstance(rest.get(name), str) else ""
            if created:
                self.account.turned(entry, f"{name} {rest.pop(name)}")
                return created
        return ""


def _citation(value: Any) -> str:
    """Return a citation as a line; "" if it has another form."""
    if isinstance(value, str):
        return value.strip()
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _CITED or value.keys() != {"type", _VALUES[kind]} or not isinstance(value[_VALUES[kind]], str):
        return ""
    return f"{kind}: {value[_VALUES[kind]]}" if value[_VALUES[kind]].strip() else ""


def _named(host: str, path: str) -> dict[str, str]:
    owner, _, name = path.partition("/")
    return {"host": host, "owner": owner, "name": name}


def _free_name(name: str) -> str:
    # names of an import are ours
    return f"copilot_{name}" if name.startswith("imported_") else name


def _digest(value: Any) -> str:
    return digest_of_text(_json(value, in_order=True))


def _json(value: Any, *, in_order: bool = False) -> str:
    return json.dumps(value, sort_keys=in_order, ensure_ascii=False, default=str)
