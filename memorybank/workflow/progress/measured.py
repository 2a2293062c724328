"""Numbers that somebody measured elsewhere: kept beside the counted ones, and marked with who gave them and when.

`metrics` holds both; `metrics_given` names those that were given, so that no reader takes them for counted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.errors import FieldError
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from memorybank.store.way import Way

METRICS = "metrics"
MARK = "metrics_given"
_TEXT = 200


def measured_of(metrics: Mapping[str, Any], way: Way, *, counted: Collection[str]) -> dict[str, Any]:
    """Return metrics as they are kept: `metrics` with the values, and `metrics_given` with who gave each, and when.

    Raises:
        FieldError: a name is not a field name or one that is counted, or a value is neither a number nor a short text.
    """
    if not metrics:
        return {}
    from memorybank.records.fields import check_metadata

    for name, value in metrics.items():
        if name in counted:
            why = f"{name} is counted here and cannot be set"
            raise FieldError(field=METRICS, why=why, hint="choose another name, such as tests_added=5")
        is_short = isinstance(value, str) and 0 < len(value.strip()) <= _TEXT
        if isinstance(value, bool) or not (is_short or isinstance(value, int | float)):
            raise FieldError(field=METRICS, why=f"{name} must be a number or a short text", hint="tests_added=5")
    mark = {"by": way.author.actor.tool, "at": stamp_of(way.author.now())}
    return {METRICS: check_metadata(metrics), MARK: dict.fromkeys(metrics, mark)}


def with_measured(value: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping that has `metrics` with given ones added to these; other fields are the same."""
    if not measured:
        return dict(value)
    found = {METRICS: {}, **value}
    found[METRICS] = {**found[METRICS], **measured[METRICS]}
    order = dict.fromkeys(name for key in found for name in ((key, MARK) if key == METRICS else (key,)))
    found[MARK] = {**found.get(MARK, {}), **measured[MARK]}
    return {name: found[name] for name in order}
