"""A sync with the team's hub that comes with a call: in a process of its own, so that no client waits for the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memorybank.serve.mcp.server import Server

_PROCESS = "syncing"


def sync_beside(server: Server) -> None:
    """Start a process that syncs the bank of this call, where the settings ask for it and it is time.

    It runs a command on the bank, after which the command syncs as every command does; it ends by itself, at most
    seconds later, and `bank sync status` has what it could not do.
    """
    folder = server.kept.get("folder")
    if folder is None or server.options.read_only or _is_running(server.kept.get(_PROCESS)):
        return
    from memorybank.facade.terminal.opening import is_sync_due

    if is_sync_due(folder, server.environ):
        import subprocess
        import sys

        from memorybank.serve.mcp.choose_bank import environ_of

        # nothing is imported from the folder that the server was started in
        words = [sys.executable, "-P", "-m", "memorybank", "history", "--limit", "1", "--bank", str(folder.folder)]
        try:
            server.kept[_PROCESS] = subprocess.Popen(  # noqa: S603  our own program
                words,
                env=environ_of(server),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            # the next call tries it again
            return


def _is_running(process: Any) -> bool:
    return process is not None and process.poll() is None
