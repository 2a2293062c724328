"""The table of stages and modes: the source's rows, other names, a bank's own cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorybank.contracts.load import template_bytes
from memorybank.document.source import digest_of
from memorybank.errors import ConfigError, FieldError
from memorybank.recall.loading import shipped_stages
from memorybank.recall.loading.load import table_of
from memorybank.recall.loading.stages import ALL, FILE, MODES, STAGES, Cell, markdown_of, parse_table, rows_of
from memorybank.recall.loading.write_shipped import render

SHIPPED = template_bytes(FILE)


def test_the_sources_three_rows_are_as_it_says() -> None:
    """The others are those of the system that the source describes; corrections are ours."""
    cells = parse_table(SHIPPED).cells
    assert cells["understand", "rigorous"] == Cell(
        "understand", "rigorous", messages=ALL, cache_hours=24, deep=20, pafs="all", groups=True, corrections=10
    )
    assert cells["implement", "standard"] == Cell(
        "implement", "standard", messages=ALL, cache_hours=1, deep=5, pafs="active", corrections=5
    )
    assert cells["verify", "rapid"] == Cell("verify", "rapid", messages=ALL, corrections=3)


def test_every_cell_is_there() -> None:
    assert list(parse_table(SHIPPED).cells) == [(stage, mode) for stage in STAGES for mode in MODES]


@pytest.mark.parametrize(
    ("name", "stage"), [("validate", "verify"), ("REFLECT", "review"), ("plan", "plan"), ("", "understand")]
)
def test_a_stage_has_the_names_that_other_tools_give_it(name: str, stage: str) -> None:
    assert parse_table(SHIPPED).stage_of(name) == stage


@pytest.mark.parametrize("name", ["augster-rigorous", "AUGSTER_RIGOROUS", "rigorous"])
def test_a_mode_has_the_names_that_other_tools_give_it(name: str) -> None:
    assert parse_table(SHIPPED).mode_of(name) == "rigorous"


def test_a_moment_belongs_to_a_stage() -> None:
    table = parse_table(SHIPPED)
    assert table.stage_of("", "build") == "implement"
    assert table.stage_of("", "session-start") == "understand"
    assert table.stage_of("verify", "build") == "verify"


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    table = parse_table(SHIPPED)
    with pytest.raises(FieldError, match="understand, decompose"):
        table.stage_of("ponder")
    with pytest.raises(FieldError, match="rapid, standard"):
        table.mode_of("slow")
    with pytest.raises(FieldError):
        table.mode_of("plan")


def test_a_banks_own_cell_is_as_it_says_there_and_no_other_changes() -> None:
    own = b'[understand.rapid]\ndeep = 3\n[names]\nthink = "understand"\n[first]\nplan = ["Blockers"]\n'
    table = parse_table(SHIPPED, own)
    assert table.cells["understand", "rapid"] == Cell("understand", "rapid", deep=3)
    assert table.cells["understand", "standard"] == parse_table(SHIPPED).cells["understand", "standard"]
    assert table.stage_of("think") == "understand"
    assert table.stage_of("validate") == "verify"
    assert table.first["plan"] == ("Blockers",)
    assert table.first["review"] == parse_table(SHIPPED).first["review"]


@pytest.mark.parametrize(
    ("own", "word"),
    [
        (b"[understand", "templates/stages.toml"),
        (b"\xff", "utf-8"),
        (b"[ponder.rapid]\n", "ponder"),
        (b"[plan.slow]\n", "plan.slow"),
        (b"plan = 3\n", "plan"),
        (b"[plan.rapid]\nlayers = 3\n", "plan.rapid.layers"),
        (b"[plan.rapid]\nmessages = -1\n", "plan.rapid.messages"),
        (b"[plan.rapid]\nmessages = true\n", "plan.rapid.messages"),
        (b'[plan.rapid]\nmessages = "some"\n', "plan.rapid.messages"),
        (b"[plan.rapid]\ncache_hours = 1.5\n", "plan.rapid.cache_hours"),
        (b'[plan.rapid]\npafs = "most"\n', "plan.rapid.pafs"),
        (b"[plan.rapid]\ngroups = 1\n", "plan.rapid.groups"),
        (b'[plan.rapid]\ntypes = "code"\n', "plan.rapid.types"),
        (b"[first]\nplan = [1]\n", "first.plan"),
        (b"[first]\nponder = []\n", "first.ponder"),
        (b'[names]\nthink = "ponder"\n', "names.think"),
        (b'[moments]\nbuild = "rapid"\n', "moments.build"),
        (b"moments = []\n", "moments"),
    ],
)
def test_a_table_that_cannot_be_understood_is_told_by_its_key(own: bytes, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        parse_table(SHIPPED, own)


def test_the_table_is_shown_row_by_row() -> None:
    table = parse_table(SHIPPED, b'[plan.rapid]\ndeep = 2\ntypes = ["code", "fact"]\n')
    assert ("plan", "rapid", "-", "-", "top 2 of code, fact", "-", "-", "-") in rows_of(table)
    assert "| verify | rapid | all messages | - | - | - | - | top 3 |\n" in markdown_of(table)


def test_the_shipped_table_is_stored_as_values() -> None:
    """Written by `python -m memorybank.recall.loading.write_shipped` into `recall/loading/shipped_stages.py`."""
    assert (digest_of(SHIPPED), parse_table(SHIPPED)) == (shipped_stages.DIGEST, shipped_stages.TABLE)
    assert table_of(None) is shipped_stages.TABLE
    module = Path(shipped_stages.__file__).read_text(encoding="utf-8")
    assert module == render(SHIPPED)
