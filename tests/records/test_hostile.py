"""What people and programs put into fields: kept as it is, or refused with a reason; never half, never elsewhere."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import BankError, FieldError, NoRecordError, SecretError, UnsupportedTextError
from memorybank.records.draft import NewRecord
from memorybank.records.fields import parse_link, parse_metadata
from memorybank.records.filter import Filter, select
from memorybank.records.find import scan
from memorybank.records.memories.memories import delete, recall, save, update
from memorybank.records.record import Link
from memorybank.store.journal.redo import redo
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4eFgH7"
TITLES = [
    "../../../etc/passwd",
    "..",
    "/absolute",
    "a/b\\c",
    "CON",
    "nul.txt",
    "x" * 180,
    "é" * 150,
    "日本語のタイトル",
    "🎉🎉",
    "---",
    "# heading",
    "## heading ##",
    "- item",
    "a: b",
    "'quoted' \"twice\"",
    "<!-- comment",
    "```",
    "[link](x) `code`",
    "trailing #",
    "{title}",
    "%s %d {0}",
    ".hidden",
    "-rf",
    "~",
    "title\nsecond line",
]


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_title_is_whole_or_refused(bank: BankFolder, way: Way) -> None:
    """What is cut without a word is lost."""
    with pytest.raises(FieldError, match="300 characters"):
        save(bank, NewRecord("Text.", title="x" * 300), way)
    ident = save(bank, NewRecord("Text.", title="x" * 200), way).record.id
    with pytest.raises(FieldError, match="201 characters"):
        update(bank, ident, way, title="x" * 201)
    assert recall(bank, ident).title == "x" * 200


@pytest.mark.parametrize("title", TITLES)
def test_any_title_has_a_file_of_its_own_in_the_bank(bank: BankFolder, way: Way, title: str) -> None:
    before = files_of(bank.project.parent)
    record = save(bank, NewRecord("Text.", title=title), way).record
    new = {each for each in files_of(bank.project.parent) - before if ".state" not in each}
    assert new == {f"project/.memorybank/{record.file}"}
    name = record.file.rpartition("/")[2]
    assert name.startswith(f"{record.id}-" if name != f"{record.id}.md" else record.id)
    assert len(name.encode()) <= 255
    assert recall(bank, record.id).content == "Text."
    assert " ".join(title.split()).strip("# ") in recall(bank, record.id).title


@pytest.mark.parametrize(
    "content",
    [
        "---\nid: other\n---\nText",
        "# A title of its own\n\nText",
        "```\nnever closed",
        "<!-- never closed",
        "a\r\nb\r\nc",
        "x" * 100_000,
        "\n\n\nText\n\n\n",
        "- a\n- b\n\n## Section\n\ntext",
    ],
)
def test_any_content_comes_back(bank: BankFolder, way: Way, content: str) -> None:
    record = save(bank, NewRecord(content, title="T"), way).record
    assert recall(bank, record.id) == record
    held = record.content.replace("\r\n", "\n")
    assert held == content.replace("\r\n", "\n").strip("\n")
    assert (record.id[:3], record.title) == ("fct", "T")
    assert update(bank, record.id, way, content=content).receipt.operation == ""


@pytest.mark.parametrize("sections", [[("", "x")], [("#", "x")], [("Notes", " ")], [("\x1b", "x")]])
def test_a_section_has_a_name_and_some_text(bank: BankFolder, way: Way, sections: list[tuple[str, str]]) -> None:
    with pytest.raises((FieldError, UnsupportedTextError)):
        save(bank, NewRecord("", sections=sections), way)


def test_a_sections_name_is_one_line(bank: BankFolder, way: Way) -> None:
    record = save(bank, NewRecord("", title="T", sections=[("Two\nlines", "x")]), way).record
    assert record.content == "## Two lines\n\nx"


@pytest.mark.parametrize("content", ["", "  \n ", "\x00", "a\x1b[31mb", "a\u202eb", "\udcff", "a\u200bb", "\ufeffa"])
def test_what_nobody_sees_is_refused(bank: BankFolder, way: Way, content: str) -> None:
    with pytest.raises(UnsupportedTextError):
        save(bank, NewRecord(content), way)
    assert scan(bank).records == []


@pytest.mark.parametrize(
    "given",
    [
        {"content": TOKEN},
        {"title": TOKEN},
        {"summary": f"token {TOKEN}"},
        {"project": TOKEN},
        {"metadata": {"key": TOKEN}},
        {"metadata": {"deep": {"er": [TOKEN]}}},
        {"tags": ["a"], "metadata": {"url": "postgres://admin:Sup3rS3cret9x@db.internal/prod"}},
        {"links": [Link("see", f"https://x.org/?t={TOKEN}")]},
        {"sections": [("Notes", TOKEN)]},
        {"overrides": {"source_repo": TOKEN}},
    ],
)
def test_a_secret_in_any_field_is_refused_and_not_shown(bank: BankFolder, way: Way, given: dict[str, Any]) -> None:
    with pytest.raises(SecretError) as caught:
        save(bank, NewRecord(given.pop("content", "Text."), **given), way)
    assert TOKEN not in str(caught.value.to_wire())
    assert scan(bank).records == []
    assert not any(TOKEN.encode() in path.read_bytes() for path in bank.folder.rglob("*") if path.is_file())


def test_a_secret_is_refused_on_update_too_and_one_that_is_there_stays(bank: BankFolder, way: Way) -> None:
    record = save(
        bank, NewRecord(f"Text with {TOKEN}"), Way(way.author, WriteOptions(allow_secrets=("github-token",)))
    ).record
    with pytest.raises(SecretError):
        update(bank, record.id, way, title=TOKEN[:-2] + "Zz")
    assert update(bank, record.id, way, tags=["+a"]).record.tags == ("a",)


@pytest.mark.parametrize(
    "tag",
    ["Upper", "two words", "snake_case", "-x", "x-", "a,b", "a--b", "ünï code", "x" * 61, "#", "a[b", "🎉", "a:b"],
)
def test_what_is_no_tag_is_refused_with_what_it_could_be(bank: BankFolder, way: Way, tag: str) -> None:
    with pytest.raises(FieldError) as caught:
        save(bank, NewRecord("x", tags=[tag]), way)
    assert caught.value.hint


@pytest.mark.parametrize("tag", ["a", "c++", "c#", "ünïcode ", "node.js", "a/b", "v1.2", "日本", "#hash", "x" * 60])
def test_tags_that_people_use(bank: BankFolder, way: Way, tag: str) -> None:
    record = save(bank, NewRecord("x", tags=[tag]), way).record
    assert record.tags == (tag.removeprefix("#").strip(),)
    assert [each.id for each in select(bank, Filter(tags=record.tags)).records] == [record.id]


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("k=1", 1),
        ("k=01", "01"),
        ("k=true", True),
        ("k=True", "True"),
        ("k=yes", "yes"),
        ("k=null", None),
        ("k=1.5", 1.5),
        ("k=1e400", "1e400"),
        ("k=NaN", "NaN"),
        ("k=Infinity", "Infinity"),
        ("k=2026-11-21", "2026-11-21"),
        ('k="1"', "1"),
        ('k=[1, "a"]', [1, "a"]),
        ('k={"a": {"b": [null]}}', {"a": {"b": [None]}}),
        ("k=a=b", "a=b"),
        ("k=", ""),
        ("k={broken", "{broken"),
        ("k=a: b # c", "a: b # c"),
        ("k=line\nline", "line\nline"),
        ("k=" + "9" * 30, int("9" * 30)),
    ],
)
def test_metadata_comes_back_as_it_was_given(bank: BankFolder, way: Way, pair: str, value: Any) -> None:
    given = parse_metadata([pair])
    assert given == {"k": value}
    record = save(bank, NewRecord("x", metadata=given), way).record
    if value not in ("", None):
        assert recall(bank, record.id).metadata == {"k": value}
    updated = update(bank, save(bank, NewRecord("y"), way).record.id, way, metadata=given).record
    assert updated.metadata == {"k": value}


@pytest.mark.parametrize(
    "pair", ["", "=x", "no equals", "a b=x", "a:b=x", "é=x", f"{'k' * 101}=x", 'k={"' + "n" * 101 + '": 1}']
)
def test_metadata_without_a_usable_name_is_refused(pair: str) -> None:
    with pytest.raises(FieldError):
        parse_metadata([pair])


def test_metadata_too_deep_or_too_long_is_refused(bank: BankFolder, way: Way) -> None:
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    for value in (deep, "x" * 70_000):
        with pytest.raises(FieldError):
            save(bank, NewRecord("x", metadata={"k": value}), way)
    one = save(bank, NewRecord("x"), way).record
    with pytest.raises(FieldError):
        update(bank, one.id, way, metadata={"k": "x" * 70_000})
    assert recall(bank, one.id) == one
    long = "é" * 60_000
    assert save(bank, NewRecord("x", metadata={"k": long}), way).record.metadata == {"k": long}
    assert scan(bank).broken == []


@pytest.mark.parametrize("text", ["", "relates:", "realtes:x", "relates:a b", "relates:[x]", "see:a,b", ":x"])
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(FieldError):
        parse_link(text)


@pytest.mark.parametrize("ident", ["", " ", "../x", "/etc/passwd", "zzz-20200101-aaa", "*", "fct", "\x00", "x" * 5000])
def test_an_id_that_is_none_is_told(bank: BankFolder, way: Way, ident: str) -> None:
    save(bank, NewRecord("one"), way)
    save(bank, NewRecord("two"), way)
    with pytest.raises(NoRecordError):
        recall(bank, ident)


def test_a_prefix_that_only_one_has_is_enough(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("one", kind="code"), way).record
    save(bank, NewRecord("two"), way)
    for ident in (one.id, one.id[:-1], "cod", f"{one.id}.md", one.file, f"{one.id}-one"):
        assert recall(bank, ident).id == one.id


def test_a_whole_id_comes_before_one_that_it_begins(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    for name in ("fct-20261121-aaaaa", "fct-20261121-aaaaab", "use", "use-redis"):
        (folder / f"{name}.md").write_text(f"---\nid: {name}\n---\n{name}\n")
    assert recall(bank, "fct-20261121-aaaaa").id == "fct-20261121-aaaaa"
    assert recall(bank, "use").id == "use"
    assert recall(bank, "use-r").id == "use-redis"


def test_an_id_that_only_the_front_matter_tells_is_found(bank: BankFolder) -> None:
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    (folder / "renamed-by-hand.md").write_text("---\nid: fct-20261121-zzzzz\n---\nText\n")
    assert recall(bank, "fct-20261121-zzz").file == "memories/fact/renamed-by-hand.md"


def test_links_out_of_the_bank_are_not_followed(bank: BankFolder, way: Way, tmp_path: Path) -> None:
    record = save(bank, NewRecord("x"), way).record
    outside = tmp_path / "outside.md"
    outside.write_text("---\nid: fct-outside\n---\nsecret\n")
    (bank.folder / "memories" / "fact" / "fct-20200101-aaaaa.md").symlink_to(outside)
    with pytest.raises(BankError):
        recall(bank, "fct-20200101-aaaaa")
    found = scan(bank)
    assert [each.id for each in found.records] == [record.id]
    assert [each.file for each in found.broken] == ["memories/fact/fct-20200101-aaaaa.md"]


def test_a_pipe_or_a_folder_among_the_records_hangs_nothing(bank: BankFolder, way: Way) -> None:
    record = save(bank, NewRecord("x"), way).record
    folder = bank.folder / "memories" / "fact"
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    (folder / "locked.md").write_text("x")
    found = scan(bank)
    assert record.id in [each.id for each in found.records]
    assert {each.file.rpartition("/")[2] for each in found.broken} == {"pipe.md", "folder.md"}


BROKEN = {
    "unclosed list": ("tags: [a", 8),
    "tab": ("\ttags: a", 4),
    "twice": ("id: x\nid: y", 4),
    "alias": ("a: &x 1\nb: *x", 5),
    "conflict": ("<<<<<<< ours\nstatus: active\n=======\nstatus: x\n>>>>>>> theirs", 4),
    "object": ("a: !!python/object:os.system x", 4),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_broken_record_is_told_and_all_others_work(bank: BankFolder, way: Way, damage: str) -> None:
    """A person edits by hand and breaks the YAML: no write to it is lost, none is made over it."""
    good, bad = save(bank, NewRecord("good", tags=["a"]), way).record, save(bank, NewRecord("bad"), way).record
    path = bank.folder / bad.file
    text = path.read_text().replace("created:", f"{BROKEN[damage][0]}\ncreated:", 1)
    path.write_text(text)
    found = scan(bank)
    assert [each.id for each in found.records] == [good.id]
    assert [each.file for each in found.broken] == [bad.file]
    assert found.broken[0].line > 1
    assert found.broken[0].why
    assert [each.id for each in select(bank, Filter(tags=("a",))).records] == [good.id]
    for change in ({"tags": ["+b"]}, {"status": "deprecated"}, {"content": "new"}):
        with pytest.raises(BankError):
            update(bank, bad.id, way, **change)
    assert path.read_text() == text
    assert update(bank, good.id, way, tags=["+b"]).record.tags == ("a", "b")


@pytest.mark.parametrize(
    ("field", "why"), [(b"who: Ren\xe9", "a byte that is not UTF-8"), (b"who: a\x01b", "U\\+0001")]
)
def test_a_character_that_yaml_has_not_is_told_with_its_line(
    bank: BankFolder, way: Way, field: bytes, why: str
) -> None:
    path = bank.folder / save(bank, NewRecord("Text."), way).record.file
    path.write_bytes(path.read_bytes().replace(b"created:", field + b"\ncreated:"))
    broken = scan(bank).broken[0]
    assert path.read_bytes().split(b"\n")[broken.line - 1] == field
    assert re.search(why, broken.why)
    assert "\n" not in broken.why


def test_a_person_reorders_and_adds_and_writes_go_on(bank: BankFolder, way: Way) -> None:
    record = save(bank, NewRecord("Text.", tags=["a"], metadata={"k": 1}), way).record
    path = bank.folder / record.file
    head, body = path.read_text().split("---\n")[1:]
    rows = [row for row in head.split("\n") if row]
    nested = rows.index("metadata:")
    rows = ["# mine", "mood: 'good'", *rows[nested:], *reversed(rows[:nested])]
    path.write_text("---\n" + "\n".join(rows) + "\n---\n" + body)
    update(bank, record.id, way, tags=["+b"], metadata={"k": 2, "new": "x"})
    after = path.read_text()
    assert "# mine\nmood: 'good'\nmetadata:\n  k: 2\n  new: x\n" in after
    assert recall(bank, record.id).tags == ("a", "b")
    assert recall(bank, record.id).fields["mood"] == "good"


def test_an_archived_record_can_be_read_and_its_deletion_undone(bank: BankFolder, way: Way) -> None:
    from memorybank.store.journal.undo import undo

    record = save(bank, NewRecord("Text."), way).record
    done = delete(bank, record.id, way)
    with pytest.raises(NoRecordError):
        recall(bank, record.id)
    assert recall(bank, record.id, archived=True).content == "Text."
    undo(bank, done.receipt.operation, way)
    assert recall(bank, record.id) == record
    hard = delete(bank, record.id, way, hard=True)
    assert not (bank.folder / record.file).exists()
    undo(bank, hard.receipt.operation, way)
    assert recall(bank, record.id) == record


@pytest.mark.parametrize("hard", [False, True])
def test_a_record_of_windows_moves_and_comes_back_byte_for_byte(bank: BankFolder, way: Way, *, hard: bool) -> None:
    record = save(bank, NewRecord("text", title="Windows"), way).record
    path = bank.folder / record.file
    data = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\xff\r"
    path.write_bytes(data)
    delete(bank, record.id, way, hard=hard)
    if not hard:
        assert (bank.folder / "archive" / record.file).read_bytes() == data
    undo(bank, "", way)
    assert path.read_bytes() == data
    redo(bank, way)
    assert not path.exists()
    undo(bank, "", way)
    assert path.read_bytes() == data


def test_brackets_without_end_are_refused_before_they_cost(bank: BankFolder, way: Way) -> None:
    record = save(bank, NewRecord("text"), way).record
    path = bank.folder / record.file
    path.write_text(path.read_text(encoding="utf-8").replace("type: fact\n", f"type: fact\nx: {'[' * 60_000}\n"))
    (broken,) = scan(bank).broken
    assert "deeper than" in broken.why


@pytest.mark.parametrize("name", ["docs/research", "docs", ".memorybank/memories"])
def test_a_folder_that_leads_out_is_told_and_not_read(bank: BankFolder, way: Way, name: str) -> None:
    outside = bank.project.parent / "outside" / "research"
    outside.mkdir(parents=True)
    (outside / "2026-11-21-theirs.md").write_text("# Nobody's business\n", encoding="utf-8")
    (outside.parent / "fact").symlink_to(outside)
    save(bank, NewRecord("text", kind="fact"), way)
    path = bank.project / name
    if path.is_dir():
        path.rename(bank.project / "away")
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside if name == "docs/research" else outside.parent)
    found = scan(bank, every=True)
    assert not [each for each in found.records if "Nobody" in each.title]
    assert any("it is a link to" in each.why for each in found.broken)
    with pytest.raises(NoRecordError):
        recall(bank, "2026-11-21-theirs")
