"""Days, numbers and kinds of files: what dates and names of decision records say, and what they do not say."""

from __future__ import annotations

import pytest

from memorybank.exchange.adr.dates import read_date
from memorybank.exchange.adr.fields import DATE, Statement, choose_date
from memorybank.exchange.adr.file_names import (
    day_in,
    is_index,
    is_review,
    is_template,
    number_in,
    numbers_of,
    wishes_of,
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(
            (text, "2024-03-01")
            for text in ("2024-03-01", "2024-3-1", "2024/03/01", "2024.03.01", "20240301", "01.03.2024")
        ),
        *(
            (text, "2024-03-01")
            for text in ("1 March 2024", "March 1, 2024", "Mar 1st 2024", "1st of March, 2024", "01-Mar-2024")
        ),
        *((text, "2024-03-01") for text in ("Friday, 1 March 2024", "Fri Mar 1 2024", "1er mars 2024", "1. März 2024")),
        *(
            (text, "2024-03-01")
            for text in ("1 de marzo de 2024", "1 de março de 2024", "1 марта 2024 г.", "2024年3月1日")
        ),
        *(
            (text, "2024-03-01")
            for text in ("2024年03月01日（金）", "２０２４年３月１日", "2024년 3월 1일", "2024-Mar-01")
        ),
        *(
            (text, "2024-03-01")
            for text in ("2024-03-01T10:00:00+02:00", "2024-03-01 10:00", "2024-03-01, in the meeting")
        ),
        *(
            ("2 Sept 2024", "2024-09-02"),
            ("13/04/2024", "2024-04-13"),
            ("04/13/2024", "2024-04-13"),
            ("05/05/2024", "2024-05-05"),
        ),
        *(
            (text, "")
            for text in (
                "",
                "TBD",
                "March 2024",
                "2024-03",
                "2024-02-30",
                "03/04/2024",
                "12-01-2024",
                "1/3/24",
                "v1.2.3",
                "20240301-42",
                "10.1.2024.5",
            )
        ),
    ],
)
def test_a_date_is_read_in_its_forms(text: str, day: str) -> None:
    assert read_date(text).day == day


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *(("03/04/2024", "can be read in two ways"), ("soon", "is not a date"), ("2024-02-30", "is not a date")),
        *(
            ("2024-03-01 (changed 2024-05-01)", "has more than one day"),
            ("2024-03-01 (on 1 March 2024)", ""),
            ("2024-03-01", ""),
        ),
    ],
)
def test_a_date_that_is_not_sure_is_reported_and_kept(text: str, why: str) -> None:
    chosen, _ = choose_date([Statement("below the title", text)], "", "0001-a.md")
    assert [why in each for each in chosen.reports] == [True] * bool(why)
    assert (DATE in chosen.metadata) == (text != "2024-03-01")


def test_a_moment_with_a_zone_keeps_its_own_day() -> None:
    chosen, moment = choose_date([Statement("in the front matter", "2024-03-01T00:30:00+02:00")], "", "a.md")
    assert (chosen.value, moment) == ("2024-03-01", "2024-02-29T22:30:00Z")


def test_a_day_comes_from_the_status_or_the_name_if_no_field_has_one() -> None:
    assert choose_date([], "2024-05-06", "2023-05-31-a.md")[0].value == "2024-05-06"
    assert choose_date([], "", "2023-05-31-a.md")[0].value == "2023-05-31"
    assert choose_date([], "", "0001-a.md")[0][::2] == ("", ("it has no date",))


def test_days_that_differ_are_reported() -> None:
    chosen, _ = choose_date(
        [Statement("in the front matter", "2024-05-06"), Statement("below the title", "6 June 2024")], "", "a.md"
    )
    assert (chosen.value, chosen.metadata) == ("2024-05-06", {DATE: "6 June 2024"})
    assert chosen.reports == (
        "its date is '6 June 2024' below the title and '2024-05-06' in the front matter, which counts",
    )


@pytest.mark.parametrize(
    ("name", "number", "day"),
    [
        *(
            ("0001-x.md", 1, ""),
            ("ADR-007-x.md", 7, ""),
            ("adr_008.md", 8, ""),
            ("adr7-x.md", 7, ""),
            ("a/0012.md", 12, ""),
        ),
        *(("2023-05-31-x.md", 0, "2023-05-31"), ("20200924-x.md", 0, "2020-09-24"), ("2023_5_1_x.md", 0, "2023-05-01")),
        *(("adr-2023-05-31-x.md", 0, "2023-05-31"), ("2024-use-x.md", 0, ""), ("202405-x.md", 0, ""), ("x.md", 0, "")),
        *(("2023-13-45-x.md", 0, ""), ("v2-api.md", 0, ""), ("use-3-tiers.md", 0, ""), ("1000-x.md", 1000, "")),
    ],
)
def test_a_number_comes_from_a_name_that_is_made_for_one(name: str, number: int, day: str) -> None:
    assert (numbers_of([name]).get(name, 0), day_in(name)) == (number, day)


def test_a_bare_number_is_as_wide_as_those_beside_it() -> None:
    names = ["0001-a.md", "0002-b.md", "3-tier.md", "other/3-c.md", "other/4-d.md"]
    assert numbers_of(names) == {"0001-a.md": 1, "0002-b.md": 2, "other/3-c.md": 3, "other/4-d.md": 4}


@pytest.mark.parametrize(
    ("title", "number", "rest"),
    [
        *(
            ("7. Use x", "7", "Use x"),
            ("ADR-007: Use x", "007", "Use x"),
            ("ADR 0063 - y", "0063", "y"),
            ("[ADR-7] z", "7", "z"),
        ),
        *(
            ("ADR-039 — R", "039", "R"),
            ("ADR-0004：采用", "0004", "采用"),
            ("ADR #5: x", "5", "x"),
            ("12 - Foo", "12", "Foo"),
        ),
        *(
            ("2024: The year", "", "2024: The year"),
            ("5 ways", "", "5 ways"),
            ("ADR-005", "", "ADR-005"),
            ("1.2 Use", "", "1.2 Use"),
        ),
    ],
)
def test_the_number_of_a_title_is_taken_off(title: str, number: str, rest: str) -> None:
    assert number_in(title) == (number, rest)


def test_templates_indexes_and_reviews_are_known_by_name_or_title() -> None:
    templates = {
        "template.md": "x",
        "0000-adr-template.md": "x",
        "a/templates/x.md": "x",
        "nygard-template-full.md": "",
    }
    blanks = (
        "{short title}",
        "[short title of solved problem and solution]",
        "NUMBER. TITLE",
        "ADR-XXX: Title",
        "<Title>",
    )
    assert all(is_template(name, title) for name, title in templates.items())
    assert all(is_template("0001-x.md", title) for title in blanks)
    real = (
        "Use Jinja templates",
        "Use <T> for types",
        "[Draft] Use x",
        "{} or dict()",
        "Template engine",
        "Number formats",
    )
    assert not any(is_template("0012-use-jinja-templates.md", title) for title in real)
    assert all(map(is_index, ("README.md", "index.md", "a/_index.md", "decision-log.md", "adr-index.md", "adr.md")))
    assert not any(map(is_index, ("0001-log-levels.md", "index-of-search-engine.md", "0002-readme-first.md")))
    assert all(
        is_review(name, "x") for name in ("0001-review.md", "review-of-0001.md", "reviews/0001.md", "checklist.md")
    )
    assert is_review("0009-a.md", "Review of ADR-0001")
    assert not is_review("0009-peer-review-of-code.md", "Peer review of all code")


def test_each_file_has_an_id_of_its_own() -> None:
    names = ["a/0001-x.md", "b/0001-x.md", "a b.md", "a-b.md", "x.md", "x.markdown"]
    assert list(wishes_of(names).values()) == ["a/0001-x", "b/0001-x", "a-b", "a-b-2", "x", "x-2"]
