"""Write `_generated.py` from `templates/records/`: `python -m memorybank.records._generate > …/_generated.py`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from memorybank.contracts.load import template_bytes
from memorybank.document.source import digest_of
from memorybank.records.templates import SHIPPED_TYPES, parse_type

if TYPE_CHECKING:
    from memorybank.records.types import RecordType


def render() -> str:
    """Return the text that `_generated.py` should have."""
    rows = []
    for name in SHIPPED_TYPES:
        data = template_bytes(f"records/{name}.md")
        rows.append(f"    {digest_of(data)!r}: {_render(parse_type(data, f'templates/records/{name}.md', name))},\n")
    return (
        '"""The shipped record types by the digest of their template; written by `memorybank.records._generate`."""\n\n'
        "from memorybank.records.types import FieldSpec, RecordType, SectionRule\n\n"
        "# fmt: off\n"
        f"SHIPPED: dict[str, RecordType] = {{\n{''.join(rows)}}}\n"
    )


def _render(value: RecordType) -> str:
    lines = ["RecordType("]
    for name, each in value._asdict().items():
        if name in value._field_defaults and value._field_defaults[name] == each:
            continue
        shown = repr(each)
        if name in {"sections", "fields"}:
            shown = "(" + "".join(f"\n            {row!r}," for row in each) + "\n        )"
        lines.append(f"        {name}={shown},")
    return "\n".join([*lines, "    )"])


if __name__ == "__main__":
    sys.stdout.write(render())
