"""The shortcuts on the command line: their words, their answers in JSON, what they read, how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def test_one_text_is_read_from_standard_input(bank: Run) -> None:
    ended = bank("decide", "Use JWT", "--why", "-", "--json", stdin=b"- Stateless\n- Scalable\n")
    assert ended.status == 0
    assert "## Rationale\n\n- Stateless\n- Scalable" in ended.data["record"]["content"]


def test_two_texts_cannot_read_it(bank: Run) -> None:
    ended = bank("decide", "Use JWT", "--why", "-", "--context", "-", stdin=b"x")
    assert ended.status == 2
    assert "Only one text can be read from standard input" in ended.err


def test_words_that_begin_with_a_dash_are_text(bank: Run, project: Path) -> None:
    assert bank("decide", "T", "--consequence", "- slow", "--alternative", "- other").status == 0
    assert bank("log", "- one\n- two", "-b", "- three").status == 0
    text = (project / ".memorybank" / "development_log.md").read_text(encoding="utf-8")
    assert text.endswith(" - one\n- two\n- three\n")


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (("decide", "T"), {"record", "receipt", "advice"}),
        (("learn", "T"), {"record", "receipt", "advice"}),
        (("bug", "new", "T"), {"record", "receipt", "advice"}),
        (("bug", "list"), {"bugs", "count", "broken"}),
        (("list",), {"records", "count", "broken"}),
        (("types",), {"types", "count"}),
        (("log", "T"), {"entry", "file", "receipt"}),
        (("paf", "add", "A", "T"), {"paf", "receipt"}),
        (("paf", "list"), {"pafs", "count"}),
        (("paf", "check"), {"checks", "count", "failed_count"}),
        (("trust",), {"pending", "approved"}),
        (("trust", "list"), {"approvals", "count"}),
        (("trust", "revoke"), {"revoked", "count"}),
    ],
)
def test_answers_in_json_have_their_fields(bank: Run, tmp_path: Path, words: tuple[str, ...], fields: set[str]) -> None:
    ended = bank(*words, "--json", MEMORYBANK_HOME=str(tmp_path / "own"))
    assert ended.status == 0, ended
    assert set(ended.data) == {"schema_version", *fields}


def test_a_bug_from_its_report_to_its_mend(bank: Run) -> None:
    assert "reported #1: bug-" in bank("bug", "new", "Slow page", "--severity", "low").out
    fixed = bank("bug", "fix", "#1", "--fix", "One query", "--lesson", "Count queries", "--json").data
    assert set(fixed) == {"schema_version", "record", "learning", "receipt"}
    assert fixed["learning"]["links"] == [{"rel": "caused-by", "to": fixed["record"]["id"]}]
    assert bank("bug", "show", "1", "--json").data["record"]["status"] == "fixed"
    assert bank("bug", "fix", "1").status == 5
    assert bank("bug", "fix", "2").status == 3
    assert bank("bug", "list", "--status", "open").err == "no bugs found\n"


def test_a_tag_that_comes_close_to_another_is_told(bank: Run) -> None:
    bank("decide", "One", "--tags", "authentication")
    assert "authentication" in bank("learn", "Two", "--tags", "authentification").err
    assert bank("bug", "new", "Three", "--tags", "autentication", "--json").data["advice"] != []


def test_a_dry_run_writes_nothing(bank: Run, project: Path) -> None:
    before = sorted(project.rglob("*"))
    for words in (("decide", "T"), ("learn", "T"), ("bug", "new", "T"), ("log", "T"), ("paf", "add", "A", "T")):
        ended = bank(*words, "--dry-run")
        assert ended.status == 0
        assert "nothing was written (dry run)" in ended.err
    assert sorted(project.rglob("*")) == before


def test_hints_are_commands_that_run(bank: Run) -> None:
    """A refusal names the next command; it runs as it is printed."""
    import shlex

    bank("bug", "new", "T")
    bank("bug", "fix", "1")
    for words in (
        ("bug", "fix", "1"),
        ("bug", "new", "T", "--severity", "huge"),
        ("bug", "show", "7"),
        ("bug", "list", "--status", "opne"),
        ("paf", "list", "--status", "holds"),
        ("paf", "activate", "AUTH-001"),
        ("decide", "T", "--status", "done", "--json"),
        ("decide", "", "--json"),
        ("log", "", "--json"),
    ):
        ended = bank(*words, *(() if "--json" in words else ("--json",)))
        assert ended.status in {3, 5}, ended
        hint = ended.data["error"]["hint"]
        if hint.startswith("bank "):
            assert bank(*shlex.split(hint)[1:]).status == 0, hint


@pytest.mark.parametrize(
    "words", [("--version", "--json"), ("--json", "--version"), ("-V", "--json"), ("version", "--json")]
)
def test_the_version_is_json_where_json_is_asked_for(bank: Run, words: tuple[str, ...]) -> None:
    ended = bank(*words)
    assert (ended.status, ended.data.keys()) == (0, {"schema_version", "version"})
    assert bank("--version").out == f"bank {ended.data['version']}\n"
