"""`bank edit` with an editor: what is opened is what will be replaced."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.running import bank, make_bank


def test_a_section_with_subsections_opens_without_them(tmp_path: Path) -> None:
    """They stay as they are; with them in the text every edit was refused as one that makes headings."""
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    path.write_text("# T\n\n## A\n\nx\n\n### B\n\nx\n", encoding="utf-8")
    done = bank(tmp_path, "edit", "notes.md#A", env={"EDITOR": "sed -i s/x/z/"})
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8") == "# T\n\n## A\n\nz\n\n### B\n\nx\n"


def test_a_section_of_a_contract_opens_whole(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("## Blockers\n", "## Blockers\n\nx\n\n### Old\n\nx\n")
    path.write_text(text, encoding="utf-8")
    done = bank(tmp_path, "edit", "activeContext.md#Blockers", env={"EDITOR": "sed -i s/x/z/"})
    assert done.returncode == 0, done.stderr
    assert "## Blockers\n\nz\n\n### Old\n\nz\n" in path.read_text(encoding="utf-8")


def changed(tmp_path: Path, script: str, name: str = "editor.py") -> dict[str, str]:
    """Return the environment with an editor that runs Python on the text: `text` before, `text` after."""
    path = tmp_path / name
    path.write_text(
        "import pathlib, sys, subprocess\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text(encoding='utf-8')\n"
        f"{script}\nfile.write_text(text, encoding='utf-8')\n",
        encoding="utf-8",
    )
    return {"EDITOR": f"{sys.executable} {path}"}


def kept_in(said: str) -> Path:
    found = re.search(r"your text is kept in (\S+)", said)
    assert found is not None, said
    return Path(found[1])


def test_a_whole_file_opens_and_the_changed_sections_are_written(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    script = "text = text.replace('## Learnings\\n\\n- [None]', '## Learnings\\n\\n- one\\n- two')"
    done = bank(tmp_path, "edit", "activeContext.md", env=changed(tmp_path, script))
    assert done.returncode == 0, done.stderr
    assert "## Learnings\n\n- one\n- two\n" in (folder / "activeContext.md").read_text(encoding="utf-8")
    assert "activeContext.md#Learnings" in done.stdout
    assert "#Decisions" not in done.stdout


def test_an_unchanged_file_is_not_written(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    before = (folder / "activeContext.md").read_bytes()
    done = bank(tmp_path, "edit", "activeContext.md", env={"EDITOR": "true"})
    assert (done.returncode, done.stderr) == (0, "nothing was changed\n")
    assert (folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("text = text.replace('## Learnings', '## Lessons')", "'## Learnings' became '## Lessons'"),
        ("text = text.replace('## Learnings\\n', '')", "'## Learnings' is gone"),
        ("text = text.replace('## Blockers', '## More\\n\\n## Blockers')", "'## More' was added"),
        ("text = text.replace('## Learnings\\n', '## Learnings\\n\\n```\\n')", "is gone"),
        ("text = 'x\\n\\n' + text", "the text above the first heading changed"),
    ],
)
def test_the_headings_of_a_memory_file_are_fixed_and_the_text_is_kept(tmp_path: Path, script: str, why: str) -> None:
    folder = make_bank(tmp_path)
    before = (folder / "activeContext.md").read_bytes()
    done = bank(tmp_path, "edit", "activeContext.md", env=changed(tmp_path, script))
    assert done.returncode == 5, done.stderr
    assert why in done.stderr
    assert (folder / "activeContext.md").read_bytes() == before
    assert kept_in(done.stderr).read_text(encoding="utf-8") != before.decode()


def test_a_section_that_only_grows_is_not_emptied(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank(tmp_path, "note", "one")
    script = "text = text.replace('- one\\n', '')"
    done = bank(tmp_path, "edit", "activeContext.md", env=changed(tmp_path, script))
    assert done.returncode == 5
    assert "only grows" in done.stderr


def test_what_others_write_in_other_sections_meanwhile_stays(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    script = (
        "subprocess.run([sys.executable, '-m', 'memorybank', 'note', 'meanwhile', '--as', 'blocker'], check=True)\n"
        "text = text.replace('## Learnings\\n\\n- [None]', '## Learnings\\n\\n- mine')"
    )
    done = bank(tmp_path, "edit", "activeContext.md", env=changed(tmp_path, script))
    assert done.returncode == 0, done.stderr
    text = (folder / "activeContext.md").read_text(encoding="utf-8")
    assert "- mine\n" in text
    assert "- meanwhile\n" in text


def test_a_stale_edit_keeps_the_text_and_prints_the_command_that_writes_it(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    script = (
        "subprocess.run([sys.executable, '-m', 'memorybank', 'note', 'meanwhile'], check=True)\n"
        "text = text.replace('## Learnings\\n\\n- [None]', '## Learnings\\n\\n- mine')"
    )
    done = bank(tmp_path, "edit", "activeContext.md", env=changed(tmp_path, script))
    assert done.returncode == 4
    assert "+- meanwhile" in done.stderr
    kept = kept_in(done.stderr)
    assert "- mine\n" in kept.read_text(encoding="utf-8")
    again = re.search(r"then: (bank edit .+)", done.stderr)
    assert again is not None
    digest = json.loads(bank(tmp_path, "show", "activeContext.md", "--json").stdout)["digest"]
    words = shlex.split(again[1].split(" < ")[0].replace("DIGEST", digest))
    kept.write_text(kept.read_text(encoding="utf-8").replace("- mine\n", "- meanwhile\n- mine\n"), encoding="utf-8")
    done = bank(tmp_path, *words[1:], text=kept.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stderr
    assert "- meanwhile\n- mine\n" in (folder / "activeContext.md").read_text(encoding="utf-8")


def test_any_file_of_the_project_can_get_other_headings(tmp_path: Path) -> None:
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    path.write_text("# T\n\n## A\n\nx\n", encoding="utf-8")
    done = bank(tmp_path, "edit", "notes.md", env=changed(tmp_path, "text = text.replace('## A', '## B') + '## C\\n'"))
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8") == "# T\n\n## B\n\nx\n## C\n"
    assert bank(tmp_path, "undo").returncode == 0
    assert path.read_text(encoding="utf-8") == "# T\n\n## A\n\nx\n"


def test_a_record_that_is_edited_by_its_file_is_checked_against_its_type(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    ident = json.loads(bank(tmp_path, "save", "one", "--type", "fact", "--json").stdout)["record"]["id"]
    file = next((folder / "memories" / "fact").glob("*.md"))
    name = file.relative_to(folder).as_posix()
    done = bank(tmp_path, "edit", name, env=changed(tmp_path, "text = text.replace('type: fact', 'type: nothing')"))
    assert done.returncode == 5, done.stderr
    command = re.search(r"(bank open .+)", done.stderr)
    assert command is not None
    assert "--from" in command[1]
    done = bank(tmp_path, "edit", name, env=changed(tmp_path, "text = text.replace('one', 'two')"))
    assert done.returncode == 0, done.stderr
    assert "two" in bank(tmp_path, "recall", ident).stdout


def test_an_editor_that_fails_is_an_error_with_a_code_and_keeps_what_was_typed(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    for address in ("activeContext.md", "activeContext.md#Learnings"):
        done = bank(tmp_path, "edit", address, env={"EDITOR": "false"})
        assert done.returncode == 8
        assert "[config]" in done.stderr
    env = changed(tmp_path, "file.write_text(text + 'x', encoding='utf-8'); sys.exit(3)")
    done = bank(tmp_path, "edit", "activeContext.md", env=env)
    assert done.returncode == 8
    assert kept_in(done.stderr).read_text(encoding="utf-8").endswith("x")
    assert "\nx" not in (folder / "activeContext.md").read_text(encoding="utf-8")


def test_a_file_in_python(tmp_path: Path) -> None:
    from memorybank import Bank
    from memorybank.errors import ContractError

    make_bank(tmp_path)
    file = Bank.open(tmp_path).edit_file("progress.md")
    text, digest = file.text()
    receipt = file.replace(text.replace("- [None]", "- [ ] one", 1))
    assert receipt.files[0].before == digest
    with pytest.raises(ContractError):
        Bank.open(tmp_path).edit_file("progress.md").replace("# Other\n")


@pytest.mark.parametrize("name", ["bank.toml", "notes.txt", "data.json"])
@pytest.mark.parametrize("words", [(), ("--replace", "x"), ("--append", "x")])
def test_a_file_that_is_not_markdown_is_refused_before_the_editor_opens(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    folder = make_bank(tmp_path)
    path = folder / name if name == "bank.toml" else tmp_path / name
    if name != "bank.toml":
        path.write_text("[]\n", encoding="utf-8")
    before = path.read_bytes()
    seen = tmp_path / "opened"
    ended = bank(tmp_path, "edit", name, *words, env={"EDITOR": f"touch {shlex.quote(str(seen))}; echo x >>"})
    assert (ended.returncode, "it is not a Markdown file" in ended.stderr) == (5, True), ended.stderr
    assert (path.read_bytes(), seen.exists(), list((folder / ".state").glob("typed/*"))) == (before, False, [])


def test_a_line_that_the_section_has_already_is_shown_as_added(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    bank(tmp_path, "note", "Offsets are bytes")
    path = folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("- Offsets are bytes\n", "- Offsets are bytes\n" * 3)
    ended = bank(tmp_path, "edit", "activeContext.md", "--replace", "-", text=text)
    assert ended.stdout.count("  + - Offsets are bytes\n") == 2
    text = path.read_text(encoding="utf-8").replace("- Offsets are bytes\n" * 3, "- Offsets are bytes\n")
    ended = bank(tmp_path, "edit", "activeContext.md", "--replace", "-", text=text)
    assert ended.stdout.count("  - - Offsets are bytes\n") == 2


BOM = b"\xef\xbb\xbf"


def test_an_editor_that_saves_other_line_endings_changes_nothing_else(tmp_path: Path) -> None:
    """A memory file was refused because its headings "changed"; any other file was rewritten as a whole."""
    folder = make_bank(tmp_path)
    for path in (folder / "patterns.md", tmp_path / "notes.md"):
        if path.parent == tmp_path:
            path.write_text("# T\n\n## A\n\nx\n\n## B\n\ny\n", encoding="utf-8")
        before = path.read_bytes()
        name = path.relative_to(tmp_path).name
        done = bank(tmp_path, "edit", name, env={"EDITOR": "sed -i 's/$/\\r/'"})
        assert (done.returncode, done.stdout, done.stderr) == (0, "nothing to change\n", ""), name
        assert path.read_bytes() == before


@pytest.mark.parametrize("word", ["y", "## B"])
def test_one_word_changed_in_an_editor_with_other_line_endings_is_one_word_written(tmp_path: Path, word: str) -> None:
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    before = b"# T\n\n## A\n\nx\n\n## B\n\ny\n"
    path.write_bytes(before)
    done = bank(tmp_path, "edit", "notes.md", env={"EDITOR": f"sed -i -e 's/^{word}$/{word}z/' -e 's/$/\\r/'"})
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == before.replace(f"{word}\n".encode(), f"{word}z\n".encode())


@pytest.mark.parametrize("name", ["patterns.md", "notes.md"])
@pytest.mark.parametrize("drops", ["tr -d '\\r'", "sed '1s/^/\\xef\\xbb\\xbf/'", "sed 's/$/\\r/'", "head -c -1"])
def test_a_file_keeps_its_byte_order_mark_its_endings_and_its_last_newline(
    tmp_path: Path, name: str, drops: str
) -> None:
    folder = make_bank(tmp_path)
    path = (folder if name == "patterns.md" else tmp_path) / name
    text = path.read_bytes() if path.exists() else b"# T\n\n## A\n\nx\n"
    path.write_bytes(BOM + text.replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    editor = tmp_path / "editor.sh"
    editor.write_text(f'{drops} < "$1" > "$1.new" && mv "$1.new" "$1"\n', encoding="utf-8")
    done = bank(tmp_path, "edit", name, env={"EDITOR": f"sh {editor}"})
    assert done.returncode == 0, done.stderr
    assert "nothing " in done.stdout + done.stderr
    assert path.read_bytes() == before


def test_a_last_line_without_a_newline_gets_none_from_the_editor(tmp_path: Path) -> None:
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    path.write_bytes(b"# T\n\n## A\n\nx")
    env = {"EDITOR": "sed -i -e '$a\\y'"}
    assert bank(tmp_path, "edit", "notes.md", env=env).returncode == 0
    assert path.read_bytes() == b"# T\n\n## A\n\nx\ny"


@pytest.mark.parametrize("address", ["notes.md", "notes.md#A"])
@pytest.mark.parametrize("ending", ["\\n", "\\r\\n"])
def test_in_a_file_with_mixed_endings_each_unchanged_line_keeps_its_own(
    tmp_path: Path, address: str, ending: str
) -> None:
    make_bank(tmp_path)
    path = tmp_path / "notes.md"
    path.write_bytes(b"# T\r\n\n## A\r\n\none\r\ntwo\nthree\r\nfour\n\r\n## B\n\nx\r\n")
    script = (
        "text = file.read_bytes().decode().replace('\\r\\n', '\\n').replace('three', 'more\\nTHREE')\n"
        f"file.write_bytes(text.replace('\\n', '{ending}').encode()); raise SystemExit"
    )
    done = bank(tmp_path, "edit", address, env=changed(tmp_path, script))
    assert done.returncode == 0, done.stderr
    after = path.read_bytes()
    assert after.replace(b"more\nTHREE\n", b"three\r\n") == (
        b"# T\r\n\n## A\r\n\none\r\ntwo\nthree\r\nfour\n\r\n## B\n\nx\r\n"
    )


def test_a_record_keeps_its_line_endings_too(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    assert bank(tmp_path, "save", "the cache is slow").returncode == 0
    path = next((folder / "memories").rglob("*.md"))
    before = path.read_bytes()
    done = bank(tmp_path, "edit", f"{path.relative_to(folder)}", env={"EDITOR": "sed -i 's/$/\\r/'"})
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == before
    env = {"EDITOR": "sed -i -e s/slow/SLOW/ -e 's/$/\\r/'"}
    assert bank(tmp_path, "edit", f"{path.relative_to(folder)}", env=env).returncode == 0
    assert b"\r" not in path.read_bytes()
    assert b"SLOW" in path.read_bytes()
