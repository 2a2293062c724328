"""Stages and modes: which layers of memory a stage of work loads, as data from `templates/stages.toml`.

Nothing here reads a file: bytes go in, the table comes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STAGES = ("understand", "decompose", "plan", "implement", "verify", "review")
MODES = ("rapid", "standard", "rigorous")
DEFAULT_STAGE = "understand"
DEFAULT_MODE = "standard"
FILE = "stages.toml"
ALL = 1_000_000

_PAFS = ("", "active", "all")
_HOURS = 24 * 366


class Cell(NamedTuple):
    """What one mode loads in one stage; 0, "" and False mean that a layer is not loaded, `ALL` means no limit."""

    stage: str
    mode: str
    messages: int = 0
    cache_hours: int = 0
    deep: int = 0
    types: tuple[str, ...] = ()
    pafs: str = ""
    groups: bool = False
    corrections: int = 0

    def words(self) -> dict[str, str]:
        """Return for each layer what is loaded, "-" for nothing."""
        types = f" of {', '.join(self.types)}" if self.types and self.deep else ""
        return {
            "session": "all messages" if self.messages >= ALL else f"last {self.messages}" if self.messages else "-",
            "cache": f"{self.cache_hours} h" if self.cache_hours else "-",
            "deep": f"top {self.deep}{types}" if self.deep else "-",
            "pafs": self.pafs or "-",
            "groups": "yes" if self.groups else "-",
            "corrections": f"top {self.corrections}" if self.corrections else "-",
        }


class Table(NamedTuple):
    """The cells by stage and mode; what counts more in a stage; the stage of each moment; alternative names."""

    cells: Mapping[tuple[str, str], Cell]
    first: Mapping[str, tuple[str, ...]]
    moments: Mapping[str, str]
    names: Mapping[str, str]

    def stage_of(self, name: str, moment: str = "") -> str:
        """Return the stage with a name; without a name, the stage of a moment.

        Raises:
            FieldError: the stage is unknown.
        """
        return self._known(name, "stage", STAGES) or self.moments.get(moment, DEFAULT_STAGE)

    def mode_of(self, name: str) -> str:
        """Return the mode with a name, the default mode for "".

        Raises:
            FieldError: the mode is unknown.
        """
        return self._known(name, "mode", MODES) or DEFAULT_MODE

    def _known(self, name: str, field: str, known: Sequence[str]) -> str:
        word = name.strip().casefold().replace("_", "-")
        found = self.names.get(word, word)
        if found and found not in known:
            why = f"{name!r} is invalid: choose from {', '.join(known)}"
            raise FieldError(field=field, why=why, hint="bank load --table")
        return found


def parse_table(shipped: bytes, own: bytes | None = None) -> Table:
    """Return the table from the built-in file's bytes and those of the bank's own file, which overrides its keys.

    Raises:
        ConfigError: one of them is invalid; the error names the key.
    """
    rows = _parse(shipped)
    for name, value in (_parse(own) if own is not None else {}).items():
        rows[name] = _over(rows.get(name, {}), value)
    _only(rows, {*STAGES, "first", "moments", "names"}, "")
    cells = {}
    for stage in STAGES:
        modes = _mapping(rows.get(stage, {}), stage)
        _only(modes, set(MODES), f"{stage}.")
        for mode in MODES:
            cells[stage, mode] = _cell(stage, mode, _mapping(modes.get(mode, {}), f"{stage}.{mode}"))
    first = {key: _texts(value, f"first.{key}") for key, value in _mapping(rows.get("first", {}), "first").items()}
    _only(first, set(STAGES), "first.")
    moments = _words(rows.get("moments", {}), "moments", STAGES)
    names = _words(rows.get("names", {}), "names", (*STAGES, *MODES))
    return Table(cells, first, moments, {key.casefold().replace("_", "-"): each for key, each in names.items()})


def _parse(data: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _fault(str(error)) from error


def _over(one: object, other: object) -> object:
    """Return the built-in keys overridden by the user's; a whole cell is replaced: what it does not name is off."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return {**one, **other}


def _cell(stage: str, mode: str, row: Mapping[str, Any]) -> Cell:
    where = f"{stage}.{mode}"
    _only(row, set(Cell._fields) - {"stage", "mode"}, f"{where}.")
    messages = row.get("messages", 0)
    pafs = row.get("pafs", "")
    groups = row.get("groups", False)
    if pafs not in _PAFS:
        raise _fault(f'{where}.pafs must be "active" or "all"')
    if not isinstance(groups, bool):
        raise _fault(f"{where}.groups must be true or false")
    return Cell(
        stage,
        mode,
        ALL if messages == "all" else _count(messages, f"{where}.messages", ALL),
        _count(row.get("cache_hours", 0), f"{where}.cache_hours", _HOURS),
        _count(row.get("deep", 0), f"{where}.deep", 1000),
        _texts(row.get("types", []), f"{where}.types"),
        pafs,
        groups,
        _count(row.get("corrections", 0), f"{where}.corrections", 1000),
    )


def _count(value: object, where: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _fault(f"{where} must be a whole number from 0 to {most}")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _fault(f"{where} must be a list of words")
    return tuple(value)


def _words(value: object, where: str, known: Sequence[str]) -> dict[str, str]:
    found = _mapping(value, where)
    for name, each in found.items():
        if each not in known:
            raise _fault(f"{where}.{name} must be one of {', '.join(known)}")
    return found


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fault(f"{where} must be a table")
    return value


def _only(row: Mapping[str, object], known: set[str], where: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise _fault(f"unknown key {where}{unknown[0]}")


def _fault(why: str) -> ConfigError:
    return ConfigError(path=f"templates/{FILE}", why=why)


LAYERS = ("session", "cache", "deep", "pafs", "groups", "corrections")


def rows_of(table: Table) -> list[tuple[str, ...]]:
    """Return the table as rows of text: stage, mode, then what each layer loads."""
    rows = []
    for cell in table.cells.values():
        words = cell.words()
        rows.append((cell.stage, cell.mode, *(words[each] for each in LAYERS)))
    return rows


def markdown_of(table: Table) -> str:
    """Return the table in Markdown."""
    head = ("stage", "mode", *LAYERS)
    rows = (head, tuple("---" for _ in head), *rows_of(table))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
