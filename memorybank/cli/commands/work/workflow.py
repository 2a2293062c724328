"""`bank workflow`: work in progress as its own artifact, from its start to its Memory Update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.commands.work.auto import auto_command
from memorybank.cli.commands.work.notes import show_settled
from memorybank.cli.options import App, reads, text_from, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, say_entry, show_receipt, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.workflows import Workflows

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.workflow.artifact import Workflow, WorkflowChange

_INTENT = {"non_goals": "not", "constraints": "keeps to", "acceptance": "wanted", "open_decisions": "open"}
_flow_option = click.option(
    "--id", "ident", default="", metavar="WORKFLOW", help="The workflow; by default the active one."
)


@click.group("workflow", cls=CommandGroup)
def workflow_command() -> None:
    """Run a workflow: phases, tasks, results, gates

    workflows/ID.json has its state, ID.events.jsonl its events; the format is docs/workflow.schema.json. --id WF names
    a workflow; by default it is the active one.

    \b
    Examples:
      bank workflow start BUILD "Uploads survive a cut" --acceptance "a 1 GB upload resumes"
      bank workflow task "Store the offset"
      bank workflow finish
    """


def _show(app: App, done: WorkflowChange, verb: str) -> None:
    if app.as_json:
        answer(done)
        return
    show_receipt(done.receipt, as_json=False, done=verb)
    for text, why in done.passed:
        tell(f"not queued: {text} ({why})")


@workflow_command.command("start", cls=TextCommand)
@click.argument("kind", metavar="PLAN|BUILD|REVIEW|DEBUG")
@text_words("goal", metavar="GOAL...")
@click.option("--non-goal", multiple=True, type=TEXT, metavar="TEXT", help="What it will not do; can be repeated.")
@click.option("--constraint", multiple=True, type=TEXT, metavar="TEXT", help="What it must keep to.")
@click.option("--acceptance", multiple=True, type=TEXT, metavar="TEXT", help="What must be true when it is done.")
@click.option("--open-decision", multiple=True, type=TEXT, metavar="TEXT", help="A decision that is still open.")
@click.option(
    "--phase", multiple=True, type=TEXT, metavar="NAME", help="A phase, in order; by default those of its kind."
)
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
    done = app.face(Workflows).start(
        kind,
        text_from(goal),
        non_goals=non_goal,
        constraints=constraint,
        acceptance=acceptance,
        open_decisions=open_decision,
        phases=phase,
        workflow=ident,
    )
    _show(app, done, "started")
    if not app.as_json:
        say(f"  {done.flow.id}: phase {done.flow.value['cursor']}")


@workflow_command.command("show")
@click.argument("ident", required=False, default="", metavar="[WORKFLOW]")
@reads
def show(app: App, ident: str) -> None:
    """Print a workflow

    \b
    Example:
      bank workflow show --json
    """
    flow = app.face(Workflows).show(ident)
    if app.as_json:
        answer(flow)
        return
    _print(flow)


def _print(flow: Workflow) -> None:
    value = flow.value
    say(f"{flow.id}  {flow.kind}  {flow.status}", fg="cyan")
    say(f"  goal        {flow.goal}")
    for name, shown in _INTENT.items():
        for text in value["intent"].get(name, []):
            say(f"  {shown:12}{text}")
    for phase in value["phases"]:
        say(f"  phase       {phase['name']:14}{phase['status']}{'  <' if phase['name'] == value['cursor'] else ''}")
    for task in value["tasks"]:
        after = f"  after {', '.join(task['depends_on'])}" if task.get("depends_on") else ""
        say(f"  {task['id']:12}{task['status']:9}{task['text']}{after}")
    for gate in value.get("gates", []):
        say(f"  gate        {gate['status']:9}{gate['name']}  {gate.get('question', '')}".rstrip())
    for result in value.get("results", []):
        say(f"  result      {result['agent']:14}{result['status']}")


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

    flows = app.face(Workflows).list(status=status or "")
    if app.as_json:
        answer(flows)
        return
    for flow in flows:
        say_entry(f"{flow.id:20}  {flow.kind:6}  {flow.status:8}", flow.goal)
    if not flows:
        tell("no workflows found" if status else "no workflows yet: bank workflow start BUILD GOAL")
    show_broken(flows.broken)


@workflow_command.command("phase", cls=TextCommand)
@text_words("name", metavar="NAME...")
@click.option("--status", default="active", show_default=True, metavar="STATUS", help="done, failed, skipped, …")
@click.option("--note", type=TEXT, default="", metavar="TEXT", help="The reason, for its history.")
@_flow_option
@writes
def phase(app: App, name: str, status: str, note: str, ident: str) -> None:
    """Move to a phase, or set the status of one

    \b
    Examples:
      bank workflow phase review
      bank workflow phase verify --status failed --note "2 of 31 tests"
    """
    _show(app, app.face(Workflows).phase(name, status=status, note=note, workflow=ident), "phase")


@workflow_command.command("task", cls=TextCommand)
@text_words("task", metavar="TEXT...|ID")
@click.option("--after", metavar="ID,ID", help="Tasks that must be done first.")
@click.option(
    "--status", metavar="STATUS", help="Set the status of the task with this ID: pending, active, done or dropped."
)
@click.option(
    "--evidence", type=TEXT, default="", metavar="TEXT", help="What shows that it is done, or the ^id of a proven line."
)
@_flow_option
@writes
def task(app: App, task: str, after: str | None, status: str | None, evidence: str, ident: str) -> None:
    """Add a task, or set the status of one

    \b
    Examples:
      bank workflow task "Store the offset"
      bank workflow task "Resume from it" --after t1
      bank workflow task t1 --status done --evidence ^v7k2m9
    """
    workflows = app.face(Workflows)
    if status or evidence:
        done = workflows.set_task(task, status=status or "done", evidence=evidence, workflow=ident)
        _show(app, done, "task")
        return
    if task in [known["id"] for known in workflows.show(ident).value["tasks"]]:
        raise click.UsageError(f"{task} is already a task; set its status with --status or --evidence.")
    names = [name.strip() for name in (after or "").split(",") if name.strip()]
    done = workflows.add_task(text_from(task), after=names, workflow=ident)
    _show(app, done, "task")
    if not app.as_json:
        say(f"  {done.flow.value['tasks'][-1]['id']}")


@workflow_command.command("result", cls=TextCommand)
@click.argument("agent", metavar="AGENT")
@text_words("text", metavar="TEXT...|-")
@click.option("--status", default="", metavar="STATUS", help="How it ended; by default the STATUS in its text.")
@_flow_option
@writes
def result(app: App, agent: str, text: str, status: str, ident: str) -> None:
    """Store what an agent reported, and queue its memory notes

    \b
    Example:
      bank workflow result code-reviewer - < review.md
    """
    _show(app, app.face(Workflows).result(agent, text_from(text), status=status, workflow=ident), "result")


@workflow_command.command("gate", cls=TextCommand)
@text_words("name", metavar="NAME...")
@click.option("--ask", type=TEXT, default="", metavar="TEXT", help="The question to answer.")
@click.option("--pass", "status", flag_value="passed", help="Mark it as passed.")
@click.option("--fail", "status", flag_value="failed", help="Mark it as failed.")
@click.option("--why", type=TEXT, default="", metavar="TEXT", help="The answer.")
@_flow_option
@writes
def gate(app: App, name: str, ask: str, status: str | None, why: str, ident: str) -> None:
    """Open a gate that must be passed before the end, or pass or fail it

    \b
    Examples:
      bank workflow gate "scope" --ask "Windows too?"
      bank workflow gate "scope" --pass --why "no, next year"
    """
    done = app.face(Workflows).gate(name, question=ask, status=status or "pending", why=why, workflow=ident)
    _show(app, done, "gate")
    opened = next((row for row in done.flow.value.get("gates", []) if row["name"] == name.strip()), None)
    if status is None and opened is not None and opened["status"] == "passed" and not app.as_json:
        tell(f"passed: {opened['why']}")


workflow_command.add_command(auto_command)


@workflow_command.command("note", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@click.option("--as", "kind", default="learning", show_default=True, metavar="KIND", help="The kind of note.")
@_flow_option
@writes
def note(app: App, text: str, kind: str, ident: str) -> None:
    """Keep a note that is written when the workflow finishes

    \b
    Example:
      bank workflow note "The proxy cuts uploads after 60 s" --as gotcha
    """
    _show(app, app.face(Workflows).note(text_from(text), kind=kind, workflow=ident), "noted")


@workflow_command.command("debug", cls=TextCommand)
@text_words("tried", metavar="[TRIED]...", required=False)
@click.option(
    "--result", "result_", type=TEXT, default="", metavar="TEXT", help="The result; or behind an arrow in TRIED."
)
@click.option("--reset", is_flag=True, help="Start the numbers again at 1.")
@_flow_option
@writes
def debug(app: App, tried: str, result_: str, ident: str, *, reset: bool) -> None:
    """Record a debug attempt: [DEBUG-N]: tried → result

    The number is counted; the line is under Recent Changes until the workflow finishes.

    \b
    Examples:
      bank workflow debug "pinned the clock" --result "still red"
      bank workflow debug "pinned the clock → still red"
    """
    _show(app, app.face(Workflows).debug(tried or "", result=result_, reset=reset, workflow=ident), "debug")


@workflow_command.command("finish", cls=TextCommand)
@click.argument("ident", required=False, default="", metavar="[WORKFLOW]")
@click.option("--changed", multiple=True, type=TEXT, metavar="TEXT", help="What changed; by default its done tasks.")
@click.option("--next", "next_steps", multiple=True, type=TEXT, metavar="TEXT", help="A next step; can be repeated.")
@click.option("--anyway", is_flag=True, help="Finish it even if a gate is not passed.")
@writes
def finish(app: App, ident: str, changed: tuple[str, ...], next_steps: tuple[str, ...], *, anyway: bool) -> int:
    """Finish a workflow and update the memory files, in one operation

    --changed replaces the entries of earlier workflows under Recent Changes; without it, the workflow's done tasks are
    listed there. Done tasks move to Completed with their evidence, queued notes are applied, and lines that only served
    the workflow are removed. Changes that were noted since it started are kept, and so are paragraphs, comments and
    nested items.

    \b
    Example:
      bank workflow finish --changed "Uploads resume after a lost connection - src/upload.py"
    """
    done = app.face(Workflows).finish(ident, changed=changed, next_steps=next_steps, anyway=anyway)
    if app.as_json:
        answer(done)
    else:
        show_receipt(done.receipt, as_json=False, done="finished")
        for text in done.replaced:
            say(f"  replaced   {text}")
        show_settled(done)
    return 1 if done.stuck else 0


@workflow_command.command("abort", cls=TextCommand)
@click.argument("ident", required=False, default="", metavar="[WORKFLOW]")
@click.option("--why", type=TEXT, required=True, metavar="TEXT", help="The reason.")
@writes
def abort(app: App, ident: str, why: str) -> None:
    """Abort a workflow; its notes stay queued

    \b
    Example:
      bank workflow abort --why "the provider does it for us"
    """
    _show(app, app.face(Workflows).abort(ident, why=why), "aborted")


@workflow_command.command("resume")
@click.argument("ident", required=False, default="", metavar="[WORKFLOW]")
@reads
def resume(app: App, ident: str) -> None:
    """Print where a workflow stopped, and what is next

    \b
    Example:
      bank workflow resume
    """
    state = app.face(Workflows).resume(ident)
    if app.as_json:
        answer(state)
        return
    say(f"{state.id}  {state.kind}  {state.status}: {state.goal}", fg="cyan")
    say(f"  phase      {state.phase} ({state.phase_status}), {state.done_count} tasks done")
    rows: tuple[tuple[str, list[Any], Callable[[Any], str]], ...] = (
        ("ready", state.ready, lambda task: f"{task['id']} {task['text']}"),
        ("blocked", state.blocked, lambda task: f"{task['id']} {task['text']} (after {', '.join(task['depends_on'])})"),
        ("gate", state.gates, lambda gate: f"{gate['name']}: {gate.get('question') or gate['status']}"),
        ("open", state.open_decisions, str),
        ("wanted", state.acceptance, str),
    )
    for name, values, shown in rows:
        for value in values:
            say(f"  {name:11}{shown(value)}")
    if state.note_count:
        say(f"  notes      {state.note_count} queued until it finishes")
    if state.last_result:
        say(f"  result     {state.last_result['agent']}: {state.last_result['status']}")
    if state.last_attempt:
        tried = state.last_attempt
        say(f"  debug      {tried['number']}: {tried['tried']} → {tried['result']}")
    if state.last_event:
        say(f"  last       {state.last_event.get('event')} at {state.last_event.get('at')}")
    say(f"  next: {state.hint}")
