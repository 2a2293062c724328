"""The clients' own programs, from npm in exact versions, kept in a cache outside of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from platformdirs import user_cache_path

# another place for the downloads: 1.5 GB for all of them
CACHE = "MEMORYBANK_CLIENTS_CACHE"


class Program(NamedTuple):
    """A client's package, and what starts it from the folder of its packages."""

    package: str
    version: str
    command: tuple[str, ...]


PROGRAMS = {
    "claude-code": Program("@anthropic-ai/claude-code", "2.1.332", ("@anthropic-ai/claude-code-linux-x64/claude",)),
    "codex": Program("@openai/codex", "0.171.0", ("node", ".bin/codex")),
    "gemini": Program("@google/gemini-cli", "0.61.0", ("node", ".bin/gemini")),
    "copilot": Program("@github/copilot", "1.0.102", ("node", ".bin/copilot")),
    "opencode": Program("opencode-ai", "1.18.33", ("opencode-linux-x64/bin/opencode",)),
}


def program(client: str) -> list[str]:
    """Return the command that starts a client, which is installed at its first use. No script of a package runs."""
    wanted = PROGRAMS[client]
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("clients are installed with npm, which is not here")
    root = Path(os.environ.get(CACHE) or user_cache_path("memorybank-tests") / "clients")
    folder = root / f"{client}-{wanted.version}"
    if not (folder / "package-lock.json").exists():
        _install(npm, folder, f"{wanted.package}@{wanted.version}")
    modules = folder / "node_modules"
    return [node if word == "node" else str(modules / word) for word in wanted.command]


def _install(npm: str, folder: Path, package: str) -> None:
    """Install beside the folder and rename: a folder of this name is always a whole download."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
        new = Path(name) / "new"
        new.mkdir()
        (new / "package.json").write_text(json.dumps({"private": True}))
        words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", package]
        ran = subprocess.run([npm, *words], cwd=new, capture_output=True, text=True, timeout=600, check=False)
        if ran.returncode:
            pytest.fail(f"npm cannot install {package}: {ran.stderr[-500:]}")
        if folder.exists() and not (folder / "package-lock.json").exists():
            shutil.rmtree(folder)
        try:
            new.rename(folder)
        except OSError:
            if not folder.exists():  # else another run was first
                raise
