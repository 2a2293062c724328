"""Prints what came of files from elsewhere: of a bundle, or of another bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.cli.output import answer, counted, say, say_diff, say_undo, tell
from memorybank.facade.terminal.visible import in_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.cli.options import App
    from memorybank.document.receipt import Receipt
    from memorybank.team.incoming import Arrival

_SAID = {"take": "taken", "merged": "merged", "removed": "deleted", "conflict": "conflict", "refused": "refused"}


def show_arrivals(app: App, whole: object, files: Sequence[Arrival], receipt: Receipt) -> int:
    """Print the outcome of each file that is not as before; return the exit status: 1 with conflicts or refusals."""
    status = int(any(each.action in {"conflict", "refused"} for each in files))
    if app.as_json:
        answer(whole)
        return status
    for each in files:
        if each.action in _SAID:
            lines = ", ".join(f"lines {one.first}-{one.last}: {one.why}" for one in each.conflicts)
            told = each.why or lines
            colour = "yellow" if status and told else "green"
            # a name from elsewhere may have line ends
            say(in_one_line(f"{_SAID[each.action]}: {each.file}{f': {told}' if told else ''}"), fg=colour)
    for file in receipt.files if receipt.dry_run else ():
        say_diff(file.diff.rstrip("\n"))
    unchanged = sum(each.action not in _SAID for each in files)
    if unchanged or not files:
        say(f"unchanged: {counted(unchanged, 'file')}")
    if receipt.dry_run:
        tell("nothing was written (dry run)")
    elif receipt.operation:
        say_undo(receipt)
    return status
