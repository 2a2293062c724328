"""Which bank a command means, what may stand in its settings, and how one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.contracts.layouts import CLINE_FILES, CONTRACT_FILES, LAYOUTS
from memorybank.errors import ArtifactError, BankError, ConfigError, NewerVersionError, NoBankError, OutsideError
from memorybank.store.actor import actor_from
from memorybank.store.config import Config, read_config, render_config
from memorybank.store.discover import find_bank
from memorybank.store.manage.init import init
from memorybank.store.view import outline_of, status_of
from memorybank.store.way import Way, WriteOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.contracts.layouts import Layout
    from memorybank.store.folder import BankFolder

    Tree = Callable[[Path], dict[str, tuple[bytes, int, int]]]


def make(project: Path, folder: str, *files: str) -> Path:
    place = project / folder
    place.mkdir(parents=True)
    for file in files:
        (place / file).write_text("# Active Context\n\n## Learnings\n\n- one\n", encoding="utf-8")
    return place


OTHERS = [each for each in LAYOUTS if each.name != "memorybank"]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: each.name)
def test_each_layout_is_found_from_below(tmp_path: Path, layout: Layout) -> None:
    place = make(tmp_path, layout.folder, "activeContext.md")
    deep = tmp_path / "src" / "deep"
    deep.mkdir(parents=True)
    bank = find_bank(deep, environ={})
    assert (bank.folder, bank.project, bank.layout.name) == (place, tmp_path, layout.name)


def test_layouts_are_looked_for_in_order(tmp_path: Path) -> None:
    """The first that is there is used: our own, then cc10x from new to old, then Cline."""
    for layout in reversed(LAYOUTS):
        if layout.name != "cc10x-v9":
            make(tmp_path, layout.folder, "activeContext.md")
            assert find_bank(tmp_path, environ={}).layout == layout


def test_the_nearest_folder_wins(tmp_path: Path) -> None:
    make(tmp_path, ".memorybank")
    inner = make(tmp_path / "inner", "memory-bank", "activeContext.md")
    assert find_bank(tmp_path / "inner", environ={}).folder == inner


def test_a_folder_of_that_name_without_its_marker_is_no_bank(tmp_path: Path) -> None:
    make(tmp_path, ".cc10x")
    with pytest.raises(NoBankError) as caught:
        find_bank(tmp_path, named=str(tmp_path), environ={})
    assert caught.value.hint == f"bank init {tmp_path}"


def test_a_named_bank_comes_before_the_environment_and_that_before_the_search(tmp_path: Path) -> None:
    named, variable, here = (make(tmp_path / name, ".memorybank") for name in ("a", "b", "c"))
    environ = {"MEMORYBANK_DIR": str(variable)}
    assert find_bank(here.parent, named=str(named), environ=environ).folder == named
    assert find_bank(here.parent, environ=environ).folder == variable
    assert find_bank(here.parent, environ={}).folder == here


@pytest.mark.parametrize("layout", [each.name for each in LAYOUTS])
def test_a_bank_is_named_by_its_folder_or_by_its_project(tmp_path: Path, layout: str) -> None:
    kind = next(each for each in LAYOUTS if each.name == layout)
    place = make(tmp_path, kind.folder, "activeContext.md")
    for named in (place, tmp_path):
        bank = find_bank(tmp_path, named=str(named), environ={})
        assert (bank.folder, bank.project, bank.layout.name) == (place, tmp_path, layout)


def test_a_named_bank_is_relative_to_here_and_knows_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make(tmp_path, ".memorybank")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_bank(tmp_path, named=".memorybank", environ={}).folder == place
    assert find_bank(tmp_path / "elsewhere", named="~", environ={}).folder == place


def test_a_folder_of_any_name_is_a_bank_by_what_it_holds(tmp_path: Path) -> None:
    ours = make(tmp_path, "mine", "activeContext.md")
    cline = make(tmp_path, "theirs", "activeContext.md", "projectbrief.md")
    assert find_bank(tmp_path, named=str(ours), environ={}).layout.name == "memorybank"
    assert find_bank(tmp_path, named=str(cline), environ={}).layout.name == "cline"


@pytest.mark.parametrize("named", ["nowhere", "file.txt", ""])
def test_what_is_named_and_is_none_is_told(tmp_path: Path, named: str) -> None:
    (tmp_path / "file.txt").write_bytes(b"")
    with pytest.raises(NoBankError):
        find_bank(tmp_path, named=named, environ={"MEMORYBANK_DIR": str(tmp_path)})


def test_init_makes_the_three_files_and_settings(bank: BankFolder) -> None:
    names = sorted(path.name for path in bank.folder.iterdir())
    assert names == sorted([".state", *CONTRACT_FILES, "bank.toml"])
    assert (bank.state / ".gitignore").read_bytes() == b"*\n"
    assert bank.config.name == "project"
    assert "2026-11-21 05:30 UTC" in (bank.folder / "progress.md").read_text(encoding="utf-8")


def test_init_again_touches_nothing(bank: BankFolder, way: Way, tree: Tree) -> None:
    before = {name: each for name, each in tree(bank.folder).items() if not name.startswith(".state")}
    again = init(bank.project, way)
    after = {name: each for name, each in tree(bank.folder).items() if not name.startswith(".state")}
    assert after == before
    assert again.receipt.operation == ""
    assert again.kept == (*CONTRACT_FILES, "bank.toml")


def test_init_completes_what_is_there(tmp_path: Path, way: Way) -> None:
    place = make(tmp_path, ".memorybank", "activeContext.md")
    before = (place / "activeContext.md").read_bytes()
    started = init(tmp_path, way)
    assert [each.file for each in started.receipt.files] == ["patterns.md", "progress.md", "bank.toml"]
    assert (place / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize("layout", [each.name for each in OTHERS])
def test_another_layout_is_not_doubled_by_accident(tmp_path: Path, way: Way, layout: str) -> None:
    kind = next(each for each in LAYOUTS if each.name == layout)
    make(tmp_path, kind.folder, "activeContext.md")
    with pytest.raises(ArtifactError) as caught:
        init(tmp_path, way)
    assert "--adopt" in caught.value.hint
    assert not (tmp_path / ".memorybank").exists()


@pytest.mark.parametrize("layout", [each.name for each in OTHERS])
def test_an_adopted_bank_is_used_where_it_stands_and_its_files_are_not_touched(
    tmp_path: Path, way: Way, layout: str
) -> None:
    kind = next(each for each in LAYOUTS if each.name == layout)
    place = make(tmp_path, kind.folder, "activeContext.md")
    file = place / "activeContext.md"
    before = file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino
    started = init(tmp_path, way, adopt=True)
    assert started.bank.folder == place
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before
    made = {path.name for path in place.iterdir()} - {".state", "activeContext.md"}
    assert made == ({"patterns.md", "progress.md"} if kind.contracted else set())


def test_a_cline_bank_shows_its_own_files(tmp_path: Path) -> None:
    make(tmp_path, "memory-bank", *CLINE_FILES)
    bank = find_bank(tmp_path, environ={})
    assert bank.main_files == CLINE_FILES
    assert [each.file for each in status_of(bank).files] == list(CLINE_FILES)
    assert outline_of(bank, "projectbrief")[0] == "projectbrief.md"


def test_a_dry_init_makes_nothing(tmp_path: Path, way: Way) -> None:
    started = init(tmp_path, Way(way.author, WriteOptions(dry_run=True)))
    assert list(tmp_path.iterdir()) == []
    assert [each.file for each in started.receipt.files] == [*CONTRACT_FILES, "bank.toml"]
    assert "+# Progress Tracking" in started.receipt.files[2].diff


def test_settings_are_read_as_they_are_written(tmp_path: Path) -> None:
    config = Config(name='a "quoted" nämé')
    (tmp_path / "bank.toml").write_text(render_config(config), encoding="utf-8")
    assert read_config(tmp_path / "bank.toml") == config
    assert read_config(tmp_path / "none.toml") == Config()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name = 3", "name must be a string"),
        (b'layout = "1"', "layout must be an integer"),
        (b"layout = true", "layout must be an integer"),
        (b"kept_megabytes = 0", "kept_megabytes must be at least 1"),
        (b"name = ", "Invalid value"),
        (b'name = "\xe9"', "utf-8"),
    ],
)
def test_a_fault_in_the_settings_is_told(tmp_path: Path, text: bytes, words: str) -> None:
    (tmp_path / "bank.toml").write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "bank.toml")
    assert words in caught.value.message


def test_a_bank_of_a_newer_program_is_not_written_to(bank: BankFolder, way: Way, tree: Tree) -> None:
    from memorybank.store.journal.commit import commit

    (bank.folder / "bank.toml").write_text("layout = 99\n", encoding="utf-8")
    fresh = find_bank(bank.project, environ={})
    before = tree(bank.folder)
    with pytest.raises(NewerVersionError) as caught:
        commit(fresh, [], "note", way)
    assert caught.value.exit_status == 8
    assert tree(bank.folder) == before


NAMES = [
    "",
    "..",
    "../..",
    "../outside.md",
    "a/../../../outside.md",
    "/etc/passwd",
    "/etc/hostname.md",
    "//etc/passwd",
    "~/x.md/../../../..",
    ".state/journal.jsonl",
    ".state/lock",
    ".git/config",
    "sub/.git/config",
    "x\0.md",
    "x\n.md",
    "x\x1b[2J.md",
    "x\x7f.md",
    "\r.md",
    "\t.md",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_lead_out_are_refused(bank: BankFolder, name: str) -> None:
    with pytest.raises(BankError) as caught:
        outline_of(bank, name)
    assert caught.value.code in {"outside", "no-file", "permission"}
    if name not in {"..", "~/x.md/../../../.."}:
        assert isinstance(caught.value, OutsideError)


@pytest.mark.parametrize("name", ["activeContext", "activeContext.md", "./activeContext.md", "ACTIVECONTEXT"])
def test_a_contract_file_is_named_as_people_type_it(bank: BankFolder, name: str) -> None:
    assert bank.locate(name)[1] == "activeContext.md"


def test_a_file_of_the_project_is_named_from_the_project(bank: BankFolder) -> None:
    (bank.project / "docs").mkdir()
    (bank.project / "docs" / "api.md").write_bytes(b"# API\n")
    for name in ("docs/api.md", "docs/api", str(bank.project / "docs" / "api.md")):
        assert bank.existing(name) == (bank.project / "docs" / "api.md", "docs/api.md")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ("cli", "")),
        ({"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s"}, ("claude-code", "s")),
        ({"MEMORYBANK_SOURCE_TOOL": "mine", "CLAUDECODE": "1", "MEMORYBANK_SESSION": "t"}, ("mine", "t")),
        ({"MEMORYBANK_SESSION": "x" * 200}, ("cli", "x" * 80)),
        ({"MEMORYBANK_SOURCE_TOOL": "a\nb\x1b[31m", "MEMORYBANK_SESSION": " \n"}, ("a b [31m", "")),
    ],
)
def test_the_actor_is_told_by_the_environment(environ: dict[str, str], expected: tuple[str, str]) -> None:
    assert actor_from(environ)[:2] == expected


def test_a_file_named_as_a_bank_leads_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Here\n", encoding="utf-8")
    with pytest.raises(NoBankError) as caught:
        find_bank(tmp_path, named=str(tmp_path / "README.md"), environ={})
    assert caught.value.hint == f"bank status --bank {tmp_path}"
