"""The settings of corrections as they are in force: `[corrections]` in `bank.toml`, the user's own, the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.store.config import FILE, found_in, layers_of
from memorybank.store.settings.table import CORRECTIONS, LANGUAGES, TIERS

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

_PREFIX = "corrections."


class Weights(NamedTuple):
    """How much each signal weighs in a score; recency first."""

    recency: float = 0.5
    tier: float = 0.15
    repetition: float = 0.1
    density: float = 0.05
    position: float = 0.05
    neighbourhood: float = 0.05
    misstep: float = 0.05
    label: float = 0.05


class Steps(NamedTuple):
    """The weights of the decay `steps`: up to a day, up to a week, and after."""

    day: float = 0.91
    week: float = 0.5
    month: float = 0.05


class CorrectionSettings(NamedTuple):
    """The settings; `store/settings/table.py` says what each is for."""

    log_directory: str = ""
    markers: tuple[str, ...] = ()
    languages: tuple[str, ...] = LANGUAGES
    tiers: tuple[str, ...] = TIERS
    mixture: bool = True
    recency: str = "rank"
    weights: Weights = Weights()
    decay: str = "half-life"
    half_life_days: float = 7.0
    steps: Steps = Steps()
    schedule: str = "0 4 * * *"
    budget_chars: int = 4096
    window_tokens: int = 0
    auto_inject: bool = False
    audit_log: bool = True


def read_settings(bank: BankFolder) -> CorrectionSettings:
    """Return the settings of corrections that are in force for a bank.

    Raises:
        ConfigError: a value is not one that its setting takes, or a file is not valid TOML.
    """
    layers = layers_of(bank.folder / FILE, bank.personal)
    values: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {"weights": {}, "steps": {}}
    for setting in CORRECTIONS:
        table, _, name = setting.key.removeprefix(_PREFIX).rpartition(".")
        groups.get(table, values)[name] = found_in(layers, setting)[0]
    return CorrectionSettings(**values, weights=Weights(**groups["weights"]), steps=Steps(**groups["steps"]))
