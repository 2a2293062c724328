"""Links that an operation cuts off from what they need are told: never a dead link without a word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from memorybank.cli.main import cli
from memorybank.document import links

if TYPE_CHECKING:
    from pathlib import Path

FROM = """# D

## S

- See [api] first
- As measured[^1] and [^2]
- A picture ![map](img/map.png), [plan](../plan.md) and [web](https://e.x)
- Read [below](#t)
- Code `[api]` and [None]
- In HTML <a class="x" href="sub/x.md">x</a> and <img src='map.png'>

[api]: https://e.x/v1

## T

t

[^1]: in May
[^2]: words
"""


def bank(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert bank("init", ".").exit_code == 0
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "d.md").write_text(FROM, encoding="utf-8")
    (tmp_path / "docs" / "n.md").write_text("# N\n\n## M\n\n- m\n", encoding="utf-8")
    return tmp_path


def test_each_text_of_an_operation_is_read_a_fixed_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of a thousand files compares no file with every other one."""
    read: list[str] = []
    real = links.definitions_in

    def definitions_in(text: str) -> dict[str, str]:
        read.append(text)
        return real(text)

    monkeypatch.setattr(links, "definitions_in", definitions_in)
    files = [
        links.MovedFile(f"{number}.md", "docs", f"old {number} [a](b.md)", f"new {number}", "", f"- [x][l{number}]")
        for number in range(100)
    ]
    assert links.lost_links(files) == ()
    assert len(read) <= 4 * len(files)


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("1", ["docs/n.md: [api] is not defined here; docs/d.md has '[api]: https://e.x/v1'"]),
        ("2", ["[^1] is not defined here; docs/d.md has '[^1]: in May'", "[^2] is not defined here"]),
        ("3", []),
        ("4", ["docs/n.md: the link to #t points to a heading of docs/d.md"]),
        ("5", []),
    ],
)
def test_a_moved_item_whose_links_need_the_old_file_is_told(docs: Path, item: str, told: list[str]) -> None:
    done = bank("item", "move", "docs/d.md#S", item, "--to", "docs/n.md#M")
    assert done.exit_code == 0, done.output
    for each in told:
        assert each in done.stderr
    assert done.stderr.count("warning:") == len(told)


def test_a_label_that_leads_elsewhere_is_told(docs: Path) -> None:
    note = docs / "docs" / "n.md"
    note.write_text(f"{note.read_text(encoding='utf-8')}\n[API]: https://e.x/v2\n[^1]: in June\n", encoding="utf-8")
    done = bank("item", "move", "docs/d.md#S", "1", "--to", "docs/n.md#M")
    assert "docs/n.md: [api] points to https://e.x/v2 here; docs/d.md has '[api]: https://e.x/v1'" in done.stderr
    done = bank("item", "move", "docs/d.md#S", "1", "--to", "docs/n.md#M")
    assert "[^1] points to in June here" in done.stderr


def test_a_path_in_html_is_told_too(docs: Path) -> None:
    done = bank("item", "move", "docs/d.md#S", "6", "--to", "activeContext.md#Learnings")
    assert "the link to sub/x.md is relative to the folder of docs/d.md" in done.stderr
    assert "the link to map.png is relative to the folder of docs/d.md" in done.stderr


def test_a_path_is_told_where_the_folder_is_another(docs: Path) -> None:
    done = bank("item", "move", "docs/d.md#S", "3", "--to", "activeContext.md#Learnings")
    assert "the link to img/map.png is relative to the folder of docs/d.md" in done.stderr
    # from here too it leads to the project's own plan
    assert "../plan.md" not in done.stderr
    assert "https" not in done.stderr


def test_a_definition_that_goes_while_it_is_used_is_told(docs: Path) -> None:
    text = "# D\n\n## A\n\nSee [api] and[^1].\n\n## B\n\n- b\n\n[api]: https://e.x\n[^1]: https://e.x\n"
    (docs / "docs" / "e.md").write_text(text, encoding="utf-8")
    done = bank("edit", "docs/e.md#B", "--replace", "- z")
    assert "docs/e.md: [api] is used, but its definition is gone" in done.stderr
    assert "[^1] is used" in done.stderr
    (docs / "docs" / "e.md").write_text(text, encoding="utf-8")
    done = bank("edit", "docs/e.md#B", "--remove", "--json")
    assert json.loads(done.stdout)["receipt"]["lost_links"][0] == "docs/e.md: [^1] is used, but its definition is gone"
    (docs / "docs" / "e.md").write_text(text, encoding="utf-8")
    assert "warning" not in bank("edit", "docs/e.md#A", "--replace", "- z").stderr


def test_a_promoted_line_whose_links_stay_behind_is_told(docs: Path) -> None:
    assert bank("note", "Retry as [api] says").exit_code == 0
    path = docs / ".memorybank" / "activeContext.md"
    path.write_text(
        path.read_text("utf-8").replace("## References\n", "[api]: https://e.x\n\n## References\n"), "utf-8"
    )
    for to in ("pattern", "document"):
        done = bank("promote", "Retry as [api] says", "--to", to, "--dry-run")
        assert done.exit_code == 0, done.output
        assert "[api] is not defined here; activeContext.md has '[api]: https://e.x'" in done.stderr, to


def test_a_note_never_becomes_a_definition(docs: Path) -> None:
    for words in (["note", "[ci]: broken"], ["task", "add", "[cd]: broken"], ["note", "[^1]: words"]):
        assert bank(*words).exit_code == 0
    assert "- \\[ci]: broken\n" in (docs / ".memorybank" / "activeContext.md").read_text("utf-8")
    assert "- [ ] [cd]: broken\n" in (docs / ".memorybank" / "progress.md").read_text("utf-8")
    # it is called as it was typed
    assert bank("item", "remove", "activeContext.md#Learnings", "[ci]: broken").exit_code == 0
    refused = bank("focus", "[ci]: broken")
    assert refused.exit_code != 0
    assert "does not show" in str(refused.exception)
