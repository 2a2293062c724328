"""`bank tour`: a demonstration on a real bank in a temporary folder."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import Any

import click

import memorybank
from memorybank.cli.output import say, tell


@click.command("tour")
@click.option("--keep", is_flag=True, help="Keep the folder.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--bank", hidden=True, help="Not used: the tour makes its own bank.")
def tour_command(*, keep: bool, as_json: bool, bank: str | None) -> int:  # noqa: ARG001  a group's option may stand here too
    """See the main commands work in a temporary folder

    Makes a bank, edits it, shows refused edits, and undoes changes. Ends with 0 if every step worked as expected.

    \b
    Example:
      bank tour
    """
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

        answer(
            {
                "steps": tour.steps,
                "count": len(tour.steps),
                "failed_count": tour.failed,
                "folder": folder if keep else None,
            }
        )
    else:
        say()
        ended = f"{tour.failed} not as expected" if tour.failed else "all as expected"
        say(f"{len(tour.steps)} commands, {ended}", bold=True)
        if keep:
            tell(f"the folder is {folder}")
    return 1 if tour.failed else 0


class Tour:
    """The steps of a tour: each runs one command and shows what came back."""

    def __init__(self, folder: str, *, quiet: bool) -> None:
        self.folder = folder
        self.quiet = quiet
        # only a terminal has an edge at which lines are cut
        self.width = shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else None
        self.steps: list[dict[str, Any]] = []
        self.failed = 0

    def tell(self, text: str) -> None:
        """Print the title of the next step."""
        if not self.quiet:
            say()
            say(f"# {text}", fg="cyan")

    def run(self, *words: str, ends: int = 0, silent: bool = False) -> str:
        """Run `bank` with these words in the folder; `ends` is the expected exit status."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("MEMORYBANK_")}
        # its own home: a temporary bank must not enter the user's list of banks
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
                    "exit_code": done.returncode,
                    "as_expected": done.returncode == ends,
                }
            )
            if not self.quiet:
                say(f"$ {shlex.join(['bank', *words])}", bold=True)
                for line in (out + err).rstrip("\n").split("\n"):
                    say(f"  {line[: self.width]}")
                if done.returncode:
                    say(f"  (exit status {done.returncode})")
        return out

    def digest(self, address: str) -> str:
        """Return a section's digest."""
        return str(json.loads(self.run("show", address, "--json", silent=True) or "{}").get("digest", ""))


def _walk(tour: Tour) -> None:
    tour.tell("A bank is three Markdown files in your project.")
    tour.run("init")
    tour.run("load", "activeContext.md")
    tour.tell("Each line goes to the section of its kind.")
    tour.run("note", "The parser must keep CRLF")
    tour.run("note", "cache: SQLite", "--as", "decision", "--why", "nothing to run beside it")
    tour.run("focus", "Parser: errors name the line")
    tour.run("task", "add", "Fuzz the parser")
    tour.tell("An edit names the digest that it read. Somebody else was faster: the edit is refused, with a diff.")
    seen = tour.digest("activeContext.md#Recent Changes")
    tour.run("note", "Parser reads BOM", "--as", "change", "--file", "src/parser.py:12")
    tour.run("edit", "activeContext.md#Recent Changes", "--replace", "- all done", "--expect", seen, ends=4)
    tour.tell("Read again, and the edit works: the section is replaced, its heading stays byte for byte.")
    tour.run(
        "edit",
        "activeContext.md#Recent Changes",
        "--replace",
        "- Parser rewritten",
        "--expect",
        tour.digest("activeContext.md#Recent Changes"),
    )
    tour.run("show", "activeContext.md#Recent Changes")
    tour.tell("An append-only section is not replaced, and text cannot become structure.")
    tour.run("edit", "activeContext.md#Decisions", "--replace", "- none", ends=5)
    tour.run("edit", "activeContext.md#Blockers", "--append", "waiting\n## Last Updated\nnever", ends=5)
    tour.tell("A person deletes a section in an editor; the next note adds it again in its place.")
    _without_learnings(tour)
    tour.run("check", ends=1)
    tour.run("note", "Headings that were lost come back")
    tour.run("check")
    tour.tell("Everything is in the history, and can be undone and redone.")
    tour.run("history")
    tour.run("blame", "activeContext.md#Decisions")
    tour.run("undo", "-n", "2")
    tour.run("redo")


def _without_learnings(tour: Tour) -> None:
    """Save the file without one section, as a person with an editor would."""
    script = (
        "import pathlib; p = pathlib.Path('.memorybank/activeContext.md'); t = p.read_text(encoding='utf-8'); "
        "i = t.index('## Learnings'); j = t.index('## References'); "
        "p.write_text(t[:i] + t[j:], encoding='utf-8', newline='')"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tour.folder, check=True)  # noqa: S603  our own interpreter
