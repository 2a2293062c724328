"""Whole sessions of clients without a terminal, with the model on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.clients.fake_model.server import FakeModel
    from tests.clients.place import Place, Ran

KEY = "sk-ant-fake-0000000000000000000000000000"


def claude(place: Place, model: FakeModel, prompt: str, *words: str) -> Ran:
    """Run one session of Claude Code."""
    env = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY}
    return place.client("claude-code", "-p", prompt, "--output-format", "json", *words, env=env)


def codex(place: Place, model: FakeModel, prompt: str, *resumed: str) -> Ran:
    """Run one session of Codex, or a turn of a resumed one. It runs the hooks without asking for trust."""
    where = f'base_url="{model.url}/v1",wire_api="responses"'
    provider = f'{{name="fake",{where},env_key="FAKE_KEY",request_max_retries=0}}'
    trusted = ["--dangerously-bypass-hook-trust", "--dangerously-bypass-approvals-and-sandbox"]
    chosen = ["-c", f"model_providers.fake={provider}", "-c", 'model_provider="fake"', "-m", "gpt-5.5"]
    words = ["exec", "--json", "--skip-git-repo-check", *trusted, *chosen, *resumed, prompt]
    return place.client("codex", *words, env={"FAKE_KEY": "fake"})
