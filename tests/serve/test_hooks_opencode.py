"""The plugin of opencode, run by node as opencode calls it: events reach the hooks, and no fault reaches opencode."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.agents.hook_events import hook_command, opencode_plugin
from tests.judges import NODE, need

if TYPE_CHECKING:
    from pathlib import Path

# calls the plugin as opencode does, and prints what came of each call
CALLS = """
import { MemoryBank } from "./plugin.mjs"
import { writeFileSync } from "node:fs"
const asked = [], found = {}
const client = { session: { prompt: (given) => { asked.push(given); if (BROKEN) throw new Error("broken") } } }
const calls = await MemoryBank({ client, directory: process.cwd() })
const call = async (name, ...given) => {
  try { await calls[name](...given); return "" } catch (error) { return error.message }
}
const system = { system: [] }, compact = { context: [] }
await call("experimental.chat.system.transform", { sessionID: "s" }, system)
await call("experimental.chat.system.transform", { sessionID: "s" }, system)
const loop = {}; loop.loop = loop
for (const [name, args] of Object.entries({
  raw: { filePath: ".memorybank/progress.md", oldString: "- [ ] Ship it", newString: "- [x] Ship it" },
  plain: { filePath: "a.py", content: "x" }, loop, nothing: undefined, number: 7,
})) found[name] = await call("tool.execute.before", { tool: "edit", sessionID: "s", callID: name }, { args })
writeFileSync("a.py", "x")
const write = { tool: "write", sessionID: "s", callID: "c", args: { filePath: "a.py", content: "x" } }
found.after = await call("tool.execute.after", write)
found.compacting = await call("experimental.session.compacting", { sessionID: "s" }, compact)
for (const properties of [{ sessionID: "s" }, undefined])
  found.idle = await call("event", { event: { type: "session.idle", properties } })
found.other = await call("event", { event: { type: "session.error" } })
await new Promise((done) => setTimeout(done, 20))
console.log(JSON.stringify({ ...found, system: system.system, compact: compact.context, asked }))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Bank.init(tmp_path / "project")
    return tmp_path / "project"


def play(project: Path, command: list[str], *, broken: bool = False) -> dict[str, Any]:
    (project / "plugin.mjs").write_text(opencode_plugin(command))
    (project / "calls.mjs").write_text(f"const BROKEN = {json.dumps(broken)}\n{CALLS}")
    done = subprocess.run(
        [shutil.which("node") or str(need(NODE)), "calls.mjs"],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": str(project.parent / "home")},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_events_of_opencode_reach_the_hooks(project: Path) -> None:
    found = play(project, hook_command("opencode"), broken=True)
    assert found.pop("raw").startswith("progress.md belongs to the memory bank")
    lines = found.pop("system")
    assert len(lines) == 2
    assert lines[0].startswith('Memory bank "project": ')
    assert "the state of the work is saved" in found.pop("compact")[0]
    (asked,) = found.pop("asked")
    assert asked["path"] == {"id": "s"}
    assert "--as change --file a.py" in asked["body"]["parts"][0]["text"]
    assert set(found.values()) == {""}


@pytest.mark.parametrize("answers", ["nothing", "null", "no JSON"])
def test_a_broken_hook_breaks_no_call_of_opencode(project: Path, tmp_path: Path, answers: str) -> None:
    script = tmp_path / "hook.sh"
    script.write_text(f"#!/bin/sh\necho {answers}\n")
    if answers != "nothing":
        script.chmod(0o755)
    found = play(project, [str(script), "-I", "x"])
    assert (found.pop("system"), found.pop("compact"), found.pop("asked")) == ([], [], [])
    assert set(found.values()) == {""}
