"""`bank tour`: the whole road on a real bank in a temporary folder, every command really run."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import Any

import click

import memorybank
from memorybank.cli.output import say, tell

WIDTH = 100


@click.command("tour")
@click.option("--keep", is_flag=True, help="Leave the folder for a look around.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--bank", hidden=True, help="Not used: the tour makes a bank of its own.")
def tour_command(*, keep: bool, as_json: bool, bank: str | None) -> int:  # noqa: ARG001  a group's option may stand here too
    """Try every command in a temporary folder

    Makes a bank, edits it, is refused where an edit would be unsafe, and takes things back. Ends with 0 when every
    step came out as it should.

    \b
    Example:
      bank tour
    """
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="bank-tour-")
    tour = Tour(folder, quiet=as_json)
    try:
        _walk(tour)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        from memorybank.cli.output import answer

        answer({"steps": tour.steps, "failed": tour.failed, "folder": folder if keep else None})
    else:
        say()
        say(f"{len(tour.steps)} commands, {tour.failed} not as expected", bold=True)
        if keep:
            tell(f"look around in {folder}")
    return 1 if tour.failed else 0


class Tour:
    """The steps of a tour: each runs one command and shows what came back."""

    def __init__(self, folder: str, *, quiet: bool) -> None:
        self.folder = folder
        self.quiet = quiet
        self.steps: list[dict[str, Any]] = []
        self.failed = 0

    def tell(self, text: str) -> None:
        """Say what comes next."""
        if not self.quiet:
            say()
            say(f"# {text}", fg="cyan")

    def run(self, *words: str, ends: int = 0, silent: bool = False) -> str:
        """Run `bank` with these words in the folder; `ends` is the exit status that is right here."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("MEMORYBANK_")}
        # a home of its own: the user's list of banks has no use for one that will be gone
        home = os.path.join(self.folder, ".home")  # noqa: PTH118  text, as all of the environment
        environ.update({"NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "MEMORYBANK_HOME": home})
        # the very program that is running, found without PATH
        root = os.path.dirname(os.path.dirname(os.path.abspath(memorybank.__file__)))  # noqa: PTH100, PTH120  may stand in a zip
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environ.get("PYTHONPATH", "")]))
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", "memorybank", *words],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        out = done.stdout.decode("utf-8", "replace").replace(self.folder, "~/project")
        err = done.stderr.decode("utf-8", "replace").replace(self.folder, "~/project")
        if done.returncode != ends:
            self.failed += 1
        if not silent:
            self.steps.append(
                {
                    "command": shlex.join(["bank", *words]),
                    "exit_status": done.returncode,
                    "as_expected": done.returncode == ends,
                }
            )
            if not self.quiet:
                say(f"$ {shlex.join(['bank', *words])}", bold=True)
                for line in (out + err).rstrip("\n").split("\n"):
                    say(f"  {line[:WIDTH]}")
                if done.returncode:
                    say(f"  (exit status {done.returncode})")
        return out

    def digest(self, address: str) -> str:
        """Ask for a section's digest."""
        return str(json.loads(self.run("show", address, "--json", silent=True) or "{}").get("digest", ""))


def _walk(tour: Tour) -> None:
    tour.tell("A bank is three Markdown files in your project.")
    tour.run("init")
    tour.run("load", "activeContext.md")
    tour.tell("One line each, put where its kind belongs.")
    tour.run("note", "The parser must keep CRLF")
    tour.run("note", "cache: SQLite", "--as", "decision", "--why", "nothing to run beside it")
    tour.run("focus", "Parser: errors name the line")
    tour.run("task", "add", "Fuzz the parser")
    tour.tell("An edit says what it saw. Someone else is faster: it is refused, and shown what changed.")
    seen = tour.digest("activeContext.md#Recent Changes")
    tour.run("note", "Parser reads BOM", "--as", "change", "--file", "src/parser.py:12")
    tour.run("edit", "activeContext.md#Recent Changes", "--replace", "- all done", "--expect", seen, ends=4)
    tour.tell("Read again, and it goes through: a snapshot is replaced, its heading stays byte for byte.")
    tour.run(
        "edit",
        "activeContext.md#Recent Changes",
        "--replace",
        "- Parser rewritten",
        "--expect",
        tour.digest("activeContext.md#Recent Changes"),
    )
    tour.run("show", "activeContext.md#Recent Changes")
    tour.tell("What only grows is not replaced, and text cannot become structure.")
    tour.run("edit", "activeContext.md#Decisions", "--replace", "- none", ends=5)
    tour.run("edit", "activeContext.md#Blockers", "--append", "waiting\n## Last Updated\nnever", ends=5)
    tour.tell("A person deletes a section in an editor; the next note puts it back where it belongs.")
    _without_learnings(tour)
    tour.run("check", ends=1)
    tour.run("note", "Headings that were lost come back")
    tour.run("check")
    tour.tell("Everything is in the history, and can be taken back, and again.")
    tour.run("history")
    tour.run("blame", "activeContext.md#Decisions")
    tour.run("undo", "-n", "2")
    tour.run("redo")


def _without_learnings(tour: Tour) -> None:
    """Save the file without one section, as a person with an editor would: not through our door."""
    script = (
        "import pathlib; p = pathlib.Path('.memorybank/activeContext.md'); t = p.read_text(encoding='utf-8'); "
        "i = t.index('## Learnings'); j = t.index('## References'); "
        "p.write_text(t[:i] + t[j:], encoding='utf-8', newline='')"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tour.folder, check=True)  # noqa: S603  our own interpreter
