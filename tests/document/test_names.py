"""Names of headings: what is decoration and what is another name."""

from __future__ import annotations

import pytest

from memorybank.document.addresses import address_of, find_named, resolve_section
from memorybank.document.names import is_same_name, plain_of
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source
from memorybank.errors import DuplicateAnchorError, NoAnchorError

SAME = [
    ("Open Points", "🧭 Open Points"),
    ("Open Points", "Open Points 🧭✅"),
    ("Open Points", "3. Open Points"),
    ("Open Points", "(3) Open points"),
    ("Open Points", "2.1 Open Points"),
    ("Open Points", "IV. Open Points"),
    ("Open Points", "4️⃣ Open Points"),
    ("Open Points", "④ Open Points"),
    ("Open Points", "Open Points:"),
    ("Open Points", "**Open** _Points_"),
    ("Open Points", "`Open Points`"),
    ("Open Points", "[Open Points](#open-points)"),
    ("Open Points", "Open&nbsp;Points"),
    ("Open Points", "<a id='x'></a>Open Points"),
    ("Open Points", "Open Points {#open}"),
    ("Open Points", ":compass: Open Points"),
    ("Open Points", "Open Points (4/9)"),
    ("Open Points", "Open Points (current)"),
    ("Open Points", "Open Points [2031-04-05]"),
    ("Open Points", "Open-Points …"),
    ("Who's On Call", "Who\u2019s on call?"),
    ("Who's On Call", "Whos On Call"),
    ("Risks and Limits", "Risks & Limits"),
    ("Risks and Limits", "⚠️ Risks &amp; Limits"),
    ("Risks and Limits", "Risks + Limits"),
    ("SEED_LIST", "SEED\\_LIST"),
    ("Café", "Cafe\u0301"),
    ("決定事項", "📌 決定事項\uff1a"),
    ("Решения", "1) **Решения**"),
]
OTHER = [
    ("Open Points", "Open Points (done)"),
    ("Open Points", "~~Open Points~~"),
    ("Open Points", "Open Points of July"),
    ("Open Points", "Points"),
    ("C", "C++"),
    ("C++", "C#"),
    ("Python 3.11", "Python 3.12"),
    ("1. Setup", "2. Setup"),
    ("3.11 notes", "3.12 notes"),
    ("Notes (2030)", "Notes (2031)"),
    ("2031-04-05", "2031-04-06"),
    ("👍", "👎"),
    ("!", "?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_decoration_is_no_other_name(one: str, other: str) -> None:
    assert is_same_name(one, other)
    assert is_same_name(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_words_are_another_name(one: str, other: str) -> None:
    assert not is_same_name(one, other)


def test_a_name_of_decoration_alone_stays_as_it_is() -> None:
    assert plain_of("🚀").words == "🚀"
    assert plain_of("a" * 5000).words == "a" * 5000


def read(text: str, *, contract: bool = False) -> Document:
    return outline(Source(text.encode()), "notes.md", contract=contract)


def test_the_exact_name_wins_over_one_that_is_decorated() -> None:
    document = read("# N\n\n## 🎯 Aims\n\none\n\n## Aims\n\ntwo\n")
    assert [each.name for each in find_named(document, "aims")] == ["Aims"]
    assert resolve_section(document, "🎯 Aims").name == "🎯 Aims"


def test_an_alias_that_stands_there_exactly_wins_over_a_decorated_name() -> None:
    document = read("# N\n\n## 🎯 Aims\n\n## Goals\n")
    assert resolve_section(document, "Aims", aliases=("Goals",)).name == "Goals"


def test_a_decorated_heading_has_its_own_address() -> None:
    document = read("# N\n\n## 2. Aims & Ends\n\n### First: ###\n\none\n")
    assert str(address_of(document, resolve_section(document, "Aims and Ends"))) == "notes.md#2. Aims & Ends"
    assert resolve_section(document, "aims and ends/First").name == "First:"


def test_several_that_are_alike_are_refused_with_their_addresses() -> None:
    document = read("# N\n\n## 🎯 Aims\n\n## Aims:\n")
    with pytest.raises(DuplicateAnchorError) as caught:
        resolve_section(document, "Aims")
    assert "🎯 Aims" in str(caught.value.to_wire())
    assert "Aims:" in str(caught.value.to_wire())


def test_in_a_memory_file_only_its_own_sections_are_compared_so() -> None:
    document = read("# N\n\n## A\n\n### 🎯 Aims\n", contract=True)
    with pytest.raises(NoAnchorError):
        resolve_section(document, "Aims")
    assert resolve_section(read("# N\n\n## A\n\n### 🎯 Aims\n"), "Aims").level == 3
