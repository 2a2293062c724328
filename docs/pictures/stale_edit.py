"""Draw docs/pictures/stale-edit.svg from what `bank` really prints: an edit of a section that changed is refused.

python docs/pictures/stale_edit.py > docs/pictures/stale-edit.svg
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TASKS = "progress.md#Tasks"
STEP = 20
WIDTH = 1010
# GitHub's colours for a dark page, readable on a light one too
COLOURS = {
    "note": "#8b949e",
    "command": "#e6edf3",
    "out": "#adbac7",
    "error": "#ff7b72",
    "-": "#ff7b72",
    "+": "#7ee787",
}
PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>An edit of a section that changed meanwhile is refused, with a diff</title>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
<circle cx="24" cy="20" r="6" fill="#ff5f56"/>
<circle cx="44" cy="20" r="6" fill="#ffbd2e"/>
<circle cx="64" cy="20" r="6" fill="#27c93f"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="14">
{rows}
</g>
</svg>
"""


class Line(NamedTuple):
    """One line of the picture, and the kind that decides its colour."""

    kind: str
    text: str


def main() -> None:
    """Run the commands and print the picture."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(draw(scene(Path(folder))))


def scene(folder: Path) -> list[Line]:
    """Return the lines of the scene: two agents have read a section, and both change it."""
    bank(folder, "init")
    bank(folder, "task", "add", "Ship it")
    digest = bank(folder, "show", TASKS).rsplit(f"{TASKS} @", 1)[1].split()[0]
    lines = [Line("note", "# agent A reads the tasks"), Line("command", f"$ bank show '{TASKS}'")]
    lines += [Line("out", "- [ ] Ship it"), Line("out", f"{TASKS} @{digest}"), Line("out", "")]
    lines += [Line("note", "# agent B adds one meanwhile"), Line("command", "$ bank task add 'Retry on 429'")]
    task, added, *_ = bank(folder, "task", "add", "Retry on 429").split("\n")
    lines += [Line("out", task), Line("+", added), Line("out", "")]
    lines += [Line("note", "# agent A writes what it saw: nothing is lost, and A sees what changed")]
    words = ("edit", TASKS, "--replace", "- [x] Ship it", "--expect", digest)
    lines += [Line("command", f"$ bank edit '{TASKS}' --replace '- [x] Ship it' --expect {digest}")]
    for text in bank(folder, *words, ends=4).rstrip("\n").split("\n"):
        first = text[:1]
        lines.append(Line("error" if text.startswith("error:") else first if first in {"+", "-"} else "out", text))
    return lines


def bank(folder: Path, *words: str, ends: int = 0) -> str:
    """Run `bank` in the folder and return what it printed; it must end with the status `ends`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEMORYBANK_", "CLAUDE"))}
    environ = {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "MEMORYBANK_HOME": str(folder / ".home")}
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "memorybank", *words], cwd=folder, env=environ, capture_output=True, check=False
    )
    if done.returncode != ends:
        raise SystemExit(f"bank {' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")
    return (done.stdout + done.stderr).decode("utf-8")


def draw(lines: list[Line]) -> str:
    """Return the picture of a terminal with these lines."""
    rows = []
    for number, line in enumerate(lines):
        weight = ' font-weight="bold"' if line.kind == "command" else ""
        at = f'x="24" y="{60 + STEP * number}" fill="{COLOURS[line.kind]}"{weight}'
        if line.text:
            rows.append(f'  <text {at} xml:space="preserve">{escape(line.text, quote=False)}</text>')
    return PICTURE.format(width=WIDTH, height=STEP * len(lines) + 60, rows="\n".join(rows))


if __name__ == "__main__":
    main()
