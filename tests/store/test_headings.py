"""A bank of Cline in any language: lines go below its own headings; what is not known is reported, never guessed."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from memorybank.contracts.heading_names import FILE, form_of, kinds_named, language_of
from memorybank.contracts.layouts import CLINE_ELSEWHERE, CLINE_NOTES
from memorybank.contracts.load import template_bytes
from tests.running import bank

CASES = Path(__file__).parent.parent / "cases" / "headings.tsv"
ROWS = [
    tuple(line.split("\t"))
    for line in CASES.read_text(encoding="utf-8").split("\n")
    if line and not line.startswith("#")
]
LANGUAGES = tuple(dict.fromkeys(row[0] for row in ROWS))
DATA = [line.split("\t") for line in template_bytes(FILE).decode().split("\n") if line and not line.startswith("#")]
TITLES = {"activeContext.md": "X", "progress.md": "Y", "systemPatterns.md": "Z", "techContext.md": "W"}


def make(tmp_path: Path, files: dict[str, list[str]], settings: str = "") -> Path:
    """Make a project with a bank of Cline: each section has one line."""
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    for file, names in files.items():
        sections = "".join(f"\n## {name}\n\n- here {number}\n" for number, name in enumerate(names))
        (folder / file).write_text(f"# {TITLES[file]}\n{sections}", encoding="utf-8")
    if settings:
        (folder / "bank.toml").write_text(settings, encoding="utf-8")
    return folder


def in_language(tmp_path: Path, language: str) -> Path:
    rows = [row for row in ROWS if row[0] == language]
    return make(tmp_path, {file: [row[2] for row in rows if row[1] == file] for file in {row[1] for row in rows}})


def headings(folder: Path) -> dict[str, list[str]]:
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    return {name: [line for line in text.split("\n") if line.startswith("## ")] for name, text in texts.items()}


def below(folder: Path, file: str, heading: str) -> str:
    """Return the text of a section."""
    text = (folder / file).read_text(encoding="utf-8")
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def run(folder: Path, *words: str) -> str:
    done = bank(folder.parent, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_note_goes_below_the_files_own_heading(tmp_path: Path, language: str) -> None:
    folder = in_language(tmp_path, language)
    before = headings(folder)
    for row in (row for row in ROWS if row[0] == language):
        _, file, heading, kind = row
        run(folder, *(("focus", "zebra focus") if kind == "focus" else ("note", f"zebra {kind}", "--as", kind)))
        assert f"zebra {kind}" in below(folder, file, heading), row
    assert headings(folder) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_tasks_and_decisions_go_there_with_their_own_commands(tmp_path: Path, language: str) -> None:
    folder = in_language(tmp_path, language)
    own = {row[3]: (row[1], row[2]) for row in ROWS if row[0] == language}
    before = headings(folder)
    if "task" in own:
        run(folder, "task", "add", "paint the zebra")
        assert "- [ ] paint the zebra" in below(folder, *own["task"])
        assert "paint the zebra" in run(folder, "task", "list")
    if {"task", "done"} <= own.keys():
        run(folder, "task", "done", "paint the zebra", "--evidence", "`true` → exit 0")
        assert "paint the zebra" in below(folder, *own["done"])
        assert "paint the zebra" not in below(folder, *own["task"])
    if "decision" in own:
        run(folder, "decide", "Zebra: stripes", "--why", "they are there")
        assert "stripes" in below(folder, *own["decision"])
    if "learning" in own:
        run(folder, "learn", "Zebra: they bite")
        assert "they bite" in below(folder, *own["learning"])
    assert headings(folder) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_known_headings_are_reported_by_neither_status_nor_check(tmp_path: Path, language: str) -> None:
    folder = in_language(tmp_path, language)
    assert "no note goes to" not in run(folder, "status")
    assert "unknown-heading" not in run(folder, "check")


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("現在の作業", "参考資料"),
        ("Текущий фокус", "Ссылки"),
        ("Enfoque actual", "Referencias"),
        ("Current Focus", "References"),
        ("Aktueller Fokus", "Referenzen"),
    ],
)
def test_a_section_that_is_missing_is_made_in_the_language_of_the_file(tmp_path: Path, heading: str, name: str) -> None:
    folder = make(tmp_path, {"activeContext.md": [heading]})
    run(folder, "note", "docs/a.md", "--as", "reference")
    run(folder, "note", "docs/b.md", "--as", "reference")
    assert headings(folder)["activeContext.md"] == [f"## {heading}", f"## {name}"]
    assert "docs/b.md" in below(folder, "activeContext.md", name)


def test_a_file_that_is_missing_gets_a_section_in_the_language_of_the_bank(tmp_path: Path) -> None:
    folder = make(tmp_path, {"activeContext.md": ["Foco actual", "Próximos pasos"]})
    run(folder, "note", "the fence", "--as", "task")
    assert headings(folder)["progress.md"] == ["## Lo que queda por construir"]


UNKNOWN = ("私たちの夢", "Мысли вслух", "Ideenspeicher", "Roadmap 2027")


def test_a_heading_that_is_not_known_is_reported_and_takes_nothing(tmp_path: Path) -> None:
    folder = make(tmp_path, {"activeContext.md": ["現在の作業", *UNKNOWN]})
    told = run(folder, "status")
    checked = run(folder, "check")
    for name in UNKNOWN:
        assert name in told
        assert f"'## {name}' is not known" in checked
        assert f'"{name}" = "KIND"' in checked
    assert "現在の作業" not in told + checked
    answer = json.loads(run(folder, "--json", "status"))
    assert answer["unknown_headings"] == [{"file": "activeContext.md", "headings": list(UNKNOWN)}]
    run(folder, "note", "zebra", "--as", "next")
    assert not any("zebra" in below(folder, "activeContext.md", name) for name in UNKNOWN)
    assert "- zebra" in below(folder, "activeContext.md", "次のステップ")


def test_settings_say_what_a_heading_is_for(tmp_path: Path) -> None:
    settings = '[headings]\n"Мысли вслух" = "learning"\n"Roadmap 2027" = "next"\n"Ideenspeicher" = "other"\n'
    folder = make(tmp_path, {"activeContext.md": ["Next Steps", *UNKNOWN[1:]]}, settings)
    before = headings(folder)
    run(folder, "note", "they bite")
    run(folder, "note", "the fence", "--as", "next")
    assert "they bite" in below(folder, "activeContext.md", "Мысли вслух")
    assert "the fence" in below(folder, "activeContext.md", "Roadmap 2027")
    assert headings(folder) == before
    assert "no note goes to" not in run(folder, "status")
    assert "unknown-heading" not in run(folder, "check")


def test_tasks_of_a_heading_from_the_settings_are_listed(tmp_path: Path) -> None:
    folder = make(tmp_path, {"progress.md": ["Мысли вслух"]}, '[headings]\n"Мысли вслух" = "task"\n')
    assert "here 0" in run(folder, "task", "list")


def test_a_setting_with_an_invalid_kind_is_refused(tmp_path: Path) -> None:
    folder = make(tmp_path, {"activeContext.md": ["X"]}, '[headings]\n"X" = "dreams"\n')
    done = bank(folder.parent, "note", "zebra")
    assert done.returncode == 8
    assert "'dreams'" in done.stderr
    assert "learning" in done.stderr


def test_an_english_address_leads_to_the_files_own_heading(tmp_path: Path) -> None:
    folder = make(tmp_path, {"activeContext.md": ["次のステップ"], "systemPatterns.md": ["設計パターン"]})
    for address in ("activeContext.md#Next Steps", "systemPatterns.md#Design Patterns"):
        assert "here 0" in run(folder, "show", address)
    run(folder, "note", "zebra", "--to", "activeContext.md#Next Steps")
    assert "zebra" in below(folder, "activeContext.md", "次のステップ")


@pytest.mark.parametrize(
    "name",
    [
        "次のステップ以外",  # more words
        "Следующие шаги (отклонено)",  # a remark that may mean the opposite
        "~~次のステップ~~",
        "次の人",
        "Nächste Schritte der Konkurrenz",
        "Prochaines étapes / Bugs connus",  # two subjects
        "下一步 (Known Issues)",
        "Done is better",
    ],
)
def test_a_name_that_is_only_alike_is_not_known(name: str) -> None:
    assert kinds_named(name) == ()


@pytest.mark.parametrize(
    "name",
    [
        "次のステップ",
        "\uff2e\u00e4chste \uff33chritte",  # full width
        "1.2 Nächste Schritte",
        "nächste-schritte",
        "⏭ Следующие шаги…",
        "① 次のステップ",
    ],
)
def test_only_the_form_of_a_name_is_free(name: str) -> None:
    assert {each.kind for each in kinds_named(name)} == {"next"}
    assert kinds_named(unicodedata.normalize("NFD", name)) == kinds_named(name)


def test_the_language_is_that_of_most_headings() -> None:
    assert language_of(["現在の作業", "次のステップ", "Recent Changes"]) == "ja"
    assert language_of(["Current Focus", "Recent Changes", "次のステップ"]) == "en"
    assert language_of(["Anything"]) == "en"


def test_the_data_has_each_name_once_for_a_file() -> None:
    """In one language a name means one kind in one file, so that no line can go to two places."""
    places = {kind: {file} for kind, (file, _) in CLINE_NOTES.items()}
    for kind, more in CLINE_ELSEWHERE.items():
        places[kind] |= {file for file, _ in more}
    seen: dict[tuple[str, str, str], str] = {}
    for kind, language, names in DATA:
        assert unicodedata.is_normalized("NFC", names)
        forms = [form_of(name) for name in names.split(" | ")]
        assert len(forms) == len(set(forms)), (kind, language)
        for form in forms:
            for file in places.get(kind, ()):
                assert seen.setdefault((language, file, form), kind) == kind, form


@pytest.mark.parametrize("row", DATA, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_name_of_the_data_is_found_by_itself(row: list[str]) -> None:
    kind, language, names = row
    for name in names.split(" | ") if kind != "remark" else ():
        assert (kind, language) in {(each.kind, each.language) for each in kinds_named(name)}, name


def test_headings_that_a_contract_does_not_know_are_reported_too(tmp_path: Path) -> None:
    assert bank(tmp_path, "init").returncode == 0
    path = tmp_path / ".memorybank" / "progress.md"
    text = (
        path.read_text(encoding="utf-8").replace("## Tasks\n", "## 🚧 Tasks\n").replace("## Completed\n", "## 完了\n")
    )
    path.write_text(text + "\n## Мысли вслух\n\n- one\n", encoding="utf-8")
    answer = json.loads(bank(tmp_path, "--json", "status").stdout)
    assert answer["unknown_headings"] == [{"file": "progress.md", "headings": ["完了", "Мысли вслух"]}]
    checked = bank(tmp_path, "check").stdout
    assert "完了" in checked
    assert "Мысли вслух" in checked
