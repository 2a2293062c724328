"""The bank of a call: named by the user, else of the folder that the client works in, else none.

The wrong project's memory is worse than none. So what the places name must be one bank; otherwise the call is refused.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from memorybank.errors import BankError, NoBankError
from memorybank.serve.mcp.protocol import FOUND_FOR, MODERN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.facade.caller import Caller
    from memorybank.facade.face import Face
    from memorybank.serve.mcp.server import Server
    from memorybank.store.folder import BankFolder

    FaceT = TypeVar("FaceT", bound=Face)

# only what clients were seen to set for servers: the like of other clients is for hooks, and may be another project's
# the folder of the project: Claude Code
PROJECT_VARIABLES = ("CLAUDE_PROJECT_DIR",)
# the open folders of an editor: Cursor; several are separated by commas
WORKSPACE_VARIABLES = ("WORKSPACE_FOLDER_PATHS",)
# the folder of the plugin that a server is started from: Claude Code, and Copilot, which also works there
PLUGIN_VARIABLES = ("CLAUDE_PLUGIN_ROOT", "COPILOT_PLUGIN_ROOT")
_NAMED = ("MEMORYBANK_DIR", "MEMORYBANK_NAMESPACE")
_ROOTS_SECONDS = 5.0
# of a client: each is looked up in each call
_MOST_ROOTS = 100
ROOTS = "roots"


class Place(NamedTuple):
    """A folder, and who names it."""

    source: str
    folder: Path


# the answers of other methods cannot ask for input: they go by the other places until a call has asked
MAY_ASK = frozenset({"tools/call", "resources/read", "prompts/get"})
ASK_FOR_ROOTS = {"resultType": "input_required", "inputRequests": {"roots": {"method": "roots/list"}}}


class NeedsRoots(Exception):  # noqa: N818 - not an error: the client is asked, and calls again
    """A client of 2026-07-28 is asked for its roots in the answer."""


def part_of(server: Server, part: type[FaceT]) -> FaceT:
    """Return a part of the facade for the bank of this call."""
    folder = folder_of(server)
    return part(folder, caller_of(server, folder))


def folder_of(server: Server) -> BankFolder:
    """Return the folder of the bank of this call. It is looked for anew for each one, so a bank may come and go.

    Raises:
        NoBankError: no bank was found.
        BankChoiceError: the places name different ones, or only the home folder or a plugin's folder.
        NeedsRoots: the client has to be asked first.
    """
    held = server.kept.get("folder")
    if held is not None and server.kept.get(FOUND_FOR) is server.request:
        return held  # type: ignore[no-any-return]
    # an answer that finds none names none: not the one of the call before
    server.kept.pop("folder", None)
    found = _find(server)
    server.kept[FOUND_FOR] = server.request
    # the one of before remembers its contracts and settings
    is_same = held is not None and (held.folder, held.here) == (found.folder, found.here)
    server.kept["folder"] = held if is_same else found
    return server.kept["folder"]  # type: ignore[no-any-return]


def _find(server: Server) -> BankFolder:
    from memorybank.facade.agents.connection import BankChoiceError, find_folder

    if server.options.bank:
        return find_folder(_here(), named=server.options.bank, environ=server.environ)
    if any(server.environ.get(each) for each in _NAMED):
        return find_folder(_here(), named=None, environ=server.environ)
    unfit: list[Place] = []
    levels: list[list[tuple[Place, BankFolder | None]]] = []
    for places in _levels(server):
        fit = [place for place in places if not _is_unfit(place.folder, server)]
        unfit += [place for place in places if place not in fit]
        if fit:
            levels.append([(place, _bank_of(place.folder, server)) for place in fit])
    if not levels:
        names = [{"source": each.source, "folder": str(each.folder), "bank": ""} for each in unfit]
        why = "the client names only the home folder or a plugin's folder, which belong to no project"
        raise BankChoiceError(why=why if unfit else "no place is known", candidates=names)
    top, rest = levels[0], levels[1:]
    beside = next((level for level in rest if any(bank for _, bank in level)), [])
    meant = [pair for pair in top if pair[1] is not None]
    if not meant:
        other = next((bank for _, bank in beside if bank), None)
        folder = top[0][0].folder
        error = NoBankError(start=folder, named=True, there=folder.is_dir())
        if other is not None:
            error.details["candidates"] = _told([*top, *beside])
        raise error
    found = [*meant, *(pair for pair in beside if pair[1] is not None)]
    if len({os.path.realpath(bank.folder) for _, bank in found if bank}) > 1:
        raise BankChoiceError(why="the places that the client names have different banks", candidates=_told(found))
    bank = meant[0][1]
    assert bank is not None  # noqa: S101  for the type checker
    return bank


def _told(pairs: list[tuple[Place, BankFolder | None]]) -> list[dict[str, str]]:
    return [
        {"source": place.source, "folder": str(place.folder), "bank": str(bank.folder) if bank else ""}
        for place, bank in pairs
    ]


def _levels(server: Server) -> Iterator[list[Place]]:
    """Yield the places that are present, the most certain ones first."""
    roots = _roots(server)
    if len(roots) > _MOST_ROOTS:
        from memorybank.facade.agents.connection import BankChoiceError

        raise BankChoiceError(why=f"the client names {len(roots)} folders, more than {_MOST_ROOTS}", candidates=[])
    yield [Place("roots", folder) for folder in roots]
    for names in (PROJECT_VARIABLES, WORKSPACE_VARIABLES):
        yield [
            Place(name, Path(text.strip()))
            for name in names
            for text in _split(server.environ.get(name, ""))
            if Path(text.strip()).is_absolute()
        ]
    try:
        yield [Place("working directory", Path.cwd())]
    except OSError:
        # it was deleted
        return


def _split(value: str) -> list[str]:
    """Return the folders in a variable: one, several with commas, or a JSON list."""
    if value.startswith("["):
        import json

        try:
            rows = json.loads(value)
        except ValueError:
            rows = []
        return [each for each in rows if isinstance(each, str)] if isinstance(rows, list) else []
    return [value] if Path(value).is_dir() else value.split(",")


def _is_unfit(folder: Path, server: Server) -> bool:
    """Whether a folder says nothing of a project: the home folder, the root, a client's plugin."""
    from memorybank.facade.agents.connection import persons_home

    real = Path(os.path.realpath(folder))
    plugins = [server.environ[name] for name in PLUGIN_VARIABLES if server.environ.get(name)]
    in_plugin = any(real.is_relative_to(os.path.realpath(each)) for each in plugins)
    in_plugins = any(pair == (".claude", "plugins") for pair in zip(folder.parts, folder.parts[1:], strict=False))
    return in_plugin or in_plugins or real == Path(os.path.realpath(persons_home())) or real == real.parent


def _bank_of(folder: Path, server: Server) -> BankFolder | None:
    from memorybank.facade.agents.connection import find_folder

    try:
        return find_folder(folder, named=None, environ=server.environ)
    except NoBankError:
        return None
    except OSError as error:
        # no folder has such a name
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:
        return Path(os.sep)


# --- roots of the client


def roots_changed(server: Server, _params: dict[str, Any]) -> None:
    """Ask the client again for its roots at the next call."""
    server.kept.pop(ROOTS, None)


def _roots(server: Server) -> list[Path]:
    """Return the client's roots, asked for at the first call and after they changed.

    A client of 2026-07-28 does not tell that they changed: it is asked for them in each call.
    """
    is_modern = server.era == MODERN
    if ROOTS in server.kept and not (is_modern and server.request.method in MAY_ASK):
        return list(server.kept[ROOTS])
    if not isinstance(server.abilities.get("roots"), dict):
        return []
    if is_modern:
        given = server.request.params.get("inputResponses")
        answer = given.get(ROOTS) if isinstance(given, dict) else None
        if not isinstance(given, dict):
            if server.request.method not in MAY_ASK:
                return []
            raise NeedsRoots
    else:
        answer = server.ask("roots/list", {}, _ROOTS_SECONDS)
    rows = answer.get("roots") if isinstance(answer, dict) else None
    found = [_path_of(row["uri"]) for row in rows or [] if isinstance(row, dict) and isinstance(row.get("uri"), str)]
    server.kept[ROOTS] = list(dict.fromkeys(each for each in found if each is not None))
    return list(server.kept[ROOTS])


def _path_of(uri: str) -> Path | None:
    """Return the folder of a file URI, None for another one."""
    if not uri.startswith("file://"):
        return None
    from urllib.parse import unquote, urlsplit

    path = unquote(urlsplit(uri).path)
    if os.name == "nt":
        path = path.lstrip("/")
    return Path(path) if Path(path).is_absolute() and "\0" not in path else None


# --- who calls


def caller_of(server: Server, folder: BankFolder) -> Caller:
    """Return who calls: the client's tool and session, so that the command line of the same agent shares it."""
    from memorybank.facade.caller import Caller

    return Caller(
        environ=environ_of(server),
        folder=folder.here if folder.here.is_dir() else folder.project,
        role=server.options.role,
        tool=tool_of(server),
        # what a crash left begun is written by those who write
        settles=not server.options.read_only,
        logs=not server.options.read_only,
    )


# how a client calls itself, and its name in receipts
_TOOLS = {
    "claude-ai": "claude-desktop",
    "codex-mcp-client": "codex",
    "gemini-cli-mcp-client": "gemini",
    "visual-studio-code": "vscode",
    "visual-studio-code-insiders": "vscode",
    "cursor-vscode": "cursor",
    "windsurf-client": "windsurf",
    "copilot-cli": "copilot",
    "github-copilot-developer": "copilot",
}


def tool_of(server: Server) -> str:
    """Return the client's name as receipts have it."""
    from memorybank.ids import slug_of

    name = server.client.get("name")
    slug = slug_of(name[:80]) if isinstance(name, str) else ""
    return _TOOLS.get(slug, slug) or "mcp"


def environ_of(server: Server) -> dict[str, str]:
    """Return the environment of calls: with the client's tool, and a session of the connection where none is named."""
    environ = dict(server.environ)
    for each in ("MEMORYBANK_DIR", "MEMORYBANK_NAMESPACE"):
        environ.pop(each, None)
    environ.setdefault("MEMORYBANK_SOURCE_TOOL", tool_of(server))
    if "connection" not in server.kept:
        server.kept["connection"] = f"mcp-{os.urandom(6).hex()}"
    environ.setdefault("MEMORYBANK_AGENT_SESSION", server.kept["connection"])
    return environ


def describe(server: Server) -> dict[str, str] | None:
    """Return the name and the path of the bank of this call for its answer; None for none."""
    from memorybank.facade.agents.connection import name_of

    folder = server.kept.get("folder")
    return None if folder is None else {"name": name_of(folder), "path": str(folder.folder)}


def is_bank_error(error: BaseException) -> bool:
    """Whether an error is one of ours or of the system."""
    return isinstance(error, BankError | OSError)
