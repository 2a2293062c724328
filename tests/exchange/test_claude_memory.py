"""The auto memory of Claude Code: an index, and topic files with a name, a kind and links."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FILES = {
    "MEMORY.md": (
        "# Memory\n\n- [Tests first](tests-first.md) \u2014 write the failing test before the mend\n"
        "- [Gone](gone.md) - was deleted\n\n## Build\n\n- `make all`\n"
    ),
    "tests-first.md": (
        "---\nname: tests-first\ndescription: Always a failing test\nmetadata:\n  type: feedback\n  weight: 3\n---\n"
        "Write it first. See [[ci-setup]] and [[nowhere]].\n"
    ),
    "ci-setup.md": "---\nname: ci-setup\ntype: reference\n---\n# How CI runs\n\nOn push.\n",
    "debugging.md": "# Debugging\n\nRead the log.\n",
    "broken.md": "---\nname: a\nname: b\n---\nwords\n",
}


def test_index_and_topics_become_memories(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done = import_from(bank, "claude-memory", make_tree(tmp_path / "memory", FILES), way)
    found = {each.title: find_record(bank, each.id) for each in scan(bank).records}
    assert set(found) == {"Tests first", "How CI runs", "Debugging", "broken", "Memory", "Build"}
    first = found["Tests first"]
    assert (first.type, first.summary, first.tags, first.metadata["weight"]) == (
        "user",
        "Always a failing test",
        ("feedback",),
        3,
    )
    assert first.linked("relates") == (found["How CI runs"].id,)
    assert found["Build"].content == "- `make all`"
    assert found["Memory"].content == "- [Gone](gone.md) - was deleted"
    assert {each.session for each in found.values()} == {""}
    assert [each.where for each in done.misfits] == ["broken.md", "memory"]
    again = import_from(bank, "claude-memory", tmp_path / "memory", way)
    assert (again.records, again.already) == ((), 6)


def test_a_report_of_tests_comes_in_whole_and_a_token_beside_it_does_not(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    token = base64.b64encode(bytes(range(7, 43))).decode()
    report = "- **Smoke PASS:** `e2e/w3-tour.spec.ts`\n- Token: `src/k8s/x2.ts`\n"
    tree = make_tree(tmp_path / "memory", {"MEMORY.md": f"# Memory\n\n{report}- Token: `{token}`\n"})
    import_from(bank, "claude-memory", tree, way)
    (record,) = scan(bank).records
    content = find_record(bank, record.id).content
    assert report in content
    assert token not in content
    assert "- Token: `<redacted:token>`" in content


def test_a_folder_without_memory_is_refused(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    with pytest.raises(ForeignError, match=r"no MEMORY\.md"):
        import_from(bank, "claude-memory", make_tree(tmp_path / "memory", {"a.txt": "x"}), way)


def imported(bank: BankFolder, way: Way, folder: Path, **files: str) -> tuple[dict[str, Record], ImportResult]:
    """Import files, whose names are given with `__` for a slash, and give the records by their titles."""
    made = {f"{name.replace('__', '/')}.md": text for name, text in files.items()}
    done = import_from(bank, "claude-memory", make_tree(folder / "memory", made), way)
    return {each.title: find_record(bank, each.id) for each in scan(bank).records}, done


@pytest.mark.parametrize(
    ("front", "summary", "kind"),
    [
        ("description: Deploys: use make\ntype: feedback", "Deploys: use make", "user"),
        ("description: Deploys: use make\nmetadata:\n  type: feedback", "Deploys: use make", "user"),
        ("description: [half, a list\ntype: user", "[half, a list", "user"),
        ("description: 'it's'\ntype: 'user'", "it's", "user"),
        ("description: @home: yes\ntype: user # who", "@home: yes", "fact"),
        ("\tdescription: none\ndescription: tabs: no\ntype: user", "tabs: no", "user"),
        ("description: one: two\n  three\ntype: user", "one: two three", "user"),
        ("description: >\n  one: two\n  three: four\nbad: a: b\ntype: user", "one: two three: four", "user"),
        ("Description: Upper\nTYPE: User", "Upper", "user"),
        ("\ndescription: Blank line\ntype: user", "Blank line", "user"),
    ],
)
def test_front_matter_is_read_line_by_line_where_it_is_not_yaml(
    bank: BankFolder, tmp_path: Path, way: Way, front: str, summary: str, kind: str
) -> None:
    found, done = imported(bank, way, tmp_path, a=f"---\n{front}\n---\nWords.\n")
    assert (found["a"].summary, found["a"].type, found["a"].content, done.unaccounted) == (summary, kind, "Words.", ())


def test_what_a_memory_has_no_field_for_is_kept(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    front = "# by hand\nname: A B\ntype: Recipe\nmetadata:\n  type: user\n  owner: Ann\nowner: Bo\ncreated: in May"
    front += "\ntags: [x, X]"
    found, done = imported(bank, way, tmp_path, a=f"---\n{front}\n---\n# Soup\n\nHot.\n")
    soup = found["Soup"]
    assert (soup.type, soup.tags, soup.created) == ("fact", ("x", "recipe"), "")
    kept = {"type": "user", "type_": "Recipe", "owner": "Bo", "owner_": "Ann", "created": "in May"}
    assert kept.items() <= soup.metadata.items()
    assert soup.metadata["front_matter"][0] == "# by hand"
    assert [each.why for each in done.misfits] == [
        "its type 'Recipe' is not one of user, feedback, project, reference: imported as a fact",
        "created is not a time: 'in May'; kept in metadata.created",
        "1 memories have no date",
    ]


def test_lines_of_the_index_are_kept_with_the_memory_they_are_about(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    index = (
        "# Ann's notes\n\n## Ways\n\n1. **[A](a.md)** \u2013 first hook\n   more of it\n- [[b|Bee]]: second hook\n"
        "- `sub/c.md` > third hook\n\n## Again\n\n- [A](./a.md) - other hook\n\n## Todo\n"
    )
    files = {"MEMORY": index, "a": "---\ndescription: own\n---\nx\n", "b": "y\n", "sub__c": "# See\n\nz\n"}
    found, done = imported(bank, way, tmp_path, **files)
    assert set(found) == {"A", "Bee", "See"}
    assert found["A"].metadata["index"] == [
        "1. **A (a.md)** \u2013 first hook\nmore of it",
        "- A (./a.md) - other hook",
    ]
    assert found["A"].metadata["index_section"] == ["Ann's notes > Ways", "Ann's notes > Again"]
    assert (found["Bee"].summary, found["See"].summary) == ("second hook", "third hook")
    assert ("memory/MEMORY.md", "a heading without text: Todo") in done.misfits


def test_sections_of_one_title_are_known_again(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    index = "# Notes\n\n## Tips\n\n- a\n\n## Tips\n\n- b\n\nTips\n---\n\n- c\n"
    imported(bank, way, tmp_path, MEMORY=index)
    again = import_from(bank, "claude-memory", tmp_path / "memory", way)
    assert (again.records, again.already) == ((), 3)
    assert not [each for each in again.misfits if "changed" in each.why]


def test_an_index_of_a_folder_below_points_into_that_folder(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    files = {
        "reviewer__MEMORY": "- [Own](a.md) - hook\n",
        "reviewer__a": "See [x](../b.md).\n",
        "a": "other\n",
        "b": "z\n",
    }
    found, _ = imported(bank, way, tmp_path, **files)
    assert (found["Own"].summary, found["Own"].content) == ("hook", "See [x](../b.md).")
    assert (found["a"].summary, found["Own"].linked("relates")) == ("", (found["b"].id,))


def test_a_pointer_in_code_is_text(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    found, _ = imported(bank, way, tmp_path, MEMORY="```\n- [A](a.md) - hook\n```\n", a="x\n")
    assert (found["Memory"].content, found["a"].summary) == ("```\n- [A](a.md) - hook\n```", "")
