"""Write `_generated.py` from `templates/contracts/`: `python -m memorybank.contracts._generate > …/_generated.py`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from memorybank.contracts.load import FILES, parse_template, template_bytes
from memorybank.document.source import digest_of, lines_of

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract, SectionSpec


def render() -> str:
    """Return the text that `_generated.py` should contain."""
    rows = []
    for file in FILES:
        data = template_bytes(f"contracts/{file}")
        contract = parse_template(data, f"templates/contracts/{file}")
        rows.append(f"    {digest_of(data)!r}: {_render(contract, '    ')},\n")
    return (
        '"""The shipped contracts by the digest of their template; written by `memorybank.contracts._generate`."""\n\n'
        "from memorybank.contracts.contract import Contract, SectionSpec\n\n"
        "# fmt: off\n"
        f"SHIPPED: dict[str, Contract] = {{\n{''.join(rows)}}}\n"
    )


def _render(value: Contract | SectionSpec, indent: str) -> str:
    defaults = type(value)._field_defaults
    lines = [f"{type(value).__name__}("]
    for name, each in value._asdict().items():
        if name in defaults and defaults[name] == each:
            continue
        shown = repr(each)
        if name == "sections":
            shown = "".join(f"\n{indent}        {_render(row, indent + '        ')}," for row in each)
            shown = f"({shown}\n{indent}    )"
        elif name == "body":
            shown = "".join(f"\n{indent}        {line!r}" for line in lines_of(each))
            shown = f"({shown}\n{indent}    )"
        lines.append(f"{indent}    {name}={shown},")
    return "\n".join([*lines, f"{indent})"])


if __name__ == "__main__":
    sys.stdout.write(render())
