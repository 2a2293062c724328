"""Texts of programs: the indentation of the program goes, the indentation of the text stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank import Bank
from memorybank.document.text import dedented
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

CASES = [
    ("one line", "one line"),
    ("    one line", "    one line"),
    ("\n    # ADR-001\n\n    **Status:** Accepted\n    ", "\n# ADR-001\n\n**Status:** Accepted\n"),
    ("\n    - a\n      - b\n    - c\n", "\n- a\n  - b\n- c\n"),
    ("\n\tdef f():\n\t\treturn 1\n\t", "\ndef f():\n\treturn 1\n"),
    ("\n    ```python\n    if x:\n        y\n    ```\n    ", "\n```python\nif x:\n    y\n```\n"),
    ("Use Redis\n\n    Because it lasts.\n    - and is fast\n    ", "Use Redis\n\nBecause it lasts.\n- and is fast\n"),
    # what means something
    ("def f():\n    return 1\n", "def f():\n    return 1\n"),
    ("def f():\n    return 1\n    ", "def f():\n    return 1\n    "),
    ("- item\n  goes on\n  ", "- item\n  goes on\n  "),
    ("1. item\n\n   goes on\n   ", "1. item\n\n   goes on\n   "),
    ("Text\n\n    code\n", "Text\n\n    code\n"),
    ("    code\n    more\n", "    code\n    more\n"),
    ("\nText\n    code\n", "\nText\n    code\n"),
    ("Text\n\n      code\n    ", "Text\n\n  code\n"),
    ("\n    a\n  b\n", "\n  a\nb\n"),
    ("\n \ta\n\t b\n", "\n \ta\n\t b\n"),
    ("", ""),
    ("\n\n", "\n\n"),
]


@pytest.mark.parametrize(("text", "after"), CASES, ids=[repr(each[0]) for each in CASES])
def test_the_margin_of_a_program_goes(text: str, after: str) -> None:
    assert dedented(text) == after


@given(st.text(st.sampled_from("ab- \n\t#"), max_size=40))
def test_nothing_but_blanks_at_the_start_of_lines_goes(text: str) -> None:
    after = dedented(text)
    assert [line.strip() for line in after.split("\n")] == [line.strip() for line in text.split("\n")]
    assert dedented(after) == after or not after.startswith("\n")


def test_the_example_of_a_guide_is_a_decision_and_no_code(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank = Bank.open(tmp_path)
    saved = bank.save(
        """
        # ADR-001: Use PostgreSQL

        **Status:** Accepted

        - ACID
          - and more
        """,
        type="decision",
    ).record
    assert saved.title == "ADR-001: Use PostgreSQL"
    assert saved.content == "**Status:** Accepted\n\n- ACID\n  - and more"
    decided = bank.decide(
        "Use Redis",
        context="""
            Sessions must survive.
            - a restart
        """,
        why="""It lasts.

            And it is fast.
            """,
    ).record
    assert "## Context\n\nSessions must survive.\n- a restart\n" in decided.content
    assert "## Rationale\n\nIt lasts.\n\nAnd it is fast." in decided.content
    updated = bank.update(saved.id, content="\n        New.\n        - text\n        ").record
    assert updated.content == "New.\n- text"
