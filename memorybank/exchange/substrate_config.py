"""Reads a `substrate-config.yaml`, with settings for corrections of users, into those of `bank.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import read_fields
from memorybank.document.source import Source
from memorybank.errors import FrontMatterError
from memorybank.exchange.imported import ImportedSetting, ImportResult
from memorybank.exchange.safe_read import ForeignError, Misfit
from memorybank.files.read import read
from memorybank.store.settings.change_setting import change_several, given_value
from memorybank.store.settings.table import BY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FORMAT = "substrate-config"
_SIGNALS = "scoring.signals."
# names of a signal in such files, and that of its weight here
_WEIGHTS = {
    "recency": "recency",
    "density": "density",
    "cosine_neighborhood": "neighbourhood",
    "span_coverage": "tier",
    "topic_position": "position",
    "repetition": "repetition",
    "misstep_predictor": "misstep",
    "human_label": "label",
}
_KEYS = {
    "extraction.log_directory": "log_directory",
    "extraction.correction_markers": "markers",
    "extraction.span_tiers": "tiers",
    "scoring.mixture.enabled": "mixture",
    "scoring.mixture.human_label_weight": "weights.label",
    "scoring.signals.recency.normalization": "recency",
    "decay.schedule": "schedule",
    "decay.half_life_multipliers.1_day": "steps.day",
    "decay.half_life_multipliers.1_week": "steps.week",
    "decay.half_life_multipliers.1_month": "steps.month",
    "exposure.max_budget_chars": "budget_chars",
    "exposure.auto_inject": "auto_inject",
    "exposure.audit_log": "audit_log",
    **{f"{_SIGNALS}{name}.weight": f"weights.{ours}" for name, ours in _WEIGHTS.items()},
}
# what has no setting: the only value that bank has, and what it does
_FIXED = {
    "decay.independent_of_signals": (True, "the decay is always apart from the signals"),
    "exposure.transport": ("stdio", "the server speaks over standard input and output only"),
}
_TOLD = {
    "scoring.signals.density.formula": "the density is this ratio r as r / (1 + r), which has a bound",
    "scoring.signals.cosine_neighborhood.embedding_dim": "no vectors are made: neighbours are found by their words",
}
_AUDIT = "the log is .state/audit.jsonl in the bank, which `bank audit` prints"


class _Read(NamedTuple):
    settings: list[ImportedSetting]
    misfits: list[Misfit]


def import_config(bank: BankFolder, path: Path, way: Way) -> ImportResult:
    """Set the settings that a file has, in one operation; keys that have no setting are reported.

    Signals that the file does not name get the weight 0, as its mixture does not have them.

    Raises:
        ForeignError: it is no such file.
        BankError: it cannot be read, or `bank.toml` cannot be written.
    """
    found = _read(path)
    changes = [(BY_KEY[each.key], each.value) for each in found.settings]
    receipt = change_several(bank, changes, f"import {FORMAT}", way)
    operations = (receipt.operation,) if receipt.operation else ()
    misfits, settings, dry_run = tuple(found.misfits), tuple(found.settings), way.options.dry_run
    return ImportResult(FORMAT, (), (), (), 0, misfits, (), (), operations, dry_run, settings)


def _read(path: Path) -> _Read:
    data = read(path).removeprefix(b"\xef\xbb\xbf")
    opening = b"" if data.startswith(b"---") else b"---\n"
    try:
        tree = read_fields(Source(opening + data.rstrip() + b"\n---\n"), str(path))
    except FrontMatterError as error:
        raise ForeignError(path=path, why=f"it is not valid YAML: {error.message}") from error
    found = _Read([], [])
    rows = dict(_leaves(tree))
    for key, value in rows.items():
        _take(key, value, found)
    if not found.settings:
        raise ForeignError(path=path, why="it has none of the keys of a substrate-config.yaml")
    taken = {each.key for each in found.settings}
    # one that the file names with a value that is not valid stays as it is
    named = {_KEYS[key] for key in rows if key.startswith(_SIGNALS) and key in _KEYS}
    if any(f"weights.{name}" in named for name in _WEIGHTS.values()):
        unnamed = [f"corrections.weights.{name}" for name in _WEIGHTS.values() if f"weights.{name}" not in named]
        found.settings.extend(ImportedSetting(key, 0.0, _SIGNALS[:-1]) for key in unnamed if key not in taken)
    if any(key.startswith("corrections.steps.") for key in taken):
        found.settings.append(ImportedSetting("corrections.decay", "steps", "decay.half_life_multipliers"))
    return found


def _leaves(tree: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _take(key: str, value: Any, found: _Read) -> None:
    if key in _FIXED:
        only, why = _FIXED[key]
        if value != only:
            found.misfits.append(Misfit(key, f"not taken: {why}"))
        return
    if key not in _KEYS:
        found.misfits.append(Misfit(key, _TOLD.get(key, "not taken: there is no such setting")))
        return
    if key == "exposure.audit_log" and not isinstance(value, bool):
        found.misfits.extend([Misfit(key, _AUDIT)] if value else [])
        value = bool(value)
    if key.endswith(".normalization") and isinstance(value, str):
        value = value.replace("_", "-")
    setting = BY_KEY[f"corrections.{_KEYS[key]}"]
    try:
        found.settings.append(ImportedSetting(setting.key, given_value(setting, value), key))
    except ValueError as error:
        found.misfits.append(Misfit(key, f"not taken: {setting.key} {error}"))
