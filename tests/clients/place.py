"""A user's machine for one client: a home, a project with a bank, and files that were there before."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tests.clients.programs import program

if TYPE_CHECKING:
    from pathlib import Path

QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DO_NOT_TRACK": "1",
    "GEMINI_TELEMETRY_ENABLED": "false",
    "COPILOT_AUTO_UPDATE": "false",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
    "NO_COLOR": "1",
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
}
# what a team has already: comments, other servers, other line ends, no final newline
EARLIER = {
    "README.md": b"# Shop\n",
    "CLAUDE.md": b"# Rules\r\n\r\nUse spaces.\r\n",
    "AGENTS.md": b"# Rules\n\nUse spaces.",
    "GEMINI.md": b"# Rules\n",
    ".mcp.json": b'{\n    "mcpServers": {"other": {"command": "true", "x-team": 1}}\n}',
    ".claude/settings.json": b'{"permissions": {"deny": ["Bash(rm *)"]},\n "x-unknown": [1,2]}\n',
    ".codex/config.toml": b'# the team\'s\n[mcp_servers.other] # kept\ncommand = "true"\nenabled = false\n',
    ".gemini/settings.json": b'{\n  // kept\n  "ui": {"hideTips": true}\n}\n',
    ".github/mcp.json": b'{"mcpServers": {}}\n',
    "opencode.json": b'{\r\n  "$schema": "https://opencode.ai/config.json",\r\n  "autoupdate": false\r\n}\r\n',
}
AUTHOR = ["-c", "user.name=Shop", "-c", "user.email=shop@example.com"]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


class Ran(NamedTuple):
    """What a program said, without colours."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both of its outputs."""
        return f"{self.out}\n{self.err}"


class Place(NamedTuple):
    """A home, a project, and the folder that has `bank`."""

    home: Path
    project: Path
    programs: Path

    def environ(self, env: dict[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a client: nothing of the developer's."""
        node = os.environ.get("PATH", "")
        base = {"HOME": str(self.home), "PATH": f"{self.programs}{os.pathsep}{node}", "TMPDIR": str(self.home / "tmp")}
        return {**base, **QUIET, **(env or {})}

    def run(self, words: list[str], *, timeout: float = 120, text: str = "", env: dict[str, str] | None = None) -> Ran:
        """Run a program in the project, to its end."""
        ran = subprocess.run(
            words,
            cwd=self.project,
            env=self.environ(env),
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
        return Ran(ran.returncode, _ESCAPES.sub("", ran.stdout), _ESCAPES.sub("", ran.stderr))

    def client(
        self, name: str, *words: str, timeout: float = 120, text: str = "", env: dict[str, str] | None = None
    ) -> Ran:
        """Run a client in the project, to its end."""
        return self.run([*program(name), *words], timeout=timeout, text=text, env=env)

    def bank(self, *words: str) -> str:
        """Run `bank` in the project and return what it says; it must not fail."""
        ran = self.run([str(self.programs / "bank"), *words])
        assert ran.status == 0, f"bank {' '.join(words)}: {ran.text}"
        return ran.out

    def files(self) -> dict[str, bytes]:
        """Return the project's files, without the bank and git."""
        return {
            name: path.read_bytes()
            for path in sorted(self.project.rglob("*"))
            if path.is_file()
            and not (name := path.relative_to(self.project).as_posix()).startswith((".memory", ".git/"))
        }

    @property
    def memory(self) -> str:
        """The text of the three memory files."""
        return "".join(path.read_text() for path in sorted((self.project / ".memorybank").glob("*.md")))

    def trust_claude(self, key: str, *, project: bool = True) -> None:
        """Write what Claude Code asks a new user, as answered; without `project` it asks for trust in the folder."""
        answered = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [key[-20:]]},
            "projects": {str(self.project): {"hasTrustDialogAccepted": True}} if project else {},
        }
        (self.home / ".claude.json").write_text(json.dumps(answered))
        (self.home / ".claude").mkdir(exist_ok=True)
        servers = {"enabledMcpjsonServers": ["bank"], "disabledMcpjsonServers": ["other"]}
        (self.home / ".claude" / "settings.json").write_text(json.dumps(servers))


def new_place(folder: Path, programs: Path) -> Place:
    """Make a home and a project with a bank and files from before."""
    home, project = folder / "home", folder / "shop"
    (home / "tmp").mkdir(parents=True)
    project.mkdir()
    for name, data in EARLIER.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(data)
    found = Place(home, project, programs)
    for words in (["init", "-q"], ["add", "-A"], [*AUTHOR, "commit", "-qm", "Begin"]):
        ran = found.run(["git", *words])
        assert ran.status == 0, ran.text
    found.bank("init")
    return found
