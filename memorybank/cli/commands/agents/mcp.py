"""`bank mcp`: the server for agents' programs. `__main__` starts it without the command line where it can."""

from __future__ import annotations

import click

from memorybank.serve.mcp.start import CORE, Options, serve, why_unknown


@click.command("mcp")
@click.option("--bank", metavar="DIR", help="Use the bank in DIR, or of the project in DIR.")
@click.option("--tools", default=CORE, show_default=True, metavar="NAMES", help="core, all, or names with commas.")
@click.option("--log", default="", metavar="FILE", help="Log requests to FILE, without their texts.")
@click.option("--role", default="", metavar="ROLE", help="Act as write-agent or read-only: notes are queued.")
@click.option("--read-only", is_flag=True, help="Offer only tools that read.")
@click.pass_context
def mcp_command(context: click.Context, /, *, bank: str | None, **given: str | bool) -> int:
    """Serve the bank to agents' programs

    Speaks MCP on standard input and output; a client starts it. Without --bank it finds the bank of the client's
    project, and refuses to guess between several. docs/mcp.md has the configuration of each client.

    \b
    Examples:
      bank mcp
      bank mcp --tools all
      bank mcp --bank ~/work/shop --log /tmp/bank-mcp.log
    """
    outer = context.obj or {}
    options = Options(
        bank=bank or outer.get("bank") or "",
        tools=str(given["tools"]),
        log=str(given["log"]),
        role=str(given["role"]),
        read_only=bool(given["read_only"]),
    )
    why = why_unknown(options)
    if why:
        raise click.UsageError(why)
    return serve(options)
