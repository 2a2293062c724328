"""`bank audit`: the log of what agents' programs asked for."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, counted, say, tell, tell_rest
from memorybank.facade.agents.audit_log import Audit


@click.command("audit")
@click.option("--since", default="", metavar="TIME", help="Only calls from this day or time on.")
@click.option("--client", default="", help="Only calls of this client.")
@click.option("--tool", default="", help="Only calls of this tool.")
@click.option("--session", default="", metavar="ID", help="Only calls of this session.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="At most this many; 0 is all.")
@reads
def audit_command(app: App, *, since: str, client: str, tool: str, session: str, limit: int) -> None:
    """List the calls of agents

    The MCP server and the hooks log each call on this machine: when, by which client, which tool, which addresses, and
    how much went in and out. What was read or written is not in the log.

    \b
    Examples:
      bank audit
      bank audit --client codex --since 2026-11-01
    """
    found = app.face(Audit).list(since=since, client=client, tool=tool, session=session, limit=limit)
    if app.as_json:
        answer(found)
        return
    for call in found:
        failed = "" if call.outcome == "ok" else f"  {call.outcome}"
        where = f"  {', '.join(call.addresses)}" if call.addresses else ""
        share = f", {100 * call.tokens / call.window:.1f} % of the window" if call.window else ""
        failed += f"  {call.tokens} tokens{share}" if call.tokens else ""
        say(f"{call.at}  {call.client or '-'}  {call.tool}{where}  {call.bytes_in}/{call.bytes_out} bytes{failed}")
    tell_rest(len(found), found.total)
    if not found:
        tell("no call is in the log")
        return
    say()
    for row in found.tools:
        failed = f", {row.failed} failed" if row.failed else ""
        say(f"{row.tool}: {counted(row.calls, 'call')}{failed}, {row.bytes_in} bytes in, {row.bytes_out} out")
