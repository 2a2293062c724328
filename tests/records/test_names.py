"""The file names of titles: in the letters of every script, safe on every system, and two for two titles."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.ids import SLUG_LENGTH, slug_of
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

SLUGS = {
    "Search over sessions": "search-over-sessions",
    "größer & naïve — café": "grosser-naive-cafe",
    "don\u2019t / stop": "dont-stop",
    "日本語の計画": "日本語の計画",
    "データ移行・計画": "データ移行-計画",
    "ｶﾞｲﾄﾞ": "ガイド",
    "API 設計 v2": "api-設計-v2",
    "研究": "研究",
    "План Миграции": "план-миграции",
    "خطة الترحيل\u200f": "خطة-الترحيل",
    "हिन्दी योजना": "हिन्दी-योजना",
    "한국어 계획": "한국어-계획",
    "🚀🎉": "rocket-party-popper",
    "✅ done": "done",
    "日\u202e本\u200b": "日本",
    "???": "untitled",
    "\u202e\ufe0f": "untitled",
    "日本/../語\\x": "日本-語-x",
}


@pytest.mark.parametrize(("title", "slug"), SLUGS.items())
def test_a_title_keeps_its_script(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@example("\u1e1a\u0300\u01a2")
@given(st.text())
def test_a_slug_is_a_safe_name(title: str) -> None:
    slug = slug_of(title)
    assert slug
    assert len(slug) <= SLUG_LENGTH
    assert len(slug.encode("utf-8")) <= 120
    assert slug == unicodedata.normalize("NFC", slug)
    assert slug_of(slug) == slug
    assert slug.strip("-") == slug
    for char in slug:
        assert char == "-" or unicodedata.category(char)[0] in "LNM"


@pytest.mark.parametrize(
    "titles",
    [
        ("日本語の計画", "データ移行"),
        ("研究", "调查"),
        ("План миграции", "План поиска"),
        ("خطة الترحيل", "خطة البحث"),
        ("🚀", "🎉"),
        ("C", "C++"),
        ("!!!", "???"),
    ],
)
@pytest.mark.parametrize("kind", ["plan", "research"])
def test_two_titles_of_a_day_have_two_files(tmp_path: Path, kind: str, titles: tuple[str, str]) -> None:
    make_bank(tmp_path)
    files = []
    for title in titles:
        done = bank(tmp_path, kind, "new", title, "--json")
        assert done.returncode == 0, done.stdout
        files.append(json.loads(done.stdout)["file"])
    assert len(set(files)) == 2
    for title, file in zip(titles, files, strict=True):
        assert f"# {title}\n" in (tmp_path / file).read_text(encoding="utf-8")
    assert bank(tmp_path, "outline", files[1]).returncode == 0


def test_the_same_title_twice_is_the_same_document(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "plan", "new", "日本語の計画").returncode == 0
    assert bank(tmp_path, "plan", "new", "日本語の計画").returncode == 5


def test_a_name_for_a_namespace_that_is_proposed_can_be_typed(tmp_path: Path) -> None:
    done = bank(tmp_path, "init", "--namespace", "日本", env={"MEMORYBANK_HOME": str(tmp_path / "home")})
    assert done.returncode == 5
    assert "--namespace NAME" in done.stderr
