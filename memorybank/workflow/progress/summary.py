"""The project in one file: `summary.json`, written by people and agents, with counted numbers.

Unknown keys, the order of keys and the indentation are kept. Only `refresh` sets the counted numbers, and it removes
those that cannot be counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.contracts.layouts import SUMMARY
from memorybank.document.source import Source, with_eol
from memorybank.errors import ConfigError, FieldError, NoFileError, StaleEditError
from memorybank.records.fields import check_metadata
from memorybank.store.journal.commit import FileChange, retried
from memorybank.times import stamp_of
from memorybank.workflow.progress.measured import MARK, METRICS, measured_of, with_measured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    class SummaryWire(TypedDict):
        """The JSON form of a summary."""

        file: str
        digest: str
        summary: dict[str, Any]


FILE = SUMMARY
# the order of the fields in a new file
ORDER = ("project_name", "version", "status", "created_at", "updated_at", "description", "tech_stack", "team")
_LISTS = {"team": "name", "milestones": "name"}


class Summary(NamedTuple):
    """The content of the file, and its digest to protect the next change."""

    value: Mapping[str, Any]
    digest: str

    def to_wire(self) -> SummaryWire:
        """Return the JSON form: the content, the digest and the file's name."""
        return {"file": FILE, "digest": self.digest, "summary": dict(self.value)}


class SummaryChange(NamedTuple):
    """The summary after the change, and the receipt."""

    summary: Mapping[str, Any]
    receipt: Receipt


def read_summary(bank: BankFolder) -> Summary:
    """Read the summary.

    Raises:
        NoFileError: the file does not exist yet.
        ConfigError: it is not a JSON object, or has a key twice.
    """
    source, value = _read(bank)
    if source is None:
        raise NoFileError(path=FILE, hint="bank summary refresh")
    return Summary(value, source.digest)


def set_summary(
    bank: BankFolder,
    values: Mapping[str, Any] | Sequence[tuple[str, Any]],
    way: Way,
    *,
    metrics: Mapping[str, Any] | None = None,
    unset: Sequence[str] = (),
    expect: str = "",
) -> SummaryChange:
    """Set fields, or a part of one by its path (`tech_stack.backend`), and remove others.

    An entry of `team` or `milestones` replaces the one with the same name. `metrics` are numbers that were measured
    elsewhere; they are marked as given.

    Raises:
        FieldError: a name or value is invalid, or the field is a counted number.
        StaleEditError: the file does not match `expect`.
    """
    pairs = tuple(values.items()) if isinstance(values, Mapping) else tuple(values)
    named = {path.partition(".")[2]: each for path, each in pairs if path.startswith(f"{METRICS}.")}
    measured = _measured({**named, **(metrics or {})}, way)

    def change(value: dict[str, Any]) -> None:
        for path in unset:
            _unset(value, _parts(path))
            if path.startswith(f"{METRICS}."):
                _without_mark(value, path.partition(".")[2])
        for path, each in pairs:
            if not path.startswith(f"{METRICS}."):
                _set(value, _parts(path), each)
        if measured:
            value |= with_measured(value, measured)

    return _changed(bank, change, "summary set", way, expect=expect)


def _measured(metrics: Mapping[str, Any], way: Way) -> dict[str, Any]:
    from memorybank.workflow.progress.numbers import COUNTED

    try:
        return measured_of(metrics, way, counted=COUNTED)
    except FieldError as error:
        if next((name for name in metrics if name in COUNTED), ""):
            error.hint = "bank summary refresh"
        raise


def _without_mark(value: dict[str, Any], name: str) -> None:
    marks = value.get(MARK)
    if isinstance(marks, dict):
        marks.pop(name, None)
        if not marks:
            del value[MARK]


def refresh_summary(bank: BankFolder, way: Way) -> SummaryChange:
    """Count the numbers again, and update name, version and description from the project's manifest file.

    Nothing is written if nothing changed.
    """
    from memorybank.workflow.progress.numbers import COUNTED, counted, manifest_of

    manifest = manifest_of(bank)
    numbers = counted(bank)

    def change(value: dict[str, Any]) -> None:
        if not value.get("project_name"):
            value["project_name"] = bank.config.name or manifest.get("name") or bank.project.name
        if manifest.get("version"):
            value["version"] = manifest["version"]
        if manifest.get("description") and not value.get("description"):
            value["description"] = manifest["description"]
        there = value.get(METRICS)
        kept = {name: each for name, each in there.items() if name not in COUNTED} if isinstance(there, dict) else {}
        if numbers or kept or there is not None:
            value[METRICS] = _in_order({**kept, **numbers}, there)

    return _changed(bank, change, "summary refresh", way)


def _in_order(values: dict[str, Any], before: Any) -> dict[str, Any]:
    known = [name for name in before if name in values] if isinstance(before, dict) else []
    return {name: values[name] for name in dict.fromkeys((*known, *values))}


def _changed(
    bank: BankFolder, change: Callable[[dict[str, Any]], None], verb: str, way: Way, *, expect: str = ""
) -> SummaryChange:
    def make() -> tuple[dict[str, Any], list[FileChange]]:
        source, value = _read(bank)
        digest = source.digest if source else ""
        if expect and digest != expect:
            raise StaleEditError(
                address=FILE, expected=expect, digest=digest or "no file", hint="bank summary show --json"
            )
        before = json.dumps(value)
        change(value)
        if source is not None and json.dumps(value) == before:
            return value, []
        now = stamp_of(way.author.now())
        value.setdefault("created_at", now)
        value["updated_at"] = now
        if source is None:
            value = {name: value[name] for name in dict.fromkeys((*(each for each in ORDER if each in value), *value))}
        return value, [FileChange(bank.folder / FILE, text=_render(value, source), base=digest)]

    value, receipt = retried(make, bank, verb, way)
    return SummaryChange(value, receipt)


def _read(bank: BankFolder) -> tuple[Source | None, dict[str, Any]]:
    try:
        source = Source(bank.read(bank.folder / FILE))
    except NoFileError:
        return None, {}
    try:
        value = json.loads(source.text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ConfigError(path=FILE, why=f"invalid JSON: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(path=FILE, why="it is not a JSON object")
    return source, value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(each for each in names if names.count(each) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return found


def _render(value: dict[str, Any], source: Source | None) -> str:
    indent: int | str = 2
    eol, end = "\n", "\n"
    if source is not None:
        eol = source.eol_near(0)
        end = "" if source.text[-1:] not in "\r\n" else eol
        second = source.shadow.split("\n", 2)[1:2]
        lead = second[0][: len(second[0]) - len(second[0].lstrip(" \t"))] if second else ""
        indent = lead or indent
    text = json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace").decode()
    return with_eol(text, eol) + end


def _parts(path: str) -> list[str]:
    parts = path.split(".")
    if not all(parts) or path in {METRICS, MARK} or parts[0] == MARK:
        why = "name one of its numbers" if path == METRICS else f"{path!r} is not a field name"
        hint = (
            "bank summary set --metric test_coverage=85" if METRICS in path else "bank summary set status=in_progress"
        )
        raise FieldError(field=path or "name", why=why, hint=hint)
    return parts


def _set(value: dict[str, Any], parts: list[str], given: Any) -> None:
    # the same rules as for metadata: valid JSON, readable text
    checked = check_metadata({parts[-1]: given})[parts[-1]]
    for part in parts[:-1]:
        inner = value.setdefault(part, {})
        if not isinstance(inner, dict):
            raise FieldError(field=".".join(parts), why=f"{part} has no fields", hint="bank summary show")
        value = inner
    key = _LISTS.get(parts[-1])
    there = value.get(parts[-1], [])
    if key and isinstance(checked, dict) and isinstance(there, list):
        value[parts[-1]] = _with_entry(there, checked, key)
    else:
        value[parts[-1]] = checked


def _with_entry(rows: list[Any], entry: dict[str, Any], key: str) -> list[Any]:
    for number, each in enumerate(rows):
        if isinstance(each, dict) and each.get(key) == entry.get(key):
            return [*rows[:number], {**each, **entry}, *rows[number + 1 :]]
    return [*rows, entry]


def _unset(value: dict[str, Any], parts: list[str]) -> None:
    inner: Any = value
    for part in parts[:-1]:
        inner = inner.get(part) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or parts[-1] not in inner:
        raise FieldError(field=".".join(parts), why="the field does not exist", hint="bank summary show")
    del inner[parts[-1]]
