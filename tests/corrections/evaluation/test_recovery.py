"""The deterministic judge: what a text must hold to count as knowing a correction."""

from __future__ import annotations

import pytest

from memorybank.corrections.evaluation.recovery import Statement, is_recovered, wanted_of
from memorybank.records.corrections.correction import Correction, Origin, Premise

PORT = ("no, use port 8443 not 8080", "I'll start the server on port 8080", ("8443", "8080"))
KEEP = ("keep build, only remove dist", "rm -rf build dist", ())
HANDS = ("don't touch prod.yml", "Edit prod.yml", ("prod.yml",))


def correction(text: str, premise: str, values: tuple[str, ...] = ()) -> Correction:
    return Correction("cor-20261101-aaaaa", "marker", text, Premise(premise), Origin(), values)


@pytest.mark.parametrize(
    ("said", "text", "is_there"),
    [
        (PORT, "[high] no, use port 8443 not 8080", True),
        (PORT, "The server listens on port 8443 now.", True),
        (PORT, "I'll start the server on port 8080", False),
        (PORT, "The server listens on port 18443 now.", False),
        # the value stands far from what it is about
        (PORT, f"The port is set.{' filler' * 100} 8443 rows were read", False),
        (KEEP, "User: keep build, only remove dist", True),
        (KEEP, "I removed build and dist.", False),
        (HANDS, "The user said: don't touch prod.yml", True),
        (HANDS, "I touch and edit prod.yml", False),
    ],
)
def test_what_was_fixed_must_be_there(said: tuple[str, str, tuple[str, ...]], text: str, *, is_there: bool) -> None:
    assert is_recovered(text, wanted_of(correction(*said))) is is_there


def test_the_premise_alone_never_answers() -> None:
    for text, premise, values in (PORT, KEEP, HANDS):
        assert not is_recovered(premise, wanted_of(correction(text, premise, values)))


def test_what_the_user_decided_later_counts_against_it() -> None:
    wanted = wanted_of(correction("use Postgres for the sessions", "Redis it is", ("Postgres",)))
    text = "use Postgres for the sessions\nuse SQLite for the sessions"
    later = Statement((0, 9), "use SQLite for the sessions")
    assert is_recovered(text, wanted, after=[later], order=(1, 0))
    assert not is_recovered(text, wanted, after=[later], order=(0, 4))


def test_what_says_nothing_is_not_asked_about() -> None:
    assert not wanted_of(correction("no, not that", "I deleted it")).is_askable
    assert wanted_of(correction("no tabs, four spaces", "I used tabs")).is_askable


def test_scripts_without_spaces_are_compared_too() -> None:
    wanted = wanted_of(correction("不要删除数据库备份", "我会清理旧文件"))
    assert is_recovered("用户: 不要删除数据库备份", wanted)
    assert not is_recovered("我会清理旧文件", wanted)
