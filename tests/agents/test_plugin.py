"""The plugin for Claude Code: what is committed is what is built from the templates, and its hooks find `bank`."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import memorybank
from memorybank.agents.hook_events import hooks_of
from memorybank.agents.plugin.__main__ import write
from memorybank.agents.plugin.files import FOLDER, ICON, MARKETPLACE, repository_files
from memorybank.agents.skill_files import skill_files, skill_names
from tests.running import make_bank

ROOT = Path(__file__).parents[2]
SHELL = "/bin/sh"


def committed() -> dict[str, bytes]:
    folder = ROOT / FOLDER
    found = {each.relative_to(ROOT).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    return {MARKETPLACE: (ROOT / MARKETPLACE).read_bytes(), **found}


def pixels(png: bytes) -> tuple[tuple[int, int], bytes]:
    """Return the size and the pixels of an icon, which versions of zlib pack into other bytes."""
    size, data, at = (0, 0), b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        assert zlib.crc32(name + body) == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        if name == b"IHDR":
            size = struct.unpack(">II", body[:8])
        data += body if name == b"IDAT" else b""
        at += 12 + length
    return size, zlib.decompress(data)


def test_the_committed_plugin_is_the_one_that_is_built_from_the_templates() -> None:
    built, there = repository_files(), committed()
    icon = f"{FOLDER}/{ICON}"
    assert pixels(built.pop(icon)) == pixels(there.pop(icon))
    assert built == there


def test_the_icon_is_a_square_of_a_size_that_the_catalogue_takes() -> None:
    (width, height), data = pixels((ROOT / FOLDER / ICON).read_bytes())
    assert width == height
    assert 512 <= width <= 2048
    assert len(data) == height * (1 + 4 * width)


def test_a_build_removes_what_a_former_one_left(tmp_path: Path) -> None:
    old = tmp_path / FOLDER / "commands" / "old.md"
    old.parent.mkdir(parents=True)
    old.write_text("x")
    (tmp_path / ".claude" / "settings.json").write_text("{}")
    write(tmp_path)
    there = {each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()}
    assert there == {*repository_files(), ".claude/settings.json"}


def test_the_plugin_has_all_skills_and_the_same_hooks_as_an_install() -> None:
    files = repository_files()
    for name in skill_names():
        for path, data in skill_files(name).items():
            assert files[f"{FOLDER}/skills/{name}/{path}"] == data
    entries = hooks_of("claude-code").entries
    hooks = json.loads(files[f"{FOLDER}/hooks/hooks.json"])["hooks"]
    assert [(name, group[0].get("matcher", "")) for name, group in hooks.items()] == [
        (each.event, each.matcher) for each in entries
    ]
    entry = json.loads(files[MARKETPLACE])["plugins"][0]
    manifest = json.loads(files[f"{FOLDER}/.claude-plugin/plugin.json"])
    assert entry["version"] == manifest["version"] == memorybank.__version__
    assert (ROOT / entry["source"] / ".claude-plugin" / "plugin.json").is_file()


def ran(event: str, project: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run a hook of the plugin as Claude Code does: its line in a shell, with the event as input."""
    hooks = json.loads((ROOT / FOLDER / "hooks" / "hooks.json").read_text())["hooks"]
    event_data = {"session_id": "s1", "cwd": str(project), "hook_event_name": event, "source": "startup"}
    return subprocess.run(
        [SHELL, "-c", hooks[event][0]["hooks"][0]["command"]],
        input=json.dumps(event_data),
        capture_output=True,
        text=True,
        cwd=project,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the lines of the hooks are for a POSIX shell")
def test_a_hook_runs_the_command_on_the_path_and_its_absence_is_told_once(tmp_path: Path) -> None:
    make_bank(tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    missing = ran("SessionStart", tmp_path, str(programs))
    answer = json.loads(missing.stdout)
    assert "`bank`, which is not on the PATH" in answer["systemMessage"]
    assert "pipx install" in answer["hookSpecificOutput"]["additionalContext"]
    for event in ("PreToolUse", "Stop", "SessionEnd"):
        silent = ran(event, tmp_path, str(programs))
        assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", ""), event
    program = programs / "bank"
    program.write_text(f'#!{SHELL}\nexec {sys.executable} -m memorybank "$@"\n')
    program.chmod(0o755)
    found = ran("SessionStart", tmp_path, str(programs))
    assert "Memory bank" in found.stdout, found.stderr
