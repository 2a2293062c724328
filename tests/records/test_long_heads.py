"""A list reads the beginnings of files: as much as the front matter and the title need, and in one order always."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.records.find import scan
from memorybank.records.record import parse
from tests.running import environment, new_bank

if TYPE_CHECKING:
    from pathlib import Path

# what is read of a file at first
FIRST = 16 * 1024


def _head(size: int, end: str = "\n") -> str:
    """Return front matter of this many bytes."""
    start = f"---{end}type: fact{end}files:{end}"
    line = f"  - src/module/file.py{end}"
    rest = size - len(start) - len(f"---{end}")
    text = start + line * (rest // len(line) - 1)
    text += f"  - {'x' * (size - len(text) - len(f'  - {end}---{end}'))}{end}---{end}"
    assert len(text) == size
    return text


@pytest.mark.parametrize("left", [-3, -1, 0, 1, 2, 3, 8, 40, 90, 3000])
@pytest.mark.parametrize(("between", "mark"), [("", "# "), ("\n\n\n", "")])
def test_a_title_across_the_end_of_what_is_read_is_whole(tmp_path: Path, left: int, between: str, mark: str) -> None:
    bank = new_bank(tmp_path)
    title = " ".join(f"wörd{number}" for number in range(12))
    text = _head(FIRST - left) + between + f"{mark}{title}\n\nbody\n"
    place = bank.folder / "memories/facts/fct-20260101-aaaaa.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8", newline="")
    (record,) = scan(bank).records
    assert record.title == parse(place.read_bytes(), "x.md").title == title


def test_a_long_title_is_the_same_in_a_list_as_in_its_record(tmp_path: Path) -> None:
    bank = new_bank(tmp_path)
    place = bank.folder / "memories/facts/fct-20260101-aaaaa.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(_head(FIRST - 500, "\r\n") + "\r\n# " + "word " * 1000 + "\r\n", encoding="utf-8", newline="")
    (record,) = scan(bank).records
    assert record.title == parse(place.read_bytes(), "x.md").title
    assert len(record.title) == 4999


def test_a_set_has_one_order_in_every_process(tmp_path: Path) -> None:
    place = tmp_path / "r.md"
    names = [f"name{number}" for number in range(30)]
    place.write_text(f"---\ntype: fact\nowners: !!set {{{', '.join(reversed(names))}}}\n---\n\n# T\n")
    code = (
        "import json, sys; from memorybank.records.record import parse; "
        "print(json.dumps(parse(open(sys.argv[1], 'rb').read(), 'r.md').fields['owners']))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(place)],
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == sorted(names)
