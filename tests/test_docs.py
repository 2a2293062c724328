"""The documents say what is: the README's commands are those of CI, links lead somewhere, the map is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setup_lines() -> list[str]:
    """Give the README's command lines that make an environment, as a reader would copy them."""
    return re.findall(r"^(?:\$ )?(python3 -m venv \.venv && .+)$", text_of("README.md"), re.MULTILINE)


def anchors_of(name: str) -> set[str]:
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", text_of(name)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_shows_both_commands_on_its_first_screen() -> None:
    """A newcomer needs one line to see it work and one to see it proven, before any scrolling."""
    first_screen = text_of("README.md").split("\n## ")[0]
    main_job, tests = setup_lines()[:2]
    assert main_job.endswith("&& .venv/bin/bank tour")
    assert tests.endswith("&& .venv/bin/python -m pytest -n auto")
    assert main_job in first_screen
    assert tests in first_screen


def test_ci_runs_the_tests_as_the_readme_says() -> None:
    """What the README promises is what CI proves: the same pytest words, in CI's own environment."""
    command = setup_lines()[1].rsplit("&& ", 1)[1].replace(".venv/", ".ci-venv/")
    steps = [line.removeprefix("step ") for line in text_of(".ci/run").split("\n")]
    assert command in steps


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in LINK.findall(FENCE.sub("", text_of(page))):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), f"{page} links {target}"
        if anchor:
            assert anchor in anchors_of(there.resolve().relative_to(ROOT).as_posix()), f"{page} links {target}"


def test_every_page_can_be_found_from_the_readme() -> None:
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert pages - set(LINK.findall(text_of("README.md"))) == set()


def test_every_command_is_named_in_the_readme() -> None:
    from memorybank.cli.main import COMMANDS

    readme = text_of("README.md")
    assert [each for each in COMMANDS if f"`{each}`" not in readme and f"`bank {each}" not in readme] == []


def test_the_exit_statuses_name_the_code_of_every_error() -> None:
    """An agent branches on them: a code that is nowhere told cannot be prepared for."""
    declared = re.compile(r'^class \w+\((\w+)\):(?:(?!^class ).)*?^    code = "([a-z-]+)"', re.MULTILINE | re.DOTALL)
    files = list((ROOT / "memorybank").rglob("*.py"))
    codes = {code for path in files for _, code in declared.findall(path.read_text(encoding="utf-8"))}
    rows = text_of("docs/errors.md").split("\n## Exit statuses\n")[1]
    assert "stale-edit" in codes
    assert codes - set(re.findall(r"`([a-z-]+)`", rows)) == set()


def test_the_map_stays_short() -> None:
    assert text_of("ARCHITECTURE.md").count("\n") < 200


def test_the_map_names_every_folder_and_no_module_that_is_not_there() -> None:
    """A map that misses a room, or shows one that was torn down, is worse than none."""
    rooms = re.search(r"^```text\nmemorybank/\n(.*?)^templates/", text_of("ARCHITECTURE.md"), re.MULTILINE | re.DOTALL)
    assert rooms is not None
    package = ROOT / "memorybank"
    folders: set[str] = set()
    above: list[str] = []
    for line in rooms.group(1).split("\n")[:-1]:
        indent, words = re.match(r"( *)(.*)", line).groups()  # type: ignore[union-attr]  # it matches any line
        del above[len(indent) // 2 - 1 :]
        named = re.match(r"(?:\w+/ ?)+", words)
        names = named.group().replace("/", "").split() if named else []
        folders.update("/".join([*above, name]) for name in names)
        if len(names) == 1:
            above.append(names[0])
        for module in re.findall(r"\b\w+\.py\b", words):
            assert package.joinpath(*above, module).is_file(), f"shown, but not there: {module} in {'/'.join(above)}"
    there = {path.parent.relative_to(package).as_posix() for path in package.rglob("*.py")} - {"."}
    assert folders == there


def test_the_table_of_stages_is_what_the_template_says() -> None:
    """Made by `recall.stages.markdown_of`; what a bank of its own says is printed by `bank load --table`."""
    from memorybank.recall.loading.load import table_of
    from memorybank.recall.loading.stages import markdown_of

    shown = re.search(
        r"^<!-- the table: .*?-->\n\n(.*?)\n<!-- the end", text_of("docs/loading.md"), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    assert shown.group(1) == markdown_of(table_of(None))


def test_the_picture_shows_what_is_printed() -> None:
    """Made anew by `python docs/pictures/stale_edit.py > docs/pictures/stale-edit.svg`."""
    script = ROOT / "docs" / "pictures" / "stale_edit.py"
    drawn = subprocess.run([sys.executable, str(script)], capture_output=True, check=True)
    assert drawn.stdout.decode() == text_of("docs/pictures/stale-edit.svg")


def test_the_command_line_reference_is_what_the_commands_say() -> None:
    """Made anew by `python -m memorybank.cli.reference > docs/cli.md`."""
    from memorybank.cli.reference import render

    assert text_of("docs/cli.md") == render()
