"""The README and the pages of docs/ show commands and programs that run, page after page in a fresh project."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.corrections.evaluation.made_logs import made_logs
from tests.corrections.test_mine import denied
from tests.running import MODULE, bank, environment, git, make_bank

ROOT = Path(__file__).parents[2]
TEXTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
# the reference is made from the commands; in the others words stand for ids: tests of their own hold all of them
OWN = {"docs/cli.md", "docs/records.md", "docs/sources.md"}
PAGES = [page for page, text in TEXTS.items() if "```console" in text and page not in OWN]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# stands for the digest that was printed before
DIGEST = "0123456789abcdef"
# what a shell does something with
IN_A_SHELL = re.compile(r"[|<>;&$`~\\]|\s#")
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


# a section that needs a server has a test of its own: tests/team/hub/test_page.py
HUB = re.compile(r"^## Postgres hub\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def commands_of(page: str) -> list[str]:
    return commands_in(HUB.sub("", TEXTS[page]))


def commands_in(text: str) -> list[str]:
    return [line[2:] for block in BLOCK.findall(text) for line in block.split("\n") if line.startswith("$ ")]


@pytest.mark.skipif(os.name == "nt", reason="written for a Unix shell")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run(tmp_path: Path, page: str) -> None:
    project = tmp_path / "app"
    make_bank(project)
    git(project, "init", "-q")
    for name in ("name", "email"):
        git(project, "config", f"user.{name}", "t@example.org")
    git(project, "commit", "-q", "--allow-empty", "-m", "first")
    for name in ("logs", "labelled"):
        made_logs(project / name, sessions=2, filler=1)
    (project / "sessions").mkdir()
    denied("keep build, only remove dist").write(project / "sessions")
    if page == "docs/import-export.md":
        (project / "substrate-config.yaml").write_text("decay:\n  schedule: 0 4 * * *\n", encoding="utf-8")
    (project / "login.png").write_bytes(b"\x89PNG\0\xff")
    lines = commands_of(page)
    assert lines
    env = {"MEMORYBANK_HOME": str(tmp_path / "mine")}
    for line in lines:
        run_line(project, line, env)


def run_line(project: Path, line: str, env: dict[str, str]) -> None:
    """Run a line as a shell does: a plain call of `bank` inside this process, anything else in a shell."""
    exported = re.fullmatch(r"export (\w+)=(\S+)", line)
    if exported:
        env[exported[1]] = exported[2]
    elif line.startswith("unset "):
        del env[line.split()[1]]
    elif line.startswith("bank ") and not IN_A_SHELL.search(line):
        words = shlex.split(line)[1:]
        if DIGEST in words:
            shown = json.loads(bank(project, "show", words[1], "--json", env=env).stdout)
            words[words.index(DIGEST)] = shown["digest"]
        done = bank(project, *words, env=env)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    else:
        script = f'bank() {{ {shlex.join(MODULE)} "$@"; }}\n{line}'
        shell = ["/bin/sh", "-e", "-c", script]
        ended = subprocess.run(shell, cwd=project, env=environment(**env), check=False, capture_output=True)
        assert ended.returncode == 0, f"{line}\n{ended.stderr.decode()}"


@pytest.mark.parametrize("page", [page for page, text in TEXTS.items() if PROGRAM.search(text)])
def test_the_programs_of_a_page_run(tmp_path: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_bank(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "mine"))
    for number, program in enumerate(PROGRAM.findall(TEXTS[page])):
        exec(compile(program, f"{page}, program {number + 1}", "exec"), {"__name__": "__main__"})
