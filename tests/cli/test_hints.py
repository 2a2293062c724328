"""What is told when a command cannot be done: the choices there are, and a next command that runs as it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("rule", "said"), [("github-tokn", "Did you mean github-token"), ("zzz", "anthropic-key")])
def test_a_rule_that_does_not_exist_is_told(tmp_path: Path, rule: str, said: str) -> None:
    folder = make_bank(tmp_path)
    before = (folder / "activeContext.md").read_bytes()
    done = bank(tmp_path, "note", "a plain note", "--allow-secret", rule)
    assert done.returncode == 2
    assert f"There is no rule {rule!r}" in done.stderr
    assert said in done.stderr
    assert (folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize("rule", ["github-token", "password", "token", "secret"])
def test_every_rule_that_can_find_something_can_be_allowed(tmp_path: Path, rule: str) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "note", "a plain note", "--allow-secret", rule).returncode == 0
