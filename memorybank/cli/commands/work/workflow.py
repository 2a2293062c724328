"""`bank workflow`: work in progress as an artifact of its own, from its start to its Memory Update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.commands.work.auto import auto_command
from memorybank.cli.commands.work.notes import show_settled
from memorybank.cli.options import App, reads, text_from, writes
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.workflow.artifact import Workflow, WorkflowChange

_INTENT = {"non_goals": "not", "constraints": "keeps to", "acceptance": "wanted", "open_decisions": "open"}
_flow_option = click.option("--id", "ident", default="", metavar="WF", help="Which one; else the active one.")


@click.group("workflow")
def workflow_command() -> None:
    """Run a workflow: phases, tasks, results, gates

    workflows/ID.json holds how it stands, ID.events.jsonl what happened; the form is docs/workflow.schema.json.
    --id WF names one; without it the active one is meant.

    \b
    Examples:
      bank workflow start BUILD "Uploads survive a cut" --acceptance "a 1 GB upload resumes"
      bank workflow task "Store the offset"
      bank workflow finish
    """


def _show(app: App, done: WorkflowChange, told: str) -> None:
    if app.as_json:
        passed = {"passed": done.passed} if done.passed else {}
        answer({"workflow": done.flow, **passed, "receipt": done.receipt})
        return
    show_receipt(done.receipt, as_json=False, done=told)
    for text, why in done.passed:
        tell(f"not queued: {text} ({why})")


@workflow_command.command("start", cls=TextCommand)
@click.argument("kind", metavar="PLAN|BUILD|REVIEW|DEBUG")
@click.argument("goal", type=TEXT, metavar="GOAL")
@click.option("--non-goal", multiple=True, type=TEXT, metavar="TEXT", help="What it is not; can be repeated.")
@click.option("--constraint", multiple=True, type=TEXT, metavar="TEXT", help="What it must keep to.")
@click.option("--acceptance", multiple=True, type=TEXT, metavar="TEXT", help="What will show that it is done.")
@click.option("--open-decision", multiple=True, type=TEXT, metavar="TEXT", help="What is still to be decided.")
@click.option("--phase", multiple=True, type=TEXT, metavar="NAME", help="The phases, in order; else those of the kind.")
@click.option("--id", "ident", default="", metavar="ID", help="An id of your own.")
@writes
def start(
    app: App,
    kind: str,
    goal: str,
    non_goal: tuple[str, ...],
    constraint: tuple[str, ...],
    acceptance: tuple[str, ...],
    open_decision: tuple[str, ...],
    phase: tuple[str, ...],
    ident: str,
) -> None:
    """Start a workflow

    \b
    Example:
      bank workflow start BUILD "Uploads survive a cut" --constraint "no new dependency"
    """
    from memorybank.workflow import steps as flows

    done = flows.start(
        app.bank,
        kind,
        text_from(goal),
        app.way(),
        non_goals=non_goal,
        constraints=constraint,
        acceptance=acceptance,
        open_decisions=open_decision,
        phases=phase,
        ident=ident,
    )
    _show(app, done, "started")
    if not app.as_json:
        say(f"  {done.flow.id}: phase {done.flow.value['cursor']}")


@workflow_command.command("show")
@click.argument("ident", required=False, default="", metavar="[WF]")
@reads
def show(app: App, ident: str) -> None:
    """Print a workflow

    \b
    Example:
      bank workflow show --json
    """
    from memorybank.workflow.artifact import find_flow

    flow = find_flow(app.bank, ident)
    if app.as_json:
        answer(flow)
        return
    _print(flow)


def _print(flow: Workflow) -> None:
    value = flow.value
    say(f"{flow.id}  {flow.kind}  {flow.status}", fg="cyan")
    say(f"  goal        {flow.goal}")
    for name, shown in _INTENT.items():
        for each in value["intent"].get(name, []):
            say(f"  {shown:12}{each}")
    for each in value["phases"]:
        say(f"  phase       {each['name']:14}{each['status']}{'  <' if each['name'] == value['cursor'] else ''}")
    for each in value["tasks"]:
        after = f"  after {', '.join(each['depends_on'])}" if each.get("depends_on") else ""
        say(f"  {each['id']:12}{each['status']:9}{each['text']}{after}")
    for each in value.get("gates", []):
        say(f"  gate        {each['status']:9}{each['name']}  {each.get('question', '')}".rstrip())
    for each in value.get("results", []):
        say(f"  result      {each['agent']:14}{each['status']}")


@workflow_command.command("list")
@click.option("--status", metavar="STATUS", help="active, finished or aborted.")
@reads
def list_(app: App, status: str | None) -> None:
    """List the workflows, newest first

    \b
    Example:
      bank workflow list --status active
    """
    from memorybank.cli.commands.records.memory import show_broken
    from memorybank.workflow.artifact import list_flows

    found = list_flows(app.bank)
    rows = [each for each in found.flows if not status or each.status == status]
    if app.as_json:
        told = [{"id": each.id, "kind": each.kind, "status": each.status, "goal": each.goal} for each in rows]
        answer({"workflows": told, "broken": found.broken})
        return
    for each in rows:
        say(f"{each.id:22}{each.kind:8}{each.status:10}{each.goal[:80]}")
    if not rows:
        tell("no workflows")
    show_broken(found.broken)


@workflow_command.command("phase", cls=TextCommand)
@click.argument("name", type=TEXT, metavar="NAME")
@click.option("--status", default="active", show_default=True, metavar="STATUS", help="done, failed, skipped, …")
@click.option("--note", type=TEXT, default="", metavar="TEXT", help="Why, for its history.")
@_flow_option
@writes
def phase(app: App, name: str, status: str, note: str, ident: str) -> None:
    """Go on to a phase, or bring one to another status

    \b
    Examples:
      bank workflow phase review
      bank workflow phase verify --status failed --note "2 of 31 tests"
    """
    from memorybank.workflow.steps import set_phase

    _show(app, set_phase(app.bank, ident, name, app.way(), status=status, note=note), "phase")


@workflow_command.command("task", cls=TextCommand)
@click.argument("task", type=TEXT, metavar="TEXT|ID")
@click.option("--after", metavar="ID,ID", help="Tasks that come first.")
@click.option("--status", metavar="STATUS", help="pending, active, done or dropped: of the task with that ID.")
@click.option("--evidence", type=TEXT, default="", metavar="TEXT", help="What shows it; ^id of a proven line.")
@_flow_option
@writes
def task(app: App, task: str, after: str | None, status: str | None, evidence: str, ident: str) -> None:
    """Add a task, or say how one stands

    \b
    Examples:
      bank workflow task "Store the offset"
      bank workflow task "Resume from it" --after t1
      bank workflow task t1 --status done --evidence ^v7k2m9
    """
    from memorybank.workflow.artifact import find_flow
    from memorybank.workflow.steps import add_task, set_task

    if status or evidence:
        _show(app, set_task(app.bank, ident, task, status or "done", app.way(), evidence=evidence), "task")
        return
    if task in [each["id"] for each in find_flow(app.bank, ident).value["tasks"]]:
        raise click.UsageError(f"{task} is a task; say how it stands: --status, or --evidence.")
    names = [each.strip() for each in (after or "").split(",") if each.strip()]
    done = add_task(app.bank, ident, text_from(task), app.way(), after=names)
    _show(app, done, "task")
    if not app.as_json:
        say(f"  {done.flow.value['tasks'][-1]['id']}")


@workflow_command.command("result", cls=TextCommand)
@click.argument("agent", metavar="AGENT")
@click.argument("text", type=TEXT, metavar="TEXT|-")
@click.option("--status", default="", metavar="STATUS", help="How it ended; else the STATUS of its contract.")
@_flow_option
@writes
def result(app: App, agent: str, text: str, status: str, ident: str) -> None:
    """Keep what an agent reported, and queue its memory notes

    \b
    Example:
      bank workflow result code-reviewer - < review.md
    """
    from memorybank.workflow.steps import add_result

    _show(app, add_result(app.bank, ident, agent, text_from(text), app.way(), status=status), "result")


@workflow_command.command("gate", cls=TextCommand)
@click.argument("name", type=TEXT, metavar="NAME")
@click.option("--ask", type=TEXT, default="", metavar="TEXT", help="What must be answered.")
@click.option("--pass", "status", flag_value="passed", help="It is passed.")
@click.option("--fail", "status", flag_value="failed", help="It is not.")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The answer.")
@_flow_option
@writes
def gate(app: App, name: str, ask: str, status: str | None, why: str, ident: str) -> None:
    """Open a gate that must be passed before the end, or settle it

    \b
    Examples:
      bank workflow gate "scope" --ask "Windows too?"
      bank workflow gate "scope" --pass --why "no, next year"
    """
    from memorybank.workflow.steps import set_gate

    done = set_gate(app.bank, ident, name, app.way(), question=ask, status=status or "pending", why=why)
    _show(app, done, "gate")
    settled = next((each for each in done.flow.value.get("gates", []) if each["name"] == name.strip()), None)
    if status is None and settled is not None and settled["status"] == "passed" and not app.as_json:
        tell(f"passed: {settled['why']}")


workflow_command.add_command(auto_command)


@workflow_command.command("note", cls=TextCommand)
@click.argument("text", type=TEXT, metavar="TEXT")
@click.option("--as", "kind", default="learning", show_default=True, metavar="KIND", help="What it is.")
@_flow_option
@writes
def note(app: App, text: str, kind: str, ident: str) -> None:
    """Keep a note that is written when the workflow finishes

    \b
    Example:
      bank workflow note "The proxy cuts uploads after 60 s" --as gotcha
    """
    from memorybank.workflow.steps import add_note

    _show(app, add_note(app.bank, ident, text_from(text), app.way(), kind=kind), "noted")


@workflow_command.command("debug", cls=TextCommand)
@click.argument("tried", type=TEXT, required=False, default="", metavar="[TRIED]")
@click.option("--result", "result_", type=TEXT, default="", metavar="TEXT", help="What came of it.")
@click.option("--reset", is_flag=True, help="Begin to count anew.")
@_flow_option
@writes
def debug(app: App, tried: str, result_: str, ident: str, *, reset: bool) -> None:
    """Write down a debug attempt: [DEBUG-N]: tried → result

    The number is the program's; it stands under Recent Changes until the workflow finishes.

    \b
    Example:
      bank workflow debug "pinned the clock" --result "still red"
    """
    from memorybank.workflow.steps import add_attempt

    _show(app, add_attempt(app.bank, ident, tried, result_, app.way(), reset=reset), "debug")


@workflow_command.command("finish", cls=TextCommand)
@click.argument("ident", required=False, default="", metavar="[WF]")
@click.option("--changed", multiple=True, type=TEXT, metavar="TEXT", help="What changed; else its done tasks.")
@click.option("--next", "next_steps", multiple=True, type=TEXT, metavar="TEXT", help="A next step; can be repeated.")
@click.option("--anyway", is_flag=True, help="Although a gate is not passed.")
@writes
def finish(app: App, ident: str, changed: tuple[str, ...], next_steps: tuple[str, ...], *, anyway: bool) -> int:
    """End a workflow with its Memory Update, as one operation

    What changed takes the place of earlier workflows' changes, done tasks are filed under Completed with their
    evidence, the notes that wait for it are applied, and the lines that only served it are taken out. Changes that were
    noted since it started stay, and so do paragraphs, comments and what hangs below an item. Without --changed the
    tasks that were done say what changed.

    \b
    Example:
      bank workflow finish --changed "Uploads resume after a cut - src/upload.py"
    """
    from memorybank.workflow.finish import finish as end

    done = end(app.bank, app.way(), ident=ident, changed=changed, next_steps=next_steps, anyway=anyway)
    if app.as_json:
        answer(
            {
                "workflow": done.flow,
                "settled": done.settled,
                "stuck": done.stuck,
                "replaced": done.replaced,
                "receipt": done.receipt,
            }
        )
    else:
        show_receipt(done.receipt, as_json=False, done="finished")
        for each in done.replaced:
            say(f"  made room  {each}")
        show_settled(done)
    return 1 if done.stuck else 0


@workflow_command.command("abort", cls=TextCommand)
@click.argument("ident", required=False, default="", metavar="[WF]")
@click.option("--why", type=TEXT, required=True, metavar="TEXT", help="What it is given up for.")
@writes
def abort(app: App, ident: str, why: str) -> None:
    """Give a workflow up; its notes wait on

    \b
    Example:
      bank workflow abort --why "the provider does it for us"
    """
    from memorybank.workflow.steps import abort as give_up

    _show(app, give_up(app.bank, ident, why, app.way()), "aborted")


@workflow_command.command("resume")
@click.argument("ident", required=False, default="", metavar="[WF]")
@reads
def resume(app: App, ident: str) -> None:
    """Say exactly where a workflow stopped, and what is pending

    \b
    Example:
      bank workflow resume
    """
    from memorybank.workflow.resume import resume as stopped

    found = stopped(app.bank, ident)
    if app.as_json:
        answer(found)
        return
    say(f"{found.id}  {found.kind}  {found.status}: {found.goal}", fg="cyan")
    say(f"  phase      {found.phase} ({found.phase_status}), {found.done_count} tasks done")
    rows: tuple[tuple[str, list[Any], Callable[[Any], str]], ...] = (
        ("ready", found.ready, lambda each: f"{each['id']} {each['text']}"),
        ("blocked", found.blocked, lambda each: f"{each['id']} {each['text']} (after {', '.join(each['depends_on'])})"),
        ("gate", found.gates, lambda each: f"{each['name']}: {each.get('question') or each['status']}"),
        ("open", found.open_decisions, str),
        ("wanted", found.acceptance, str),
    )
    for name, values, told in rows:
        for each in values:
            say(f"  {name:11}{told(each)}")
    if found.note_count:
        say(f"  notes      {found.note_count} wait for the end")
    if found.last_result:
        say(f"  result     {found.last_result['agent']}: {found.last_result['status']}")
    if found.last_attempt:
        tried = found.last_attempt
        say(f"  debug      {tried['number']}: {tried['tried']} → {tried['result']}")
    if found.last_event:
        say(f"  last       {found.last_event.get('event')} at {found.last_event.get('at')}")
    say(f"  next: {found.next}")
