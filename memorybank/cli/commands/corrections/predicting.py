"""`bank corrections fit`."""

from __future__ import annotations

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.options import App, writes
from memorybank.cli.output import answer, say, tell
from memorybank.facade.corrections.namespace import Corrections


@corrections_command.command("fit")
@writes
def fit(app: App) -> None:
    """Learn which corrections have to be said again

    A logistic regression on your own history, judged on sessions that it did not see; needs memorybank[mining]. If it
    is better than recency there, each correction gets its chance, which is a part of its score; else none has one. Run
    it again after mining.

    \b
    Examples:
      bank corrections fit --dry-run
      bank corrections fit
    """
    found = app.face(Corrections).fit()
    if app.as_json:
        answer(found)
        return
    say(f"{found.example_count} corrections with a later session, {found.repeated_count} of them said again")
    if found.auc is not None:
        bounds = f"difference {found.low:+.3f} to {found.high:+.3f}"
        say(f"AUC {found.auc:.3f} on sessions that it did not see, recency {found.recency_auc:.3f}; {bounds}")
    if found.is_used:
        say(f"on: {found.correction_count} corrections have their chance", fg="green")
    else:
        say(f"off: {found.why}")
    if app.options.get("dry_run"):
        tell("nothing was written (dry run)")
