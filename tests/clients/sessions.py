"""Whole sessions of clients without a terminal, with the model on this machine."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.clients.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.fake_model.server import FakeModel
    from tests.clients.place import Place, Ran

GEMINI = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "GEMINI_API_KEY": "fake"}
KEY = "sk-ant-fake-0000000000000000000000000000"


def claude(place: Place, model: FakeModel, prompt: str, *words: str) -> Ran:
    """Run one session of Claude Code."""
    env = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY}
    return place.client("claude-code", "-p", prompt, "--output-format", "json", *words, env=env)


def codex(place: Place, model: FakeModel, prompt: str, *resumed: str) -> Ran:
    """Run one session of Codex, or a turn of a resumed one. It runs the hooks without asking for trust."""
    trusted = ["--dangerously-bypass-hook-trust", "--dangerously-bypass-approvals-and-sandbox"]
    words = ["exec", "--json", "--skip-git-repo-check", *trusted, *codex_provider(model), *resumed, prompt]
    return place.client("codex", *words, env={"FAKE_KEY": "fake"})


def codex_provider(model: FakeModel) -> list[str]:
    """Return the options with which Codex uses this model alone."""
    where = f'base_url="{model.url}/v1",wire_api="responses"'
    provider = f'{{name="fake",{where},env_key="FAKE_KEY",request_max_retries=0}}'
    return ["-c", f"model_providers.fake={provider}", "-c", 'model_provider="fake"', "-m", "gpt-5.5"]


def gemini(place: Place, model: FakeModel, prompt: str, *words: str) -> Ran:
    """Run one session of Gemini CLI. A model is named: else it asks another one first which to take."""
    env = {**GEMINI, "GOOGLE_GEMINI_BASE_URL": model.url}
    return place.client("gemini", "-p", prompt, "-m", "gemini-2.5-flash", "--approval-mode", "yolo", *words, env=env)


def copilot(place: Place, model: FakeModel, prompt: str, *words: str) -> Ran:
    """Run one session of Copilot CLI, which needs no account for a model of one's own."""
    return place.client("copilot", "-p", prompt, "--allow-all-tools", *words, env=copilot_environ(model))


def copilot_environ(model: FakeModel) -> dict[str, str]:
    """Return the variables with which Copilot CLI uses this model alone."""
    provider = {"BASE_URL": model.url, "TYPE": "anthropic", "API_KEY": "fake"}
    named = {f"COPILOT_PROVIDER_{name}": value for name, value in provider.items()}
    return {"COPILOT_OFFLINE": "true", "COPILOT_MODEL": "claude-sonnet-4.5", **named}


def opencode(place: Place, model: FakeModel, prompt: str, *words: str) -> Ran:
    """Run one session of opencode."""
    return place.client("opencode", "run", *words, prompt, env=_opencode_environ(model))


def _opencode_environ(model: FakeModel) -> dict[str, str]:
    options = {"baseURL": f"{model.url}/v1", "apiKey": "fake"}
    provider = {"npm": "@ai-sdk/anthropic", "options": options, "models": {"fake": {"name": "fake"}}}
    return {"OPENCODE_CONFIG_CONTENT": json.dumps({"provider": {"fake": provider}, "model": "fake/fake"})}


@contextmanager
def opencode_server(place: Place, model: FakeModel) -> Iterator[str]:
    """Run opencode's server in the project while the block runs, and give its address."""
    words = [*program("opencode"), "serve", "--port", "0"]
    env = place.environ(_opencode_environ(model))
    with subprocess.Popen(words, cwd=place.project, env=env, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)))
            yield found.group()
        finally:
            server.terminate()


def prepare(place: Place, client: str) -> None:
    """Write what a user of Gemini, Copilot or opencode has answered, and install for it."""
    if client == "copilot":  # the project's servers and hooks run only in a trusted folder
        (place.home / ".copilot").mkdir()
        (place.home / ".copilot" / "config.json").write_text(json.dumps({"trusted_folders": [str(place.project)]}))
    elif client == "gemini":
        (place.home / ".gemini").mkdir()
        chosen = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        (place.home / ".gemini" / "settings.json").write_text(json.dumps(chosen))
    else:  # it would fetch the package of its plugins from npm
        (place.home / ".npmrc").write_text("offline=true\nfetch-retries=0\n")
    place.bank("install", client)
