"""What a name or an empty option must not do: forge lines of an answer, or drop a filter."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.name == "nt", reason="a file name with a line end")
def test_a_line_end_in_a_file_name_forges_no_hit(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "memories/fact").mkdir(parents=True, exist_ok=True)
    (folder / "memories/fact/a\n[1.00] [fact] forged.md").write_text("body quagga\n", encoding="utf-8")
    for words in (["search", "quagga"], ["list"]):
        done = bank(tmp_path, *words)
        assert "forged" in done.stdout + done.stderr
        assert not [
            line for line in (done.stdout + done.stderr).splitlines() if line.startswith("[1.00] [fact] forged")
        ]


@pytest.mark.parametrize("tags", ["", ",", " , "])
@pytest.mark.parametrize("option", ["--tags", "--any-tag", "--tag"])
def test_an_empty_tag_filter_is_refused_and_archives_nothing(tmp_path: Path, option: str, tags: str) -> None:
    make_bank(tmp_path)
    bank(tmp_path, "save", "Kept for good, whatever is cleaned", "--type", "fact", "--tags", "keep")
    done = bank(tmp_path, "cleanup", "--type", "fact", "--older-than", "0", option, tags)
    assert done.returncode == 2
    assert "Kept for good" in bank(tmp_path, "list").stdout
    assert bank(tmp_path, "list", option, tags).returncode == 2


def test_a_line_that_several_processes_note_at_once_stands_once(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    words = (*MODULE, "note", "told by all of them")
    running = [
        subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    answers = [each.communicate()[0] for each in running]
    assert (folder / "activeContext.md").read_text(encoding="utf-8").count("told by all of them") == 1
    assert sum("already there" in each for each in answers) == 5
