"""Write `shipped_stages.py` from `templates/stages.toml`: `python -m memorybank.recall.loading.write_shipped`."""

from __future__ import annotations

import sys

from memorybank.contracts.load import template_bytes
from memorybank.document.source import digest_of
from memorybank.recall.loading.stages import FILE, Table, parse_table


def render(data: bytes) -> str:
    """Return the text of the module for a table's bytes."""
    table = parse_table(data)
    rows = "".join(f"        {key!r}: {cell!r},\n" for key, cell in table.cells.items())
    rest = "".join(f"    {dict(getattr(table, name))!r},\n" for name in Table._fields[1:])
    return (
        '"""The shipped table of stages and the digest of its template; written by `write_shipped`."""\n\n'
        "from memorybank.recall.loading.stages import Cell, Table\n\n"
        "# ruff: noqa: E501, Q000  written by a program\n"
        "# fmt: off\n"
        f"DIGEST = {digest_of(data)!r}\n"
        f"TABLE = Table(\n    {{\n{rows}    }},\n{rest})\n"
    )


if __name__ == "__main__":
    sys.stdout.write(render(template_bytes(FILE)))
