"""What a person typed and a command refused is kept, and the message says where and how to go on."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from memorybank import Bank
from memorybank.store.refused_text import KEPT_DAYS, keep_text, list_kept, prune_kept
from tests.running import MODULE, bank, environment, folder_of, make_bank, wait_until_read

LEARNINGS = "activeContext.md#Learnings"
TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4eFgH7"
MINE = "- a long thought that took an hour\n"


def editor(folder: Path, body: str) -> dict[str, str]:
    """Give the environment in which this Python is the editor; `path` is the file it is given."""
    script = folder / "editor.py"
    head = "import pathlib, subprocess, sys, os, signal\npath = pathlib.Path(sys.argv[1])\n"
    script.write_text(head + body, encoding="utf-8")
    return {"EDITOR": shlex.join([sys.executable, str(script)]), "VISUAL": ""}


def kept_in(said: str) -> Path:
    found = re.search(r" is kept in ([^\n;]+)", said)
    assert found, said
    return Path(found[1])


def next_of(said: str) -> str:
    found = re.search(r"  (?:continue with|[a-z ]+, then): (bank [^\n]+< [^\n]+)", said)
    assert found, said
    return found[1]


def shell(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run the command that a message names, as a person pastes it."""
    words = f'bank() {{ {shlex.join(MODULE)} "$@"; }}\n{command}'
    return subprocess.run(
        ["sh", "-c", words], cwd=project, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def refused_in_editor(project: Path, body: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    before = {path: path.read_bytes() for path in sorted(project.rglob("*.md")) if ".state" not in path.parts}
    done = bank(project, *words, env={**editor(project.parent, body), **more})
    assert done.returncode in {4, 5, 6, 7, 8}, done.stdout + done.stderr
    after = {path: path.read_bytes() for path in sorted(project.rglob("*.md")) if ".state" not in path.parts}
    if "other" not in body:
        assert after == before
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    make_bank(folder)
    Bank.open(folder).note("first")
    return folder


ADD = f"path.write_text(path.read_text() + {MINE!r})\n"
# what the editor does, and the status that the command ends with
REFUSED = {
    "stale": (ADD + f"subprocess.run([{', '.join(map(repr, MODULE))}, 'note', 'other'], check=True)", 4),
    "spill": (f"path.write_text({MINE + chr(10) + '```' + chr(10)!r})", 5),
    "heading": (f"path.write_text({MINE + '# Up' + chr(10)!r})", 5),
    "secret": (ADD + f"path.write_text(path.read_text() + '- {TOKEN}\\n')", 5),
    "latin-1": (f"path.write_bytes(path.read_bytes() + {MINE.encode()!r} + b'- caf\\xe9\\n')", 5),
    "hidden": (ADD + "path.write_text(path.read_text() + '- a\\x1bb\\n')", 5),
    "status": (ADD + "sys.exit(3)", 8),
    "killed": (ADD + "os.kill(os.getpid(), signal.SIGKILL)", 8),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_typed_in_an_editor_is_kept(project: Path, name: str) -> None:
    body, status = REFUSED[name]
    done = refused_in_editor(project, body, "edit", LEARNINGS)
    assert done.returncode == status
    path = kept_in(done.stderr)
    assert MINE.encode() in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.is_relative_to(project / ".memorybank" / ".state")
    assert ("secret" in done.stderr.partition("kept in")[2]) is (name == "secret")


def merged(project: Path, said: str) -> str:
    """Return the command that goes on, once the text that came meanwhile is put into the kept one."""
    assert f"next: bank show '{LEARNINGS}'" in said
    assert "merge the changes made meanwhile, then: bank edit " in said
    now = json.loads(bank(project, "show", LEARNINGS, "--json").stdout)
    kept_in(said).write_text(now["text"] + MINE, encoding="utf-8")
    return next_of(said).replace("DIGEST", now["digest"])


def test_after_a_stale_edit_the_same_text_again_is_refused(project: Path) -> None:
    done = refused_in_editor(project, REFUSED["stale"][0], "edit", LEARNINGS)
    again = shell(project, next_of(done.stderr))
    assert again.returncode == 2
    assert bank(project, "show", LEARNINGS).stdout.count("- other") == 1


def test_the_command_that_goes_on_works_with_the_digest_that_is_there_now(project: Path) -> None:
    done = refused_in_editor(project, REFUSED["stale"][0], "edit", LEARNINGS)
    again = shell(project, merged(project, done.stderr))
    assert again.returncode == 0, again.stderr
    shown = bank(project, "show", LEARNINGS).stdout
    assert "- other\n" in shown
    assert MINE in shown


def test_the_command_that_goes_on_sees_a_second_writer(project: Path) -> None:
    done = refused_in_editor(project, REFUSED["stale"][0], "edit", LEARNINGS)
    command = merged(project, done.stderr)
    assert bank(project, "note", "third").returncode == 0
    assert shell(project, command).returncode == 4
    assert "- third" in bank(project, "show", LEARNINGS).stdout


def test_a_digest_that_was_seen_holds_before_the_editor_opens(project: Path) -> None:
    seen = json.loads(bank(project, "show", LEARNINGS, "--json").stdout)["digest"]
    assert bank(project, "note", "other").returncode == 0
    opened = project / "opened"
    body = f"pathlib.Path({str(opened)!r}).touch()"
    done = bank(project, "edit", LEARNINGS, "--expect", seen, env=editor(project.parent, body))
    assert done.returncode == 4, done.stderr
    assert not opened.exists()
    now = json.loads(bank(project, "show", LEARNINGS, "--json").stdout)["digest"]
    done = bank(project, "edit", LEARNINGS, "--expect", now, env=editor(project.parent, ADD))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("expect", [["--expect", "0123456789abcdef"], ["--expect=0123456789abcdef"]])
def test_a_piped_text_that_is_stale_goes_on_with_another_digest(project: Path, expect: list[str]) -> None:
    done = bank(project, "edit", LEARNINGS, "--append", *expect, "-", text=MINE)
    assert done.returncode == 4
    assert " --append - --expect DIGEST < " in next_of(done.stderr)
    assert "0123456789abcdef" not in next_of(done.stderr)
    now = json.loads(bank(project, "show", LEARNINGS, "--json").stdout)["digest"]
    assert shell(project, next_of(done.stderr).replace("DIGEST", now)).returncode == 0
    assert MINE in bank(project, "show", LEARNINGS).stdout


@pytest.mark.parametrize("program", ["false", "no-such-editor-here", "'not closed"])
@pytest.mark.parametrize("variable", ["EDITOR", "VISUAL"])
@pytest.mark.parametrize("verb", ["edit", "open"])
def test_an_editor_that_fails_has_a_code(project: Path, program: str, variable: str, verb: str) -> None:
    what = LEARNINGS if verb == "edit" else Bank.open(project).save("a fact").record.id
    done = bank(project, verb, what, "--json", env={"EDITOR": "true", "VISUAL": "", variable: program})
    said = json.loads(done.stdout)["error"]
    assert (done.returncode, said["code"], said["where"]) == (8, "config", variable)
    assert said["hint"] == f"export {variable}=vi"
    assert list_kept(folder_of(project)) == []


def test_a_refused_text_that_is_corrected_in_its_file_can_be_given(project: Path) -> None:
    done = refused_in_editor(project, REFUSED["heading"][0], "edit", LEARNINGS)
    kept_in(done.stderr).write_text(MINE, encoding="utf-8")
    assert shell(project, next_of(done.stderr)).returncode == 0
    assert MINE in bank(project, "show", LEARNINGS).stdout


@pytest.mark.parametrize("body", ["path.write_bytes(b'')", "path.write_bytes(b'\\n\\n')", "path.unlink()"])
def test_an_editor_that_loses_the_text_empties_nothing(project: Path, body: str) -> None:
    done = refused_in_editor(project, body, "edit", LEARNINGS)
    assert done.returncode == 5
    assert "- first" in kept_in(done.stderr).read_text(encoding="utf-8")
    assert "--force-replace --subsections" not in done.stderr


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("path.write_bytes(path.read_bytes() + b'caf\\xe9 typed\\n')", "typed"),
        ("path.unlink()", "First."),
        ("path.write_bytes(b'')", "First."),
        ("path.write_text('typed, and no record')", "typed"),
        ("path.write_bytes(path.read_bytes() + b'typed\\0\\n')", "typed"),
        ("path.write_text(path.read_text() + 'typed \\x1b[2J\\n')", "typed"),
    ],
)
def test_a_record_that_an_editor_broke_is_refused_and_the_text_kept(project: Path, body: str, words: str) -> None:
    assert bank(project, "save", "First.", "--title", "T").returncode == 0
    ident = json.loads(bank(project, "list", "--json").stdout)["records"][0]["id"]
    done = refused_in_editor(project, body, "open", ident)
    path = kept_in(done.stderr)
    assert words.encode() in path.read_bytes()
    assert "First." in bank(project, "recall", ident).stdout
    # and the same again as JSON
    said = bank(project, "open", ident, "--json", env=editor(project.parent, body)).stdout
    assert Path(json.loads(said)["error"]["kept"]).is_file()


def test_what_was_written_leaves_no_copy(project: Path) -> None:
    done = bank(project, "edit", LEARNINGS, env=editor(project.parent, ADD))
    assert done.returncode == 0, done.stderr
    assert bank(project, "edit", LEARNINGS, env=editor(project.parent, "")).stderr == "nothing was changed\n"
    assert list_kept(folder_of(project)) == []


def test_a_text_that_only_a_dry_run_saw_is_kept(project: Path) -> None:
    done = bank(project, "edit", LEARNINGS, "--dry-run", env=editor(project.parent, ADD))
    assert done.returncode == 0
    assert MINE in kept_in(done.stderr).read_text(encoding="utf-8")


def test_a_locked_bank_keeps_the_text(project: Path) -> None:
    with (project / ".memorybank" / ".state" / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = refused_in_editor(project, ADD, "edit", LEARNINGS, "--timeout", "0")
        assert done.returncode == 6
        assert MINE in kept_in(done.stderr).read_text(encoding="utf-8")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_state_is_no_place(project: Path) -> None:
    (project / ".memorybank" / ".state").chmod(0o500)
    done = bank(project, "note", "-", text="typed\n")
    assert done.returncode == 7
    assert kept_in(done.stderr).read_text(encoding="utf-8") == "typed\n"


STDIN = [
    ["note", "-"],
    ["note", "-", "--as", "gotcha"],
    ["focus", "-"],
    ["task", "add", "-"],
    ["save", "-", "--title", "T"],
    ["learn", "-"],
    ["decide", "T", "--decision", "-"],
    ["log", "-"],
    ["edit", LEARNINGS, "--append", "-"],
    ["edit", LEARNINGS, "--replace", "-"],
    ["notes", "ingest", "-"],
    ["hydrate", "--sync", "-"],
    ["item", "replace", LEARNINGS, "1", "-"],
    ["session", "message", "user", "-"],
    ["no-such-command", "-"],
]


@pytest.mark.parametrize("words", STDIN, ids=" ".join)
def test_what_was_piped_into_a_refused_command_is_kept(project: Path, words: list[str]) -> None:
    text = "line one, which holds a \x07 bell\nline two\n"
    with (project / ".memorybank" / ".state" / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = bank(project, *words, "--timeout", "0", text=text)
    assert done.returncode, done.stdout
    assert kept_in(done.stderr).read_bytes() == text.encode()


def test_a_pipe_into_no_bank_is_kept_outside_of_git(tmp_path: Path) -> None:
    for name in ("nowhere", "home", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "tmp" / ".git").mkdir()
    env = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}
    done = bank(tmp_path / "nowhere", "note", "-", text="typed\n", env=env)
    assert done.returncode == 3
    path = kept_in(done.stderr)
    try:
        assert path.read_text(encoding="utf-8") == "typed\n"
        assert not path.is_relative_to(tmp_path / "tmp")
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        path.unlink()


def test_the_same_text_is_kept_once(project: Path) -> None:
    places = {kept_in(bank(project, "note", "-", text=f"{TOKEN}\n").stderr) for _ in range(3)}
    assert len(places) == 1
    done = shell(project, f"bank note - --allow-secret github-token < {shlex.quote(str(places.pop()))}")
    assert done.returncode == 0, done.stderr


def test_names_that_are_hostile_are_no_paths(project: Path) -> None:
    done = bank(project, "edit", "../../etc/passwd#\n\x1b[31m\u202e/../x", "--append", "-", text="typed\n")
    path = kept_in(done.stderr)
    assert path.parent == project / ".memorybank" / ".state" / "typed"
    assert re.fullmatch(r"[\w.-]+", path.name)
    outside = project.parent / "outside"
    outside.mkdir()
    folder = project / ".memorybank" / ".state" / "typed"
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    folder.symlink_to(outside)
    done = bank(project, "note", "-", text=f"{TOKEN}\n")
    assert list(outside.iterdir()) == []
    kept_in(done.stderr).unlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_it_waits_keeps_the_text(project: Path, number: signal.Signals) -> None:
    with (project / ".memorybank" / ".state" / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        child = subprocess.Popen(
            [*MODULE, "note", "-"],
            cwd=project,
            env=environment(),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # a program that was started with a signal ignored, as by nohup, goes on ignoring it
            preexec_fn=partial(signal.signal, number, signal.SIG_DFL),  # noqa: PLW1509  no threads here
        )
        assert child.stdin
        assert child.stderr
        child.stdin.write("typed\n")
        child.stdin.close()
        waits = child.stderr.readline()
        assert "wait" in waits
        child.send_signal(number)
        said = child.stderr.read()
        child.stderr.close()
        status = child.wait(timeout=60)
    assert status == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in said
    assert kept_in(said).read_text(encoding="utf-8") == "typed\n"


def test_half_a_text_is_kept_when_typing_is_interrupted(project: Path) -> None:
    with subprocess.Popen(
        [*MODULE, "note", "-"], cwd=project, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin
        assert child.stderr
        child.stdin.write("half a tho")
        child.stdin.flush()
        wait_until_read(child.stdin)
        child.send_signal(signal.SIGINT)
        said = child.stderr.read()
    assert child.returncode == 130
    assert kept_in(said).read_text(encoding="utf-8") == "half a tho"


def test_an_interrupt_is_for_the_editor(project: Path) -> None:
    """Ctrl-C reaches all of a terminal's programs; an editor that goes on must not find its file gone."""
    body = "os.kill(os.getppid(), signal.SIGINT)\nimport time; time.sleep(0.3)\n" + ADD
    done = bank(project, "edit", LEARNINGS, env=editor(project.parent, body))
    assert done.returncode == 0, done.stderr
    assert MINE in bank(project, "show", LEARNINGS).stdout


def test_old_texts_go_and_the_newest_stays(project: Path) -> None:
    place = folder_of(project)
    now = time.time()
    paths = [keep_text(place, project, f"text {number}".encode(), "note") for number in range(5)]
    for number, path in enumerate(paths):
        assert path
        old = now - (KEPT_DAYS + 5 - number) * 86_400
        os.utime(path, (old, old))
    newest = paths[-1]
    assert newest
    assert {*prune_kept(newest, now)} == {*paths[:-1]}
    assert [each.path for each in list_kept(place)] == [newest]
    assert prune_kept(newest, now) == []


def test_the_doctor_lists_what_is_kept(project: Path) -> None:
    path = kept_in(bank(project, "note", "-", text=f"{TOKEN}\n").stderr)
    done = bank(project, "doctor")
    assert path.name in done.stdout + done.stderr


def test_check_tells_of_bytes_that_are_no_text_in_records(project: Path) -> None:
    assert bank(project, "save", "First.", "--title", "T").returncode == 0
    record = json.loads(bank(project, "list", "--json").stdout)["records"][0]
    path = project / ".memorybank" / record["file"]
    path.write_bytes(path.read_bytes() + b"caf\xe9\n")
    assert f"{record['file']}" in bank(project, "check").stdout


def test_a_refusal_offers_all_that_was_typed(project: Path) -> None:
    def hint(*words: str) -> str:
        return str(json.loads(bank(project, *words, "--json").stdout)["error"]["hint"])

    assert hint("note", "x y", "--as", "descision", "--why", "z") == "bank note 'x y' --as decision --why z"
    assert hint("note", "x", "--as=chnge", "--file", "a.py:3") == "bank note x --as change --file a.py:3"
    assert bank(project, "note", "Cache: Redis", "--as", "decision").returncode == 0
    other = hint("note", "Cache: SQLite", "--as", "decision", "--why", "z")
    assert other == "bank note 'Cache: SQLite' --as decision --why z --supersedes 'Cache: Redis'"
    assert shell(project, other).returncode == 0


def test_what_begins_with_a_dash_can_be_typed_as_the_hint_says(project: Path) -> None:
    done = bank(project, "note", "--as", "gotchaa", "--", "--json")
    assert "next: bank note --as gotcha -- --json\n" in done.stderr
    assert bank(project, "task", "add", "--", "-v flag").returncode == 0
    done = bank(project, "task", "done", "--", "-v flag")
    command = done.stderr.partition("give it: ")[2].strip()
    assert shell(project, command).returncode == 0, command
    assert bank(project, "workflow", "start", "BUILD", "G").returncode == 0
    assert bank(project, "workflow", "gate", "--ask", "ok", "--", "-gate").returncode == 0
    done = bank(project, "workflow", "finish")
    assert shell(project, done.stderr.partition("next: ")[2].strip()).returncode == 0, done.stderr


VALUES = [
    (["task", "done", "1", "--evidence", "-"], "progress.md", "- make: exit 0"),
    (["plan", "new", "-"], "activeContext.md", "→ make: exit 0"),
    (["research", "new", "-"], "activeContext.md", "→ make: exit 0"),
    (["decide", "-"], "activeContext.md", "- make: exit 0 (dec-"),
    (["note", "X: y", "--as", "decision", "--why", "-"], "activeContext.md", "- X: y - make: exit 0\n"),
    (["paf", "add", "AUTH", "-"], "pafs.md", "(proposed): make: exit 0\n"),
    (["summary", "set", "--description", "-"], "summary.json", '"description": "make: exit 0"'),
]


@pytest.mark.parametrize(
    ("words", "file", "line"), VALUES, ids=lambda each: " ".join(each) if isinstance(each, list) else ""
)
def test_a_lone_dash_is_standard_input_wherever_a_text_is_given(
    project: Path, words: list[str], file: str, line: str
) -> None:
    assert bank(project, "task", "add", "Ship").returncode == 0
    done = bank(project, *words, text="make: exit 0\n")
    assert done.returncode == 0, done.stderr
    assert line in (project / ".memorybank" / file).read_text(encoding="utf-8")


def test_standard_input_is_one_text(project: Path) -> None:
    done = bank(project, "decide", "-", "--why", "-", text="typed\n")
    assert done.returncode == 2
    path = kept_in(done.stderr)
    assert path.read_text(encoding="utf-8") == "typed\n"
    path.unlink()


@pytest.mark.parametrize("words", [["focus", "-"], ["edit", LEARNINGS, "--append", "-"], ["learn", "-"]])
def test_a_text_that_a_role_may_not_write_goes_on_as_a_note(project: Path, words: list[str]) -> None:
    done = bank(project, *words, "--role", "read-only", text="some words\n")
    assert done.returncode == 5, done.stderr
    again = shell(project, next_of(done.stderr))
    assert again.returncode == 0, again.stderr
    assert "some words" in bank(project, "notes", "list").stdout


def test_the_file_that_is_named_is_there_though_the_bank_went(project: Path) -> None:
    body = ADD + "import shutil; shutil.move('.memorybank', 'gone')"
    done = bank(project, "edit", LEARNINGS, env=editor(project.parent, body))
    assert done.returncode
    path = kept_in(done.stderr)
    assert b"- first\n" in path.read_bytes()
    path.unlink()
    assert MINE.encode() in next((project / "gone" / ".state" / "typed").glob("*.md")).read_bytes()
