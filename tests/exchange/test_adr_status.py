"""The status of a decision record is read in every form; a word that is not known is never taken for a known one."""

from __future__ import annotations

import pytest

from memorybank.exchange.adr.fields import OTHER_STATUS, STATUS, Statement, choose_status
from memorybank.exchange.adr.status import read_status
from memorybank.exchange.adr.vocabulary import LIKE, STATUSES, split_rows

TABLE = "| {head} |\n|---|---|\n| {first} |\n| {second} |"
READ = {
    "accepted": [
        *(
            "Accepted. Rejected options are below.",
            "Accepted\n\nRejected alternatives: A, B",
            "Accepted\n\nOld APIs stay",
        ),
        *("Accepted, partially superseded by ADR 7", "Accepted, not yet implemented", "Proposed, accepted 2024-01-01"),
        *("Accepted\n\nSuperseded in part by ADR 7", "Supersedes [3](3.md)\n\nAccepted", "status: 'accepted'"),
        *(":white_check_mark: Accepted", "Zatwierdzone", "Accepted, was proposed in May"),
        "| Version | Status | Date |\n|---|---|---|\n| 1 | Draft | 01.02.2024 |\n| 2 | Accepted | 03.04.2024 |",
        *("Accepted (2024-01-02)\nUpdated 2024-05-05", "2024-01-01 proposed\n2024-01-09 trial\n2024-02-01 accepted"),
        *("Accepted", "accepted.", "ACCEPTED", "**Accepted**", "- Accepted", "1. Accepted", "> Accepted", "`accepted`"),
        *(
            "✅ Accepted",
            "🟢 **Accepted**",
            "<b>Accepted</b>",
            "[Accepted](process.md)",
            "Status: Accepted",
            "## Accepted",
        ),
        *(
            "**Status:** ~~proposed~~ accepted",
            "<!-- proposed --> accepted",
            "<del>Rejected</del> Accepted",
            "☑ Accepted",
        ),
        *(
            "Accepted (2024-01-02)",
            "Accepted on 2 Sept 2024",
            "2024-01-02: Accepted",
            "2024-01-02 - accepted",
            "Approved",
        ),
        *(
            "Accepted by the board, with conditions",
            "Accepted\n\nApproved by Ann.",
            "Accepted\n\nProposed by Ben.",
            "adopted",
        ),
        *(
            "This decision was accepted in May.",
            "It has been accepted",
            "accepted / implemented",
            "Proposed -> Accepted",
        ),
        *("Accepted. Is it used? Yes.", "Accepted (Proposed → Accepted on one day)", "Accepted (supersedes [3](3.md))"),
        *(
            "- [ ] Proposed\n- [x] Accepted\n- [ ] Rejected",
            "- Proposed\n- **Accepted**\n- Deprecated",
            "☐ Draft\n☑ Accepted",
        ),
        *("2024-01-01 proposed\n2024-02-01 accepted", "- 2024-02-01: Accepted\n- 2024-01-01: Proposed"),
        *("* Proposed: 2024-01-01\n* Accepted: 2024-02-02", "Proposed\n\nAccepted", "Decision status: accepted"),
        TABLE.format(head="Status | Date", first="Proposed | 2024-01-01", second="Accepted | 2024-02-01"),
        TABLE.format(head="Date | Status", first="2024-02-01 | Accepted", second="2024-01-01 | Proposed"),
        *("![status](https://img.shields.io/badge/status-accepted-green)", "![Accepted](badge.svg)"),
        "![](https://img.shields.io/badge/Status-Accepted-brightgreen.svg)",
        *(
            "Akzeptiert",
            "Angenommen am 3. Mai 2024",
            "Acceptée le 1er mars 2024",
            "Statut : accepté",
            "Aceptada",
            "Aceito",
        ),
        *(
            "Принято",
            "Принят 01.03.2024",
            "已接受",
            "已通过（2024年3月1日）",
            "採用",
            "採用済み（v1）",
            "承認されました",
            "승인됨",
        ),
    ],
    "rejected": [
        *("( ) Accepted\n(x) Rejected", "[ ] Accepted [x] Rejected", "○ Accepted\n● Rejected", ":x: Rejected"),
        "Rejected",
        "Rejected.",
        "❌ rejected",
        "Declined",
        "Abgelehnt",
        "Rejeté",
        "Rechazada",
        "Отклонено",
        "却下",
        "已拒绝",
    ],
    "proposed": [
        "Proposed",
        "Draft",
        "In review",
        "Vorgeschlagen",
        "Proposée",
        "Borrador",
        "Proposto",
        "Черновик",
        "草稿",
        "提案中",
    ],
    "deprecated": [
        *(
            "Accepted, deprecated in 2024",
            "Accepted (now obsolete)",
            "Accepted - DEPRECATED",
            "Accepted; no longer valid",
        ),
        *("Accepted (March 2024)\nDeprecated (May 2024)", "Accepted 2022-01-01, deprecated 2024-01-01"),
        "Deprecated",
        "Obsolete",
        "Deprecated by the new rules",
        "Veraltet",
        "Obsolète",
        "Устарело",
        "已废弃",
        "廃止",
    ],
    "superseded": [
        *("Accepted, superseded by ADR-9", "Accepted\n\nSuperseded by the rule on queues"),
        "Proposed 2024-01-01; Accepted 2024-02-01; Superseded 2024-03-01",
        *("Superseded", "Superceded by [8](8.md)", "Replaced by ADR 4", "Ersetzt durch ADR-7", "Remplacé par ADR 5"),
        *("Accepted\n\nSuperseded", "Superseded → ADR-5", "Substituída por ADR 3", "Заменено на ADR-9", "已被取代"),
        "* Proposed: 2024-01-01\n* Accepted: 2024-02-02\n* Superseded: 2024-03-03",
    ],
    "": [
        *("2024-01-01 proposed\n2024-02-01 on hold", "- Accepted: 2024-02-01\n- Frozen: 2024-03-01"),
        *(
            "On hold",
            "A bloogy woogy woo",
            "Trial",
            "not accepted",
            "no longer accepted",
            "Unaccepted",
            "Acceptance pending",
        ),
        *(
            "Accepted?",
            "to be rejected?",
            "Is this accepted?",
            "Accepted or rejected",
            "Proposed | Accepted | Rejected",
            "",
        ),
        *(
            "[proposed | rejected | accepted]",
            "{proposed | rejected}",
            "- Proposed\n- Accepted\n- Rejected",
            "~~Accepted~~",
        ),
        *("Superseded in part by ADR-5", "Partially accepted", "Conditionally accepted", "Accepted pending review"),
        *("This decision was not accepted.", "- [ ] Proposed\n- [ ] Accepted", "Accepted: no", "accepted / rejected"),
        *("Accepted by Ann, rejected by Bob", "accepted; rejected", "Accepted by Ann\nRejected by Bob"),
        *("Accepted, but later rejected", "Rejected by Bob, accepted by Ann", "- [x] Accepted\n- [x] Rejected"),
        *("Accepted, then withdrawn", "Approved, on hold since May", "Implemented, reverted in v2", "Draft, rejected?"),
        *("Decided against it", "Decided not to do it", "We agreed to postpone", "Approved for discussion"),
        *("Adopted by no one", "Approved by: (pending)", "Accepted = false", "- Rejected: -", "Accepted: TBD"),
        *("❌ Accepted", ":x: Accepted", "✗ Approved", "Final draft", "Active discussion", "Complete rewrite"),
        *("승인 대기", "승인 취소", "채택 안 함", "接受中", "批准中", "Принято к рассмотрению"),
        *("Accepted, Rejected, or Superseded", "Accepted, Proposed, Deprecated", "( ) Accepted\n( ) Rejected"),
        *("| Who | Vote |\n|---|---|\n| Ann | Accepted |\n| Bob | Rejected |", "Accepted by Ann; not approved by Bob"),
        *("採用しない", "承認待ち", "不接受", "Nicht angenommen", "Non accepté", "Decision pending", "?"),
    ],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in READ.items() for text in texts])
def test_a_status_is_read_in_its_forms(name: str, text: str) -> None:
    assert read_status(text).name == name


@pytest.mark.parametrize("name", STATUSES)
def test_every_word_of_the_tables_is_read_with_marks_and_a_day(name: str) -> None:
    words = (*split_rows(STATUSES[name]), *split_rows(LIKE.get(name, ())))
    misread = [
        (word, form)
        for word in words
        for form in ("{}", "**{}**", "{} (2024-05-06)", "- {}.", "⚪ {}")
        if read_status(form.format(word.title())).name != name
    ]
    assert misread == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(
            ("Accepted (2024-01-02)", "2024-01-02"),
            ("2024-01-02: Accepted", "2024-01-02"),
            ("Принят 01.03.2024", "2024-03-01"),
        ),
        *(("Accepted on 2 Sept 2024", "2024-09-02"), ("Accepted by Bob", ""), ("Accepted\n\nChanged 2024-01-02", "")),
        ("- Proposed: 2024-01-01\n- Accepted: 2024-02-02", "2024-02-02"),
    ],
)
def test_the_day_beside_a_status_is_its_day(text: str, day: str) -> None:
    assert read_status(text).day == day


def test_an_unknown_status_is_proposed_with_its_own_words() -> None:
    chosen = choose_status([Statement("in its section", "On hold")], is_replaced=False)
    assert (chosen.value, chosen.metadata) == ("proposed", {STATUS: "On hold"})
    assert "'On hold' is not known" in chosen.reports[0]


def test_a_word_that_comes_close_is_reported() -> None:
    chosen = choose_status([Statement("in its section", "Withdrawn")], is_replaced=False)
    assert (chosen.value, chosen.metadata) == ("rejected", {STATUS: "Withdrawn"})
    assert "'Withdrawn' is taken as rejected" in chosen.reports[0]


def test_places_that_differ_are_reported_and_kept() -> None:
    stated = [Statement("in its section", "Accepted"), Statement("in the front matter", "proposed")]
    chosen = choose_status(stated, is_replaced=False)
    assert (chosen.value, chosen.metadata) == ("accepted", {OTHER_STATUS: "proposed"})
    assert chosen.reports == (
        "its status is 'proposed' in the front matter and 'Accepted' in its section, which counts",
    )


def test_places_that_agree_are_not_reported() -> None:
    stated = [Statement("in its section", "Accepted"), Statement("in the front matter", "accepted")]
    assert choose_status(stated, is_replaced=False)[:3] == ("accepted", {}, ())
