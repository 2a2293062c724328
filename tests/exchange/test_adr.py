"""Decision records of adr-tools and of MADR become decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NYGARD = """# 7. Use plain dates

Date: 2016-11-07

## Status

Superceded by [8. Use ISO 8601](0008-use-iso-8601.md)

## Context

Dates are written in many ways.

## Decision

We write them as people do.

## Consequences

 * Old ones stay.
"""
NEXT = """# 8. Use ISO 8601

Date: 21/02/2017

## Status

Accepted

Supercedes [7. Use plain dates](0007-use-plain-dates.md)

## Context

Ambiguous dates cost a day.

## Decision

`yyyy-mm-dd`, everywhere.
"""
MADR = """---
status: accepted
date: 2024-05-06
decision-makers: [Ada, Grace]
consulted: Linus
---
# Use Postgres

## Context and Problem Statement

Where does the data go?

## Decision Drivers

* ACID

## Considered Options

* Postgres
* MySQL

## Decision Outcome

Chosen option: "Postgres", because it is known.

### Consequences

* Good, because it lasts
* Bad, because it is big

### Confirmation

A review.

## Pros and Cons of the Options

### MySQL

* Bad, because no

## More Information

See the wiki.
"""
MADR2 = """# Use Markdown

* Status: rejected
* Deciders: Ada
* Date: 2018-01-02

Technical Story: #42

## Context and Problem Statement

Which format?

## Decision Outcome

None.

### Positive Consequences

* Easy
"""
FILES = {
    "0007-use-plain-dates.md": NYGARD,
    "0008-use-iso-8601.md": NEXT,
    "0009-use-postgres.md": MADR,
    "0010-use-markdown.md": MADR2,
    "README.md": "# Decisions\n\nAn index.\n",
    "template.md": "# {title}\n\n## Status\n\n{status}\n",
}


@pytest.fixture
def taken(bank: BankFolder, tmp_path: Path, way: Way) -> dict[str, Record]:
    done = import_from(bank, "adr", make_tree(tmp_path / "adr", FILES), way)
    assert {each.where for each in done.misfits} == {"README.md", "template.md"}
    found = scan(bank, kinds=("decision",)).records
    return {each.title: find_record(bank, each.id) for each in found}


def test_records_of_adr_tools(taken: dict[str, Record]) -> None:
    old, new = taken["Use plain dates"], taken["Use ISO 8601"]
    assert (old.status, old.created, old.metadata["adr_number"]) == ("superseded", "2016-11-07T00:00:00Z", 7)
    assert (new.status, new.created) == ("accepted", "2017-02-21T00:00:00Z")
    assert old.linked("superseded-by") == (new.id,)
    assert new.linked("supersedes") == (old.id,)
    assert old.content == (
        "## Context\n\nDates are written in many ways.\n\n## Decision\n\nWe write them as people do.\n\n"
        "## Consequences\n\n* Old ones stay."
    )


def test_records_of_madr(taken: dict[str, Record]) -> None:
    record = taken["Use Postgres"]
    assert (record.status, record.created, record.fields["decider"]) == (
        "accepted",
        "2024-05-06T00:00:00Z",
        "Ada, Grace",
    )
    assert record.metadata["consulted"] == "Linus"
    assert record.content == (
        "## Context\n\nWhere does the data go?\n\n"
        "## Rationale\n\n### Decision Drivers\n\n* ACID\n\n"
        "## Alternatives\n\n### Considered Options\n\n* Postgres\n* MySQL\n\n"
        "### Pros and Cons of the Options\n\n#### MySQL\n\n* Bad, because no\n\n"
        '## Decision\n\nChosen option: "Postgres", because it is known.\n\n'
        "## Consequences\n\n* Good, because it lasts\n* Bad, because it is big\n\n"
        "## Confirmation\n\nA review.\n\n"
        "## More Information\n\nSee the wiki."
    )
    older = taken["Use Markdown"]
    assert (older.status, older.fields["decider"], older.created) == ("rejected", "Ada", "2018-01-02T00:00:00Z")
    assert older.content.startswith("Technical Story: #42\n\n## Context")
    assert "## Consequences\n\n**Positive:**\n\n* Easy" in older.content


def test_a_second_run_changes_nothing_and_a_new_record_is_added(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    folder = make_tree(tmp_path / "adr", FILES)
    import_from(bank, "adr", folder, way)
    assert import_from(bank, "adr", folder, way).records == ()
    later = "# 11. Later\n\n## Status\n\nAmends [7. Use plain dates](0007-use-plain-dates.md)\n\n## Decision\n\nYes.\n"
    done = import_from(bank, "adr", make_tree(folder, {"0011-later.md": later}), way)
    assert [each.title for each in done.records] == ["Later"]
    link = find_record(bank, done.records[0].id).links[0]
    assert (link.rel, find_record(bank, link.to).title) == ("relates", "Use plain dates")


@pytest.mark.parametrize(
    ("text", "whys"),
    [
        ("# A\n\nDate: 07/11/2016\n\n## Status\n\nAccepted\n", ["can be read in two ways"]),
        ("# A\n\nDate: 2016-02-30\n\n## Status\n\nAccepted\n", ["is not a date"]),
        ("# A\n\n## Status\n\nAccepted\n", ["it has no date"]),
        ("# A\n\nDate: 2024-01-02\n\n## Decision\n\nx\n", ["it has no status: it is proposed"]),
        (
            "---\nstatus: {a | b}\nstatus: x\n---\n# A\n\nDate: 2024-01-02\n\n## Status\n\nAccepted\n",
            ["its front matter cannot be read", "its status is"],
        ),
        (
            "# A\n\nDate: 2024-01-02\n\n## Status\n\nSuperseded by ADR-0099\n\n## Decision\n\nx\n",
            ["no record for the link"],
        ),
        (
            "# A\n\nDate: 2024-01-02\n\n## Status\n\nSuperseded by [b](9-b.md)\n\n## Decision\n\nx\n",
            ["no record for the link"],
        ),
        (
            "# A\n\nDate: 2024-01-02\n\n## Status\n\nAccepted\n\n## Context\n\nx\n",
            ["it has no section for the decision"],
        ),
    ],
    ids=["date", "no-day", "undated", "no-status", "front-matter", "unknown-number", "unknown-file", "no-decision"],
)
def test_what_does_not_fit_is_told(bank: BankFolder, tmp_path: Path, way: Way, text: str, whys: list[str]) -> None:
    done = import_from(bank, "adr", make_tree(tmp_path / "adr", {"1-a.md": text}), way)
    assert [why in each.why for why, each in zip(whys, done.misfits, strict=True)] == [True] * len(whys)
    assert [each.title for each in done.records] == ["A"]


def test_a_folder_without_records_is_refused(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with pytest.raises(ForeignError, match="no file in it"):
        import_from(bank, "adr", make_tree(tmp_path / "adr", {"a.md": "# A\n\nwords\n"}), way)
