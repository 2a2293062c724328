"""Decision records in all their forms: what stands in a file is in its record, in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank.check.lint import lint
from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

REST = "\n\n## Decision\n\nWords.\n"
DATED = "\n\nDate: 2024-05-06\n\n## Status\n\nAccepted" + REST


def taken(bank: BankFolder, way: Way, files: dict[str, str | bytes]) -> ImportResult:
    done = import_from(bank, "adr", make_tree(bank.project / "docs" / "adr", files), way)
    assert (done.unaccounted, lint(bank)) == ((), [])
    return done


def only(bank: BankFolder, way: Way, text: str | bytes, name: str = "0001-a.md") -> tuple[Record, list[str]]:
    done = taken(bank, way, {name: text})
    (found,) = scan(bank, kinds=("decision",)).records
    return find_record(bank, found.id), [each.why for each in done.misfits]


def test_text_below_the_word_of_a_status_is_kept(bank: BankFolder, way: Way) -> None:
    text = "# 1. A\n\n## Status\n\nAccepted\n\nSigned by Ann on 2024-06-01, see [the wiki](https://w.org).\n" + REST
    record, whys = only(bank, way, text)
    assert record.content == (
        "## Status\n\nAccepted\n\nSigned by Ann on 2024-06-01, see [the wiki](https://w.org).\n\n## Decision\n\nWords."
    )
    assert (record.status, record.created, whys) == ("accepted", "", ["it has no date"])


def test_the_newest_of_dated_statuses_counts_also_below_a_list_of_all(bank: BankFolder, way: Way) -> None:
    text = (
        "# 1. A\n\n## Status\n\nAll: proposed/accepted/done/superseded\n\n2024-01-01 proposed\n2024-02-02 accepted"
        + REST
    )
    record, whys = only(bank, way, text)
    assert (record.status, record.created[:10], whys) == ("accepted", "2024-02-02", [])
    assert "2024-02-02 accepted" in record.content


def test_the_day_of_a_decision_is_not_the_day_it_was_superseded(bank: BankFolder, way: Way) -> None:
    rows = "- proposed: 2024-01-01\n- accepted: 2024-02-02\n- superseded: 2024-03-03"
    record, _ = only(bank, way, f"# 1. A\n\n## Status\n\n{rows}{REST}")
    assert (record.status, record.created[:10]) == ("superseded", "2024-02-02")


def test_text_and_comments_above_a_title_are_kept(bank: BankFolder, way: Way) -> None:
    record, whys = only(bank, way, "<!-- signed by Ann -->\n\nFor the payments team.\n\n# 1. A" + DATED)
    assert record.content == "<!-- signed by Ann -->\n\nFor the payments team.\n\n## Decision\n\nWords."
    assert whys == []


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ("---\ntag:Payments team\n---\n", "```yaml\ntag:Payments team\n```"),
        ("---\nowner: [Ann\nmore\n---\n", "```yaml\nowner: [Ann\nmore\n```"),
        ("+++\nowner = Ann\n+++\n", "```toml\nowner = Ann\n```"),
    ],
)
def test_front_matter_that_cannot_be_read_is_text(bank: BankFolder, way: Way, block: str, shown: str) -> None:
    record, whys = only(bank, way, f"{block}# 1. A{DATED}")
    assert record.content == f"{shown}\n\n## Decision\n\nWords."
    assert [each.startswith("its front matter cannot be read") for each in whys] == [True]


def test_front_matter_with_a_colon_too_many_is_read_line_by_line(bank: BankFolder, way: Way) -> None:
    text = "---\ntitle: Deploys: use make\nstatus: accepted\ndate: 2024-05-06\nowner: 'Ann'\n---\n" + REST
    record, whys = only(bank, way, text)
    assert (record.title, record.status, record.created[:10]) == ("Deploys: use make", "accepted", "2024-05-06")
    assert record.metadata["owner"] == "Ann"
    assert [each.endswith("read line by line") for each in whys] == [True]


def test_values_of_front_matter_keep_their_type_and_their_words(bank: BankFolder, way: Way) -> None:
    text = (
        "---\n# made by a tool\nnav_order: 0\nimplemented: false\nreviewers: []\nsprint:\nversion: 1.10\nfinal: yes\n"
        'tags: []\nadr_number: old  # a note\nseen: "a\\tb"\n---\n# 1. A' + DATED
    )
    metadata = dict(only(bank, way, text)[0].metadata)
    kept: dict[str, Any] = {
        "nav_order": 0,
        "implemented": False,
        "reviewers": [],
        "sprint": None,
        "version": "1.10",
        "final": "yes",
        "tags": [],
        "adr_number": 1,
        "adr_number_": "old",
        "seen": "a\tb",
        "adr_comments": ["made by a tool", "a note"],
    }
    assert {name: metadata.get(name, "gone") for name in kept} == kept
    assert 'seen: "a\\tb"' in metadata["adr_front_matter"]


def test_toml_front_matter_is_read(bank: BankFolder, way: Way) -> None:
    text = '+++\ntitle = "Use x"\nstatus = "draft"\ndate = 2024-05-06\ntags = ["a", "b"]\nweight = 0\n+++\n' + REST
    record, _ = only(bank, way, text)
    assert (record.title, record.status, record.tags, record.created[:10]) == (
        "Use x",
        "proposed",
        ("a", "b"),
        "2024-05-06",
    )
    assert record.metadata["weight"] == 0


@pytest.mark.parametrize(
    "heads",
    [
        ("Status\n------", "Context\n-------", "Decision\n--------", "Consequences\n------------"),
        ("## 1. Status", "## 2. Context", "## 3. Decision", "## 4. Consequences"),
        (
            "1. Status\n---------",
            "2. Context\n----------",
            "3. Decision\n-----------",
            "4. Consequences\n---------------",
        ),
        ("### Status", "### Context", "### Decision", "### Consequences"),
        ("# Status", "# Context", "# Decision", "# Consequences"),
        ("## **Status**", "## 📋 Context", "## Decision:", "## Consequences ##"),
        ("## Status", "## Kontext", "## Entscheidung", "## Konsequenzen"),
        ("## Statut", "## Contexte", "## Décision", "## Conséquences"),
        ("## Estado", "## Contexto", "## Decisión", "## Consecuencias"),
        ("## Situação", "## Contexto", "## Decisão", "## Consequências"),
        ("## Статус", "## Контекст", "## Решение", "## Последствия"),
        ("## 状态", "## 背景", "## 决策", "## 后果"),
        ("## ステータス", "## コンテキスト", "## 決定", "## 影響"),
        ("## 상태", "## 맥락", "## 결정", "## 결과"),
    ],
)
def test_headings_in_other_forms_and_languages_are_known(bank: BankFolder, way: Way, heads: tuple[str, ...]) -> None:
    texts = ("Accepted", "One.\n\n* item", "Two.", "Three.")
    text = "# Use x\n\n" + "\n\n".join(f"{head}\n\n{each}" for head, each in zip(heads, texts, strict=True))
    record, whys = only(bank, way, text)
    assert record.content == "## Context\n\nOne.\n\n* item\n\n## Decision\n\nTwo.\n\n## Consequences\n\nThree."
    assert (record.title, record.status, whys) == ("Use x", "accepted", ["it has no date"])


@pytest.mark.parametrize(
    ("head", "status", "day", "decider"),
    [
        ("* Status: accepted\n* Deciders: Ann, Bob\n* Date: 2018-01-02", "accepted", "2018-01-02", "Ann, Bob"),
        ("**Status:** Rejected  \n**Date:** 2 Sept 2024  \n**Deciders:** Ann", "rejected", "2024-09-02", "Ann"),
        ("- **Statut :** Accepté\n- **Date :** 01/01/2024\n- **Décideurs :** Ann", "accepted", "2024-01-01", "Ann"),
        ("- ステータス: 採用\n- 日付: 2024年3月1日\n- 決定者: 山田", "accepted", "2024-03-01", "山田"),
        ("- 상태: **Accepted**\n- 결정일: 2026-07-16", "accepted", "2026-07-16", ""),
        ("> **Status:** Accepted | **Owner:** Cy | **Date:** 2024-01-05", "accepted", "2024-01-05", ""),
        (
            "| Status | Accepted |\n|---|---|\n| Date | 2024-01-05 |\n| Deciders | Ann |",
            "accepted",
            "2024-01-05",
            "Ann",
        ),
        ("| Status | Date | Deciders |\n|---|---|---|\n| Draft | 2024-01-05 | Ann |", "proposed", "2024-01-05", "Ann"),
        ("| Field | Value |\n|---|---|\n| **Status** | ~~Draft~~ Accepted |", "accepted", "", ""),
        ("**Status**\n\nAccepted\n\n**Date**\n\n2024-01-05", "accepted", "2024-01-05", ""),
        ("|Created|Proposed (2026-09-22)|\n|--|--|\n|Changed|Accepted (2026-09-23)|", "accepted", "2026-09-22", ""),
        ("**Proposed:** 2024-01-01\n**Accepted:** 2024-02-02", "accepted", "2024-02-02", ""),
    ],
)
def test_fields_below_a_title_are_read(
    bank: BankFolder, way: Way, head: str, status: str, day: str, decider: str
) -> None:
    record, _ = only(bank, way, f"# Use x\n\n{head}{REST}")
    found = (record.status, record.created[:10], record.fields.get("decider", ""))
    assert found == (status, day, decider)


def test_a_field_that_goes_on_stays_in_the_text(bank: BankFolder, way: Way) -> None:
    record, _ = only(
        bank, way, "# A\n\n- **Status:** Accepted (2024-06-11) — ratified; the\n  rest may begin\n\nMore." + REST
    )
    assert record.content.startswith("- **Status:** Accepted (2024-06-11) — ratified; the\n  rest may begin\n\nMore.")
    assert (record.status, record.created[:10]) == ("accepted", "2024-06-11")
    assert record.metadata["adr_status"] == "Accepted (2024-06-11) — ratified; the"


def test_headings_that_say_more_stay_below_ours(bank: BankFolder, way: Way) -> None:
    text = (
        "# A\n\n## Decision (proposed)\n\nOne.\n\n### Consequences\n\n#### Good\n\nTwo.\n\n### Detail\n\nThree.\n\n"
        "## Decision: more\n\nFour.\n\n## Notes\n\nFive.\n\n## Notes\n\n## Options considered\n\n### First\n\nSix.\n"
    )
    record, _ = only(bank, way, text)
    assert record.content == (
        "## Decision\n\n### Decision (proposed)\n\nOne.\n\n#### Detail\n\nThree.\n\n### Decision: more\n\nFour.\n\n"
        "## Consequences\n\n### Good\n\nTwo.\n\n## Notes\n\nFive.\n\n## Notes\n\n"
        "## Alternatives\n\n### Options considered\n\n#### First\n\nSix."
    )


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("# 🚀 Use `x` and *y* #" + DATED, "0001-a.md", "🚀 Use `x` and *y*"),
        ("# [ADR-5](5.md) Use x" + DATED, "0001-a.md", "Use x"),
        ("## ADR 5: Use x" + DATED.replace("## ", "### "), "0001-a.md", "Use x"),
        ("Use x\n=====" + DATED, "0001-a.md", "Use x"),
        ("# Use x\n\n```\n# not a title\n```" + DATED, "0001-a.md", "Use x"),
        (DATED.strip(), "0005-use-kafka.md", "use kafka"),
        ("# Use x" + DATED + "\n# More\n\nwords\n", "0001-a.md", "Use x"),
    ],
)
def test_a_title_is_found(bank: BankFolder, way: Way, text: str, name: str, title: str) -> None:
    assert only(bank, way, text, name)[0].title == title


@pytest.mark.parametrize("change", ["crlf", "cr", "bom", "utf-16", "bytes"])
def test_line_ends_and_encodings_do_not_matter(bank: BankFolder, way: Way, change: str) -> None:
    text = "---\nstatus: accepted\ndate: 2024-05-06\n---\n# Größe\n\n## Decision\n\nWörter.\n"
    data = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "cr": text.replace("\n", "\r").encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "utf-16": text.encode("utf-16"),
        "bytes": text.encode() + b"\n\xe9\n",
    }[change]
    record, whys = only(bank, way, data)
    assert (record.title, record.status, record.created[:10]) == ("Größe", "accepted", "2024-05-06")
    assert record.content.startswith("## Decision\n\nWörter.")
    assert whys == (["1 hidden or broken characters were removed"] if change == "bytes" else [])


def test_a_statement_of_one_sentence_is_a_decision(bank: BankFolder, way: Way) -> None:
    sentence = "In the context of a, facing b, we decided for c, accepting d."
    record, whys = only(bank, way, f"# Use x\n\nStatus: accepted\nDate: 2024-05-06\n\n{sentence}\n")
    assert (record.content, whys) == (sentence, [])


def test_an_open_fence_does_not_swallow_the_next_section(bank: BankFolder, way: Way) -> None:
    text = "# A\n\nDate: 2024-05-06\n\n## Options\n\n1\n\n## Decision\n\nx\n\n## Alternatives\n\n```sh\nopen\n"
    record, _ = only(bank, way, text)
    assert record.content.endswith("````markdown\n```sh\nopen\n````\n\n## Decision\n\nx")


def test_a_file_with_several_decisions_is_several_records(bank: BankFolder, way: Way) -> None:
    log = (
        "# Decisions\n\nIntro.\n\n"
        "## ADR-001: First\n\n**Status:** Accepted\n**Date:** 2024-01-02\n\n### Decision\n\nOne.\n\n"
        "## ADR-002: Second\n\n### Status\n\nRejected (2024-02-03)\n\n"
        "### Context\n\nTwo.\n\n### Decision\n\nSupersedes ADR-1.\n"
    )
    done = taken(bank, way, {"log.md": log, "0003-c.md": "# 3. C" + DATED.replace("Words.", "1. One\n2. Two")})
    found = sorted(scan(bank, kinds=("decision",)).records, key=lambda each: each.created)
    assert [(each.title, each.status, each.metadata["adr_number"]) for each in found] == [
        *(("First", "accepted", 1), ("Second", "rejected", 2), ("C", "accepted", 3)),
    ]
    assert find_record(bank, found[1].id).content == "## Context\n\nTwo.\n\n## Decision\n\nSupersedes ADR-1."
    assert [(each.where, each.why) for each in done.misfits] == [
        ("log.md", "skipped: the text above its first decision")
    ]


def test_what_is_no_decision_is_reported_and_not_taken(bank: BankFolder, way: Way) -> None:
    others: dict[str, str | bytes] = {
        "README.md": "---\nstatus: current\n---\n# Decisions\n\n## Status\n\nAccepted: 3\n",
        "index.md": "# Index\n\n* Status: maintained\n\n| ADR | Status |\n|---|---|\n| 1 | Accepted |\n",
        "0001-review.md": "---\nstatus: approved\n---\n# Review of ADR-0001\n\n## Findings\n\n## Decision\n\nok\n",
        "reviews/0001-b.md": "# 1. A, reviewed\n\n## Status\n\nDone\n\n## Context\n\nx\n",
        "0001-a-notes.md": "---\nstatus: done\n---\n# More on 1\n\nwords\n",
        "checklist.md": "---\nstatus: open\n---\n# Checklist\n\n- [ ] Decision\n",
        "template.md": "# {title}\n\n## Status\n\n{status}\n\n## Decision\n\n{decision}\n",
        "0000-x.md": "# [short title of solved problem]\n\n* Status: [proposed | accepted]\n\n## Decision\n\nx\n",
        "words.md": "# Words\n\nwords\n",
        "0009-b.adoc": "= Title\n",
        "a.rst": "Title\n=====\n",
        "img/a.png": b"\x89PNG",
    }
    done = taken(bank, way, {"0001-a.md": "# 1. A" + DATED, "0002-templates.md": "# Use templates" + DATED, **others})
    assert [each.title for each in done.records] == ["A", "Use templates"]
    assert {each.where for each in done.misfits} == set(others)
    assert all(each.why.startswith("skipped: ") for each in done.misfits)
    said = {each.where: each.why for each in done.misfits}
    assert "AsciiDoc" in said["0009-b.adoc"]
    assert "reStructuredText" in said["a.rst"]


def test_a_folder_of_only_other_files_is_refused(bank: BankFolder, way: Way) -> None:
    with pytest.raises(ForeignError):
        taken(bank, way, {"README.md": "# Index\n\nStatus: current\n", "b.adoc": "= T\n"})


HISTORY = "| Date | Status |\n|---|---|\n| 2024-01-05 | Proposed |\n| 2024-02-06 | Accepted |"


def test_the_date_of_the_front_matter_counts_before_a_history_of_statuses(bank: BankFolder, way: Way) -> None:
    text = f"---\ndate: 2024-3-1\nstatus: rejected\n---\n# 1. A\n\n## Status\n\n{HISTORY}{REST}"
    record, whys = only(bank, way, text)
    assert (record.status, record.created[:10]) == ("accepted", "2024-03-01")
    assert whys == [
        "its status is 'rejected' in the front matter and 'Accepted 2024-02-06' in its section, which counts"
    ]


@pytest.mark.parametrize("head", ["", "## Status\n\n"])
def test_the_day_of_a_history_of_statuses_is_that_of_the_status(bank: BankFolder, way: Way, head: str) -> None:
    record, whys = only(bank, way, f"# 1. A\n\n{head}{HISTORY}\n\n## Context\n\nC.{REST}")
    assert (record.status, record.created[:10], whys) == ("accepted", "2024-02-06", [])


@pytest.mark.parametrize(
    "hidden",
    [
        "<!--\nStatus: accepted\nDate: 2021-01-01\n-->",
        "<!-- Status: accepted -->",
        "```\nStatus: accepted\nDate: 2021-01-01\n```",
        "```\n| Status | Date |\n|---|---|\n| Accepted | 2021-01-01 |\n```",
        "    Status: accepted\n    Date: 2021-01-01",
        "````\n```\nStatus: accepted\n````",
    ],
)
def test_a_comment_or_code_states_neither_a_status_nor_a_date(bank: BankFolder, way: Way, hidden: str) -> None:
    record, whys = only(bank, way, f"# 1. A\n\n{hidden}\n\n## Context\n\nC.{REST}")
    assert (record.status, record.created) == ("proposed", "")
    assert whys == ["it has no status: it is proposed", "it has no date"]


def test_code_below_a_status_is_no_status(bank: BankFolder, way: Way) -> None:
    code = "````md\n## Status\n\nRejected\n\nSuperseded by ADR 2\n````"
    record, whys = only(bank, way, f"# 1. A\n\n## Status\n\nAccepted\n\n{code}{REST}")
    assert (record.status, record.links, whys) == ("accepted", (), ["it has no date"])


@pytest.mark.parametrize(
    ("heading", "day"), [("Status: Rejected", ""), ("Status - Rejected (2024-05-06)", "2024-05-06")]
)
def test_a_status_in_its_heading_is_read(bank: BankFolder, way: Way, heading: str, day: str) -> None:
    record, _ = only(bank, way, f"# 1. A\n\n## {heading}\n\n## Context\n\nC.{REST}")
    assert (record.status, record.created[:10]) == ("rejected", day)
    assert f"## {heading}" in record.content


def test_a_second_status_that_differs_is_reported(bank: BankFolder, way: Way) -> None:
    record, whys = only(bank, way, f"# 1. A\n\n## Status\n\nAccepted{REST}\n## Status\n\nRejected\n")
    assert record.status == "accepted"
    assert "its status is 'Rejected' in its section and 'Accepted' in its section, which counts" in whys


@pytest.mark.parametrize("front", ["status: accepted\nstatus: rejected", "status: [accepted, rejected]"])
def test_two_statuses_in_front_matter_are_none(bank: BankFolder, way: Way, front: str) -> None:
    record, whys = only(bank, way, f"---\n{front}\n---\n# 1. A\n\n## Context\n\nC.{REST}")
    assert record.status == "proposed"
    assert any("is not known: it is proposed" in each for each in whys)


@pytest.mark.parametrize(
    "said", ["Supersedes ADR-0001 to ADR-0003", "Supersedes ADRs 1-3", "Supersedes ADR 1 through 3"]
)
def test_a_range_of_records_names_each_of_them(bank: BankFolder, way: Way, said: str) -> None:
    files: dict[str, str | bytes] = {f"000{each}-x.md": f"# {each}. X{each}{DATED}" for each in range(1, 4)}
    taken(bank, way, files | {"0004-y.md": f"# 4. Y\n\nDate: 2024-05-06\n\n## Status\n\nAccepted\n\n{said}{REST}"})
    (new,) = (each for each in scan(bank, kinds=("decision",)).records if each.title == "Y")
    assert [link.rel for link in find_record(bank, new.id).links] == ["supersedes"] * 3
