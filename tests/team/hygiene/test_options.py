"""The options of docs/team.md, typed by two people with homes of their own: what the page shows is what they see."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.running import environment

PAGE = (Path(__file__).parents[3] / "docs" / "team.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"(ann|bob)\$ (.+)")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="written for a Unix shell")


class Step(NamedTuple):
    """What one person types, and the lines that the page shows below it."""

    person: str
    line: str
    shown: tuple[str, ...]


def steps_of(page: str) -> list[Step]:
    steps: list[Step] = []
    for block in BLOCK.findall(page):
        typed = False
        for line in block.rstrip("\n").split("\n"):
            found = TYPED.fullmatch(line)
            if found:
                typed = True
                steps.append(Step(found[1], found[2], ()))
            elif typed:
                steps[-1] = steps[-1]._replace(shown=(*steps[-1].shown, line))
    return steps


class Team:
    """Two people with a git server and a shared disk; the shell of each keeps its folder and its variables."""

    def __init__(self, root: Path) -> None:
        self.root = root
        programs, server = root / "bin", root / "git"
        for folder in (programs, server, root / "srv"):
            folder.mkdir()
        script = programs / "bank"
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m memorybank "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        for person in ("ann", "bob"):
            home = root / person
            home.mkdir()
            (home / ".gitconfig").write_text(
                f"[user]\n\tname = {person}\n\temail = {person}@example.org\n[init]\n\tdefaultBranch = main\n"
                f'[push]\n\tdefault = current\n[url "{server}/"]\n\tinsteadOf = git@git.example.org:\n',
                encoding="utf-8",
            )
            (home / ".state.sh").write_text(f"cd {home}\n", encoding="utf-8")
        for name in ("app", "api"):
            self.types("ann", f"git init -q --bare {server}/{name}.git")
            self.types("ann", f"git init -q {name} && cd {name} && git commit -q --allow-empty -m Start")
            self.types("ann", f"git push -q {server}/{name}.git main && cd .. && rm -rf {name}")

    def types(self, person: str, line: str) -> str:
        """Run a line in the shell of a person, and return what it prints; it must end well."""
        home = self.root / person
        script = (
            f". {home}/.state.sh\n{line.replace('/srv/', f'{self.root}/srv/')}\n"
            f'{{ export -p | grep MEMORYBANK_ || true; echo "cd $PWD"; }} > {home}/.state.sh\n'
        )
        path = f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = environment(HOME=str(home), PATH=path, GIT_CONFIG_NOSYSTEM="1")
        env.pop("XDG_CONFIG_HOME", None)
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script], env=env, cwd=home, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{person}$ {line}\n{done.stdout}{done.stderr}"
        return f"{done.stdout}{done.stderr}".replace(f"{self.root}/srv/", "/srv/")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Give the people, before the first line."""
    return Team(tmp_path)


def test_two_people_follow_the_options_of_the_page(team: Team) -> None:
    steps = steps_of(PAGE)
    assert {each.person for each in steps} == {"ann", "bob"}
    for step in steps:
        told = [line.strip() for line in team.types(step.person, step.line).split("\n")]
        for line in step.shown:
            wanted = re.compile(".*".join(re.escape(part) for part in line.strip().split("…")))
            assert any(wanted.fullmatch(each) for each in told), (
                f"{step.person}$ {step.line}\nnot shown: {line}\n{told}"
            )
    assert team.types("bob", "git -C ../app status --porcelain; git status --porcelain") == ""
    mine = team.types("ann", "bank search 'token buckets' --all-banks --json")
    assert json.loads(mine)["count"] == 0


def test_the_configuration_of_the_page_serves_the_named_bank(team: Team) -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    server = json.loads(text)["mcpServers"]["memorybank"]
    for line in ("export MEMORYBANK_HOME=/srv/memory", "bank init --namespace team-project-x"):
        team.types("ann", line)
    team.types("ann", "MEMORYBANK_NAMESPACE=team-project-x bank save 'Releases leave on Tuesdays' --tags a,b,c")
    team.types("ann", "unset MEMORYBANK_HOME && mkdir elsewhere && cd elsewhere")
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    calls = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "bank_search", "arguments": {"query": "release day"}},
        },
    ]
    asked = "\n".join(json.dumps(each) for each in calls)
    (team.root / "ann" / "asked").write_text(asked + "\n", encoding="utf-8")
    variables = " ".join(f"{name}={value}" for name, value in server["env"].items())
    words = " ".join((server["command"], *server["args"]))
    assert "Releases leave on Tuesdays" in team.types("ann", f"{variables} {words} < ../asked")
