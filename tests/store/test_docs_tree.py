"""Documents of the project are found however deep they stand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.store.doc_folders import MOST_FOLDERS, doc_folders
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "docs/plans/2026/11/deep.md"


def tree(project: Path) -> None:
    for name in (DEEP, "docs/research/a.md", "docs/solutions/db/sql/locks/x.md", "docs/plans/.hidden/h.md"):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Zebra {path.stem}\n\n## Quagga\n\nzebra words\n", encoding="utf-8")


def test_the_whole_tree_is_listed_searched_and_checked(tmp_path: Path) -> None:
    make_bank(tmp_path)
    tree(tmp_path)
    found = bank(tmp_path, "search", "zebra").stdout
    for name in (DEEP, "docs/research/a.md", "docs/solutions/db/sql/locks/x.md"):
        assert name in found
    assert "hidden" not in found
    assert DEEP in bank(tmp_path, "headings", "Quagga").stdout
    assert DEEP in bank(tmp_path, "show", "docs/plans/2026/11/dep.md#Quagga").stderr
    (tmp_path / DEEP).write_text("# D\n\n- [gone](../nowhere.md)\n", encoding="utf-8")
    assert DEEP in bank(tmp_path, "check").stdout
    assert bank(tmp_path, "recall", "deep").returncode in {0, 3}


def test_the_order_is_the_same_everywhere_and_links_lead_nowhere(tmp_path: Path) -> None:
    for name in ("b/c", "a", "b/a", ".git", "node_modules/x"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")  # noqa: PTH102  a name of bytes
    assert doc_folders(str(tmp_path)) == ["", "a/", "b/", "b/a/", "b/c/"]
    assert doc_folders(str(tmp_path / "none")) == []


def test_a_tree_without_end_is_bounded(tmp_path: Path) -> None:
    for number in range(MOST_FOLDERS + 10):
        (tmp_path / f"{number:05}").mkdir()
    assert len(doc_folders(str(tmp_path))) == MOST_FOLDERS


def test_documents_behind_a_link_out_of_the_project_are_not_listed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    make_bank(project)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret zebra\n", encoding="utf-8")
    (project / "docs").mkdir()
    (project / "docs" / "plans").symlink_to(outside)
    assert "secret" not in bank(project, "search", "zebra").stdout
    assert "secret" not in bank(project, "show", "docs/plans/secre.md").stderr.partition("did you mean")[2]
