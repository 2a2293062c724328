"""`bank` in a real pseudo-terminal of a given width, and what it draws there as pictures.

python -m tests.terminal OUT      draws the commands used most at 60, 80 and 200 columns, as SVG
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from html import escape
from pathlib import Path
from typing import NamedTuple

from tests.running import bank, environment, import_everything, make_bank

SECONDS = 30
WIDTHS = (60, 80, 200)
# name -> the words; {names} are ids of the demo project
USED_MOST: dict[str, tuple[str, ...]] = {
    "load": ("load",),
    "load-stage": ("load", "--stage", "building"),
    "note": ("note", "The CI image has no zsh, so scripts that people run by hand have to begin with a line for sh"),
    "focus": ("focus", "Uploads survive a cut of the connection, whatever the size of the file"),
    "task-add": ("task", "add", "Retry on 429 with the delay that the server asks for, and give up after five tries"),
    "task-list": ("task", "list"),
    "task-several": ("task", "done", "offset"),
    "show": ("show", "learnings"),
    "search": ("search", "idle", "connections", "keepalive"),
    "decide": ("decide", "Queue: SQLite in WAL mode", "--why", "nothing to run beside it"),
    "undo": ("undo",),
    "status": ("status",),
    "save": ("save", "The API answers 429 when more than a hundred requests come within a minute", "--type", "fact"),
    "recall": ("recall", "{fact}"),
    "list": ("list",),
    "bugs": ("bug", "list"),
    "log": ("log",),
    "history": ("history",),
    "outline": ("outline", "activeContext.md"),
    "sessions": ("sessions",),
    "plans": ("plan", "list"),
    "check": ("check",),
    "blame": ("blame", "activeContext.md#Learnings"),
    "help": ("help", "task"),
    "headings": ("headings", "learn"),
    "tags": ("tags",),
    "session-show": ("session", "show", "auth"),
    "session-end": ("session", "end", "--generate-summary", "--dry-run"),
    "items": ("item", "list", "activeContext.md#Learnings"),
    "diff": ("diff",),
    "dry-run": ("note", "A line that is so long that it has to be folded, too, in the diff of a dry run", "--dry-run"),
    "doctor": ("doctor",),
    "review": ("review", "--weekly"),
    "cleanup": ("cleanup", "--older-than", "1", "--type", "fact", "--dry-run"),
    "export": ("export", "--to", "out", "--format", "module71", "--dry-run"),
    "gate": ("gate", "implement"),
    "wrap-up": ("wrap-up",),
    "verify": ("verify",),
    "notes": ("notes", "list"),
    "workflows": ("workflow", "list"),
    "checkpoints": ("checkpoint", "list"),
    "banks": ("banks", "list"),
    "artifacts": ("artifact", "list"),
    "triggers": ("load", "--for", "list"),
    "table": ("load", "--table"),
    "explain": ("load", "--stage", "plan", "--budget-tokens", "200", "--explain"),
    "rules": ("check", "--explain", "all"),
    "handoff": ("handoff",),
    "error": ("show", "decisons"),
    "usage": ("list", "--limit", "0"),
    "mistake": ("rm", "x"),
}
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_BEFORE: tuple[tuple[str, ...], ...] = (
    (
        "note",
        "Redis drops idle connections after five minutes: set keepalive to 60 seconds in client and server",
    ),
    ("note", "再接続のたびに古い接続を閉じないと、上限に達して新しい接続がすべて拒否されるので注意すること"),
    ("note", "Keys expire at midnight 🕛 in the zone of the server, not of the user"),
    ("note", "Dates are local", "--as", "gotcha"),
    ("note", "Cache: Redis", "--as", "decision", "--why", "it is there already"),
    ("task", "add", "Store the offset of every part before the next one is sent, so that a cut costs one part"),
    ("task", "add", "Resume from the offset that the server confirms"),
    ("task", "add", "アップロードの進捗を表示する"),
    ("bug", "new", "Uploads stop at 2 GB because the length is kept in a signed 32-bit number", "--severity", "high"),
    ("bug", "new", "Names are cut", "--severity", "low"),
    ("session", "start", "--label", "auth"),
    ("session", "message", "user", "hello"),
    ("plan", "new", "Search over sessions and messages with the words that people type"),
    ("plan", "new", "アップロードを途中から再開するための計画とその順序"),
    ("workflow", "start", "BUILD", "Uploads survive a cut of the connection, whatever the size of the file"),
    ("checkpoint", "Registration is done and login is next, but the tests are slow", "--phase", "Implementation"),
    ("checkpoint", "--phase", "Review"),
    ("artifact", "add", "a-picture-with-a-rather-long-name-of-the-screen-at-login.png", "--as", "screenshots"),
    ("prove", "python answers with its version", "--", sys.executable, "--version"),
    ("note", "The proxy cuts after 60 seconds and does not log it", "--as", "gotcha", "--role", "read-only"),
    (
        "log",
        "Completed user authentication",
        "-b",
        "Chose JWT for tokens: no state, so the API scales",
        "-b",
        "short",
    ),
)


class Screen(NamedTuple):
    """What a command printed in a terminal: its status, and its lines with the codes for colours."""

    status: int
    lines: tuple[str, ...]

    @property
    def plain(self) -> list[str]:
        """The lines without colours."""
        return [_SGR.sub("", line) for line in self.lines]


def in_terminal(folder: Path, words: tuple[str, ...], *, columns: int, colour: bool = True) -> Screen:
    """Run `bank` in a child of this process whose three streams are a terminal of this width."""
    import_everything()
    env = environment(TERM="xterm-256color", MEMORYBANK_HOME=str(folder.parent / "home"), EDITOR="true")
    env.pop("COLUMNS", None)
    env.pop("NO_COLOR", None)
    if not colour:
        env["NO_COLOR"] = "1"
    child, terminal = pty.fork()
    if child == 0:
        _run(folder, words, env, columns)
    said = b""
    ends = time.monotonic() + SECONDS
    while True:
        if not select.select([terminal], [], [], max(ends - time.monotonic(), 0))[0]:
            os.kill(child, signal.SIGKILL)
            raise AssertionError(f"bank {' '.join(words)} waits for somebody: {said!r}")
        try:
            part = os.read(terminal, 65536)
        except OSError:
            # how Linux ends a terminal that nobody writes to any more
            break
        if not part:
            break
        said += part
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    lines = said.decode("utf-8").replace("\r\n", "\n").split("\n")
    return Screen(status, tuple(lines[:-1] if lines[-1] == "" else lines))


def _run(folder: Path, words: tuple[str, ...], env: dict[str, str], columns: int) -> None:
    """Be the child: only the program, and never back."""
    status = 70
    try:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        sys.stdin = os.fdopen(0, "r", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        from memorybank.cli.main import run

        status = run(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def demo(folder: Path) -> dict[str, str]:
    """Make a project with long lines, wide characters and emoji; return the ids that the words name."""
    folder.mkdir(parents=True)
    make_bank(folder)
    env = {"MEMORYBANK_HOME": str(folder.parent / "home")}
    (folder / "a-picture-with-a-rather-long-name-of-the-screen-at-login.png").write_bytes(b"\x89PNG\0")
    for words in _BEFORE:
        done = bank(folder, *words, env=env)
        assert done.returncode == 0, done.stderr
    done = bank(folder, "save", "The API answers 429 to the hundredth request of a minute, and says when to come back",
                "--type", "fact", "--tags", "api,limits", "--json", env=env)  # fmt: skip
    ident = re.search(r"fct-\d{8}-\w+", done.stdout)
    assert ident is not None
    focus = folder / ".memorybank" / "activeContext.md"
    focus.write_text(focus.read_text("utf-8").replace("## Blockers", "## Blokers"), encoding="utf-8")
    (folder / "docs" / "plans" / "2020-01-01-old.md").write_text("# An older plan\n", encoding="utf-8")
    return {"fact": ident.group()}


# the colours of a dark terminal, by their number
_COLOURS = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#76e3ea", 39: "#e6edf3"}
_CELL, _LINE, _TEXT, _BACK = 8.43, 19, "#e6edf3", "#0d1117"


def spans(line: str) -> list[tuple[str, str, bool]]:
    """Return the parts of a line with the colour of each, and whether it is bold."""
    found, colour, bold, dim, at = [], _TEXT, False, False, 0
    for code in [*_SGR.finditer(line), None]:
        text = line[at : code.start() if code else len(line)]
        if text:
            found.append((text, "#8b949e" if dim else colour, bold))
        if code is None:
            break
        at = code.end()
        for number in (int(each or 0) for each in code[1].split(";")):
            if number == 0:
                colour, bold, dim = _TEXT, False, False
            bold, dim = bold or number == 1, dim or number == 2
            colour = _COLOURS.get(number, colour)
    return found


def draw(screen: Screen, columns: int, title: str) -> str:
    """Return the picture of a terminal with these lines, each character in its own cells."""
    from memorybank.cli.width import cells

    rows = []
    for number, line in enumerate(screen.lines):
        at = 0
        for text, colour, bold in spans(line):
            weight = ' font-weight="bold"' if bold else ""
            rows.append(
                f'<text x="{10 + at * _CELL:.1f}" y="{24 + number * _LINE}" fill="{colour}"{weight}'
                f' textLength="{cells(text) * _CELL:.1f}" xml:space="preserve">{escape(text)}</text>'
            )
            at += cells(text)
    width, height = 20 + columns * _CELL, 20 + len(screen.lines) * _LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" font-size="14"'
        f' font-family="monospace"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="{_BACK}"/>\n' + "\n".join(rows) + "\n</svg>\n"
    )


def main(target: Path) -> None:
    """Draw every command at every width, with and without colour."""
    import tempfile

    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        names = demo(Path(place) / "demo")
        for columns in WIDTHS:
            for name, words in USED_MOST.items():
                for colour in (True, False):
                    given = tuple(word.format(**names) for word in words)
                    screen = in_terminal(Path(place) / "demo", given, columns=columns, colour=colour)
                    picture = draw(screen, columns, " ".join(("bank", *given)))
                    file = target / f"{name}-{columns}{'' if colour else '-plain'}.svg"
                    file.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
