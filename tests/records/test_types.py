"""The template is the type: the shipped ones, a user's own, and those that cannot be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import ConfigError, FieldError, NoTypeError, UnsupportedTextError
from memorybank.records._generate import render
from memorybank.records._generated import SHIPPED
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.memories import recall, save, update
from memorybank.records.templates import SHIPPED_TYPES, load_type, load_types, parse_type

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

RECIPE = """---
record: recipe
purpose: How a dish is made
prefix: rcp
folder: memories/recipe
file: "{id}-{slug}"
statuses:
  draft: [tried]
  tried: [draft]
fields:
  serves: {kind: number, required: true}
  course: {kind: text, choices: [starter, main]}
sections:
  - {name: Ingredients, required: true}
  - Steps
---
# {title}

## Ingredients
"""


def own_type(bank: BankFolder, text: str, name: str = "recipe") -> None:
    folder = bank.folder / "templates" / "records"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)


def test_every_shipped_template_is_kept_as_a_value() -> None:
    assert {each.name for each in SHIPPED.values()} == set(SHIPPED_TYPES)


@pytest.mark.parametrize("name", SHIPPED_TYPES)
def test_a_shipped_type_is_whole(name: str) -> None:
    kind = load_type(None, name)
    known = {status for status, _ in kind.statuses}
    assert kind.name == name
    assert kind.purpose
    assert all(set(following) <= known for _, following in kind.statuses)
    assert [each.name for each in kind.sections if each.required and f"## {each.name}\n" not in kind.body] == []


def test_prefixes_are_told_apart() -> None:
    prefixes = [load_type(None, name).prefix for name in SHIPPED_TYPES]
    assert len(set(prefixes)) == len(prefixes)


def test_a_users_own_type_needs_no_code(bank: BankFolder, way: Way) -> None:
    own_type(bank, RECIPE)
    saved = save(
        bank,
        NewRecord("", kind="recipe", title="Soup", fields={"serves": "4"}, sections=[("ingredients", "- water")]),
        way,
    ).record
    assert saved.file.startswith("memories/recipe/rcp-20261121-")
    assert (saved.status, saved.fields["serves"]) == ("draft", 4)
    assert [each.id for each in scan(bank).records] == [saved.id]
    assert update(bank, saved.id, way, status="tried").record.status == "tried"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"fields": {}}, FieldError),
        ({"fields": {"serves": "four"}}, FieldError),
        ({"fields": {"serves": 4, "course": "pudding"}}, FieldError),
        ({"fields": {"serves": 4, "serve": 1}}, FieldError),
        ({"fields": {"serves": 4, "status": "tried"}}, FieldError),
        ({"fields": {"serves": 4}, "status": "eaten"}, FieldError),
        ({"fields": {"serves": 4}, "sections": [("Steps", "Boil")]}, FieldError),
        ({"fields": {"serves": 4}, "sections": [("Stebs", "Boil")]}, FieldError),
        ({"fields": {"serves": 4}, "title": ""}, UnsupportedTextError),
    ],
)
def test_what_the_template_does_not_allow_is_refused(
    bank: BankFolder, way: Way, given: dict[str, Any], error: type[Exception]
) -> None:
    own_type(bank, RECIPE)
    with pytest.raises(error):
        save(bank, NewRecord("", kind="recipe", **{"title": "Soup", **given}), way)
    assert scan(bank).records == []


def test_an_own_template_takes_the_place_of_a_shipped_one(bank: BankFolder) -> None:
    own_type(bank, RECIPE.replace("recipe", "fact"), "fact")
    assert load_type(bank, "fact").prefix == "rcp"
    assert load_type(None, "fact").prefix == "fct"


def test_records_of_a_type_that_is_gone_are_still_there(bank: BankFolder, way: Way) -> None:
    own_type(bank, RECIPE)
    ident = save(bank, NewRecord("Boil.", kind="recipe", title="Soup", fields={"serves": 2}), way).record.id
    (bank.folder / "templates" / "records" / "recipe.md").unlink()
    assert [each.type for each in scan(bank).records] == ["recipe"]
    assert recall(bank, ident).content == "Boil."
    with pytest.raises(NoTypeError):
        update(bank, ident, way, status="tried")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RECIPE, ""),
        (RECIPE, "# Only a page\n"),
        ("record: recipe", "record: other"),
        ("purpose: How a dish is made", "purpose: 7"),
        ("prefix: rcp\n", ""),
        ("folder: memories/recipe", "folder: ../outside"),
        ("folder: memories/recipe", "folder: memories/../../outside"),
        ("folder: memories/recipe", "folder: /etc"),
        ("folder: memories/recipe", "folder: .state"),
        ("folder: memories/recipe", "folder: archive/memories"),
        ("folder: memories/recipe", "folder: memories/.state"),
        ('file: "{id}-{slug}"', 'file: "../{id}"'),
        ('file: "{id}-{slug}"', 'file: "{id}-{name}"'),
        ("prefix: rcp", "prefix: ../rcp"),
        ("prefix: rcp", "prefix: r c p"),
        ("draft: [tried]", "draft: [eaten]"),
        ("draft: [tried]", "draft: tried"),
        ("kind: number", "kind: numbers"),
        ("choices: [starter, main]", "choices: starter"),
        ("  - Steps", "  - 7"),
        ("sections:\n", "sections: none\nx-sections:\n"),
        ("purpose:", "purpse: x\npurpose:"),
        ("prefix: rcp", "prefix: [rcp"),
    ],
)
def test_a_template_that_cannot_be_understood_is_told_and_others_work(
    bank: BankFolder, way: Way, old: str, new: str
) -> None:
    assert old in RECIPE
    own_type(bank, RECIPE.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_type(bank, "recipe")
    assert caught.value.where == "templates/records/recipe.md"
    assert set(SHIPPED_TYPES) <= set(load_types(bank))
    assert save(bank, NewRecord("A fact."), way).record.type == "fact"


def test_the_kept_values_are_those_of_the_templates() -> None:
    """Made anew by `python -m memorybank.records._generate`."""
    from pathlib import Path

    import memorybank.records._generated as module

    assert module.__file__ is not None
    assert Path(module.__file__).read_text(encoding="utf-8") == render()


def test_a_status_goes_where_the_template_says(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("x", kind="decision", status="proposed"), way).record.id
    assert update(bank, one, way, status="accepted").record.status == "accepted"
    with pytest.raises(FieldError, match="'rejected' cannot follow"):
        update(bank, one, way, status="rejected")
    assert update(bank, one, way, status="accepted").receipt.operation == ""
    with pytest.raises(FieldError) as caught:
        update(bank, one, way, status="superseded")
    assert caught.value.hint == f"bank supersede {one} NEW"


def test_a_type_may_be_read_without_a_bank() -> None:
    assert parse_type(RECIPE.encode(), "templates/records/recipe.md", "recipe").folder == "memories/recipe/"
