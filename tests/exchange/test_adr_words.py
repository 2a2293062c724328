"""No word of a decision record is lost: it is in a file of the bank, or in the report; and `check` is clean."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import lint
from memorybank.exchange.formats import import_from
from tests.exchange.adr_maker import Maker
from tests.exchange.making import make_tree
from tests.running import FULL

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FILES = 25
FOLDERS = 80 if FULL else 4


@pytest.mark.parametrize("seed", range(FOLDERS))
def test_every_word_is_written_or_reported(bank: BankFolder, tmp_path: Path, way: Way, seed: int) -> None:
    made = Maker(random.Random(seed)).folder(FILES)
    place = bank.project / "docs" / "adr" if seed % 3 else tmp_path / "elsewhere"
    done = import_from(bank, "adr", make_tree(place, made.files), way)
    written = "".join(path.read_text("utf-8") for path in bank.folder.rglob("*.md"))
    skipped = {each.where for each in done.misfits if each.why.startswith("skipped:")}
    reported = " ".join(each.why for each in done.misfits)
    lost = [
        (name, word)
        for name, words in made.words.items()
        if name not in skipped
        for word in words
        if word not in written and word not in reported
    ]
    assert (lost, done.unaccounted) == ([], ())
    assert lint(bank) == []
    # most of them are decisions
    assert len(done.records) > FILES // 2
    assert len(done.records) + len(skipped) == FILES
