"""`bank edit` with an editor: what is opened is what will be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


def test_a_section_with_subsections_opens_without_them(tmp_path: Path) -> None:
    """They stay as they are; with them in the text every edit was refused as one that makes headings."""
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    path.write_text("# T\n\n## A\n\nx\n\n### B\n\nx\n", encoding="utf-8")
    done = bank(tmp_path, "edit", "notes.md#A", env={"EDITOR": "sed -i s/x/z/"})
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8") == "# T\n\n## A\n\nz\n\n### B\n\nx\n"


def test_a_section_of_a_contract_opens_whole(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("## Blockers\n", "## Blockers\n\nx\n\n### Old\n\nx\n")
    path.write_text(text, encoding="utf-8")
    done = bank(tmp_path, "edit", "activeContext.md#Blockers", env={"EDITOR": "sed -i s/x/z/"})
    assert done.returncode == 0, done.stderr
    assert "## Blockers\n\nz\n\n### Old\n\nz\n" in path.read_text(encoding="utf-8")
