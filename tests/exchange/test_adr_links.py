"""Relations are links between the right records, and the links of a text are right in its new place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import lint
from memorybank.exchange.adr.references import Book, Target, kind_of, relations_in
from memorybank.exchange.formats import import_from
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

BY, OF, RELATED = "superseded-by", "supersedes", "relates"


def adr(title: str, status: str = "Accepted", text: str = "Words.") -> str:
    return f"# {title}\n\nDate: 2024-05-06\n\n## Status\n\n{status}\n\n## Decision\n\n{text}\n"


def taken(bank: BankFolder, way: Way, files: dict[str, str], place: Path | None = None) -> ImportResult:
    return import_from(bank, "adr", make_tree(place or bank.project / "docs" / "adr", files), way)


def by_title(bank: BankFolder) -> dict[str, Record]:
    found = scan(bank, kinds=("decision",)).records
    return {each.title: find_record(bank, each.id) for each in found}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Superseded by [ADR-5](0005-x.md)", [(BY, "0005-x.md", 5)]),
        ("Accepted, superseded by [x](../a/5.md)", [(BY, "../a/5.md", 0)]),
        ("* Superceded-by: #12", [(BY, "", 12)]),
        ("- superseded on 2024-03-01 by [D](4-d.md)", [(BY, "4-d.md", 0)]),
        ("Supersedes: ADR 3, ADR 4", [(OF, "", 3), (OF, "", 4)]),
        ("Replaces 5, 6 and 7", [(OF, "", 5), (OF, "", 6), (OF, "", 7)]),
        ("Supersedes [A1](1.md), superseded by [ADR 9](9.md)", [(OF, "1.md", 0), (BY, "9.md", 9)]),
        ("Superseded by [the new way][new]", [(BY, "0009-new.md", 0)]),
        ("Superseded by 0005-x.md", [(BY, "0005-x.md", 0)]),
        ("Supersedes [Superseded things](a.md)", [(OF, "a.md", 0)]),
        ("Amends [7. x](7-x.md)", [(RELATED, "7-x.md", 0)]),
        ("Amended by ADR-8", [(RELATED, "", 8)]),
        ("Superseded in part by [ADR 26](26.md)", [(RELATED, "26.md", 26)]),
        ("Partially supersedes ADR-3", [(RELATED, "", 3)]),
        ("Supersedes section 2 of ADR-3", [(RELATED, "", 3)]),
        ("Supersedes ADR 3's promise", [(RELATED, "", 3)]),
        ("Supersedes ADR 3 in part", [(RELATED, "", 3)]),
        ("Supersedes the queue described in [ADR 3](3.md)", [(RELATED, "3.md", 3)]),
        ("It will be superseded by ADR-9", [(RELATED, "", 9)]),
        ("Not superseded by ADR-5", [(RELATED, "", 5)]),
        ("Superseded by ADR-0005 on 2024-05-05", [(BY, "", 5)]),
        ("Superseded by 2024-05-05", []),
        ("Supersedes: none", []),
        ("Supersedes / superseded by: -", []),
        ("Ersetzt durch ADR-7", [(BY, "", 7)]),
        ("Ersetzt ADR-3", [(OF, "", 3)]),
        ("Remplacée par [ADR 5](5.md)", [(BY, "5.md", 5)]),
        ("Reemplazado por ADR 5", [(BY, "", 5)]),
        ("Substituída por ADR 5", [(BY, "", 5)]),
        ("Заменено на ADR-9", [(BY, "", 9)]),
        ("被 ADR-0005 取代", [(BY, "", 5)]),
        ("取代 ADR-3", [(OF, "", 3)]),
        ("ADR-0007 により置き換え", [(BY, "", 7)]),
    ],
)
def test_a_relation_is_read_with_its_direction_and_its_targets(line: str, said: list[tuple[str, str, int]]) -> None:
    found = relations_in(line, {"new": "0009-new.md"})
    assert [(each.rel, each.target.file, each.target.number) for each in found] == said


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("supersedes", OF), ("superseded_by", BY), ("supersededBy", BY), ("Replaced by", BY), ("amends", RELATED)),
        *(("related-adrs", RELATED), ("links", RELATED), ("reviewers", ""), ("status", ""), ("date", "")),
    ],
)
def test_a_key_of_front_matter_may_be_a_relation(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_record_is_found_by_path_then_by_name_then_by_its_number_in_the_same_folder() -> None:
    book = Book({"a/0001-x.md": 1, "b/0001-x.md": 1, "b/0002-y.md": 2, "0003-z.md": 3})
    assert book.find("b/0002-y.md", Target("../a/0001-x.md")) == "a/0001-x.md"
    assert book.find("b/0002-y.md", Target("", 1)) == "b/0001-x.md"
    assert book.find("0003-z.md", Target("", 1)) == ""
    assert book.find("0003-z.md", Target("https://example.org/adr/0002-y.md")) == "b/0002-y.md"
    assert book.find("b/0002-y.md", Target("0003-z")) == "0003-z.md"


def test_equal_names_in_two_folders_are_two_records(bank: BankFolder, way: Way) -> None:
    files = {
        "a/0001-first.md": adr("1. Kafka", "Superseded by [2](../b/0001-first.md)"),
        "b/0001-first.md": adr("2. NATS", "Accepted\n\nSupersedes [1](../a/0001-first.md)"),
        "0003-back.md": adr("3. Back", "Superseded by [1](a/0001-first.md)"),
    }
    taken(bank, way, files)
    found = by_title(bank)
    assert found["Kafka"].linked(BY) == (found["NATS"].id,)
    assert found["NATS"].linked(OF) == (found["Kafka"].id,)
    assert found["Back"].linked(BY) == (found["Kafka"].id,)
    assert lint(bank) == []


def test_front_matter_and_lines_below_the_title_link_too(bank: BankFolder, way: Way) -> None:
    files = {
        "0001-a.md": "---\nsuperseded-by: 0002-b.md\n---\n" + adr("A"),
        "0002-b.md": "---\nsupersedes: [1]\nrelated: [ADR-0003]\n---\n" + adr("B"),
        "0003-c.md": adr("C").replace("Date:", "* Amends: [b](0002-b.md)\n* Date:"),
        "0005-e.md": adr("E") + "\n## Amends\n\n* [the first](0001-a.md)\n",
        "0004-d.md": adr("D") + "\n## Links\n\n* Refines [ADR-0003](0003-c.md)\n* Mentions [ADR-0001](0001-a.md)\n",
    }
    taken(bank, way, files)
    found = by_title(bank)
    assert (found["A"].status, found["A"].linked(BY)) == ("superseded", (found["B"].id,))
    assert (found["B"].linked(OF), found["B"].linked(RELATED)) == ((found["A"].id,), (found["C"].id,))
    assert found["C"].linked(RELATED) == (found["B"].id,)
    assert found["D"].linked(RELATED) == (found["C"].id,)
    assert found["E"].linked(RELATED) == (found["A"].id,)


def test_a_superseded_record_names_its_successor_even_if_its_own_file_does_not(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, {"0001-a.md": adr("A"), "0002-b.md": adr("B", "Accepted\n\nSupersedes ADR 1")})
    found = by_title(bank)
    assert (found["A"].status, found["A"].linked(BY)) == ("accepted", (found["B"].id,))
    assert [(each.where, each.why) for each in done.misfits] == [
        ("0001-a.md", "0002-b.md says that it supersedes it, but its status is accepted")
    ]
    assert lint(bank) == []


LINKS = """See [two](0002-two.md), [why](sub/0003-three.md#context-and-problem-statement "Why"), [code](../../src/a.py),
[gone](../gone.md "Title"), ![picture](img/p%20q.png), [![badge](img/p%20q.png)](0002-two.md), [ref][r], [dir](../),
<a href="0002-two.md">html</a>, [web](https://example.org/z.md), [top](#context-and-problem-statement),
[abs](/docs/x.md), [index](README.md), `[code](0002-two.md)`, \\[no](0002-two.md),
<!-- [comment](0002-two.md) --> [query](0002-two.md?x=1).

```
[fenced](0002-two.md)
```

[r]: 0002-two.md "Two"
"""
FILES = {
    "0001-one.md": adr("1. One", text=LINKS).replace(
        "## Decision", "## Context and Problem Statement\n\nc\n\n## Decision"
    ),
    "0002-two.md": adr("2. Two", text="[back](./0001-one.md)"),
    "sub/0003-three.md": adr("3. Three").replace("## Decision", "## Context and Problem Statement\n\nc\n\n## Decision"),
    "README.md": "# Index\n\n* [1](0001-one.md)\n",
    "../../src/a.py": "",
    "img/p q.png": "",
}


def test_relative_links_are_right_in_the_new_place_and_check_is_clean(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, FILES)
    found = by_title(bank)
    two, three = (found[each].file.rpartition("/")[2] for each in ("Two", "Three"))
    assert found["One"].content.partition("## Decision\n\n")[2] == (
        f'See [two]({two}), [why]({three}#context "Why"), [code](../../../src/a.py),\n'
        'gone (../gone.md "Title"), ![picture](../../../docs/adr/img/p%20q.png), '
        f"[![badge](../../../docs/adr/img/p%20q.png)]({two}), [ref][r], [dir](../../../docs/),\n"
        f'<a href="{two}">html</a>, [web](https://example.org/z.md), [top](#context),\n'
        "[abs](/docs/x.md), [index](../../../docs/adr/README.md), `[code](0002-two.md)`, \\[no](0002-two.md),\n"
        f"<!-- [comment](0002-two.md) --> [query]({two}).\n\n```\n[fenced](0002-two.md)\n```\n\n"
        f'[r]: {two} "Two"'
    )
    assert found["Two"].content.endswith(f"[back]({found['One'].file.rpartition('/')[2]})")
    assert (done.unaccounted, lint(bank)) == ((), [])
    assert any(each.why.startswith("a link leads to what is not there") for each in done.misfits)


def test_links_to_what_stays_outside_the_project_are_text(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done = taken(bank, way, FILES, tmp_path / "else" / "docs" / "adr")
    one = by_title(bank)["One"].content
    assert "code (../../src/a.py)" in one
    assert "picture (img/p%20q.png)" in one
    assert "index (README.md)" in one
    assert str(tmp_path) not in one
    assert (done.unaccounted, lint(bank)) == ((), [])


def test_a_record_that_is_imported_later_links_to_the_one_that_is_there(bank: BankFolder, way: Way) -> None:
    taken(bank, way, {"0001-a.md": adr("A")})
    taken(bank, way, {"0001-a.md": adr("A"), "0002-b.md": adr("B", "Amends [a](0001-a.md)", "See [a](0001-a.md).")})
    found = by_title(bank)
    assert found["B"].content == f"## Decision\n\nSee [a]({found['A'].file.rpartition('/')[2]})."
    assert (found["B"].linked(RELATED), lint(bank)) == ((found["A"].id,), [])
