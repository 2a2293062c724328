"""Import by the name of a format: which reader is used for which kind of source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import FieldError, NoFileError
from memorybank.exchange.safe_read import ForeignError, origin_of, tree_of
from memorybank.exchange.write_records import take_in
from memorybank.ids import chosen
from memorybank.records.fields import check_line, check_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memorybank.exchange.agent_memory.belonging import Here
    from memorybank.exchange.agent_sessions.read_files import Tool
    from memorybank.exchange.imported import ImportResult
    from memorybank.exchange.incoming import ReadResult
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    Progress = Callable[[str, int, int], None]

CONVERSATION = "conversation"
CODEX = "codex"
GEMINI = "gemini"
CLAUDE_CODE = "claude-code"
CODEX_MEMORY = "codex-memory"
COPILOT_MEMORY = "copilot-memory"
GEMINI_MEMORY = "gemini-memory"
SUBSTRATE_CONFIG = "substrate-config"
# the formats, and whether their source is a file, a folder, or either
FORMATS = {
    "module71": "folder",
    CONVERSATION: "",
    "adr": "folder",
    "contextfs": "file",
    "claude-memory": "folder",
    CODEX: "",
    GEMINI: "",
    CLAUDE_CODE: "",
    CODEX_MEMORY: "",
    COPILOT_MEMORY: "",
    GEMINI_MEMORY: "",
    SUBSTRATE_CONFIG: "file",
}
# the formats whose records can have a summary and tags of the import
DESCRIBED = (CONVERSATION, CODEX, GEMINI, CLAUDE_CODE)
# the formats whose sources have memories of several projects
OF_PROJECTS = (COPILOT_MEMORY, GEMINI_MEMORY)


def import_from(
    bank: BankFolder,
    name: str,
    path: Path,
    way: Way,
    *,
    summary: str = "",
    tags: Sequence[str] = (),
    everything: bool = False,
    on_progress: Progress | None = None,
) -> ImportResult:
    """Import a source of one format; what was imported before is skipped.

    Conversations get the `summary` and `tags`. With `everything`, memories of other projects are taken, too.
    `on_progress` gets what is done, how much of it, and of how much.

    Raises:
        ForeignError: the source does not have that format.
        FieldError: a summary, tags or `everything` are given for another format, or are invalid.
        BankError: it cannot be read, or the bank cannot be written.
    """
    if everything and chosen(name, FORMATS) not in OF_PROJECTS:
        why = f"only {' and '.join(OF_PROJECTS)} take it, not {name}"
        raise FieldError(field="all", why=why, hint="bank import -h")
    if (summary or tags) and chosen(name, FORMATS) not in DESCRIBED:
        field = "summary" if summary else "tags"
        raise FieldError(field=field, why=f"only conversations take it, not {name}", hint="bank import -h")
    check_line("summary", summary)
    tags = check_tags(tags)
    if chosen(name, FORMATS) == SUBSTRATE_CONFIG:
        from memorybank.exchange.substrate_config import import_config

        return import_config(bank, _existing(path, SUBSTRATE_CONFIG), way)
    parts = parts_of(bank, name, path, on_progress, everything=everything)
    return take_in(bank, (_described(part, summary, tags) for part in parts), way)


def import_conversation(
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    summary: str = "",
    tags: Sequence[str] = (),
    on_progress: Progress | None = None,
) -> ImportResult:
    """Import conversations from a JSON text; each becomes a session with this summary and these tags.

    `on_progress` gets what is done, how much of it, and of how much.

    Raises:
        ForeignError: it has no conversation in a known format.
        BankError: the bank cannot be written.
    """
    from memorybank.document.source import digest_of
    from memorybank.exchange.conversation.read_export import conversations_in

    data = text.encode("utf-8", "surrogateescape")
    summary, tags = check_line("summary", summary), check_tags(tags)
    parts = conversations_in(data, Path("the JSON text"), f"text-{digest_of(data)}", on_progress)
    return take_in(bank, (_described(part, summary, tags) for part in parts), way)


def _described(found: ReadResult, summary: str, tags: tuple[str, ...]) -> ReadResult:
    """Return what was read, its conversations with a summary and more tags."""
    if not summary and not tags:
        return found
    return found._replace(
        records=tuple(
            record
            if record.messages is None
            else record._replace(summary=summary or record.summary, tags=(*record.tags, *tags))
            for record in found.records
        )
    )


def parts_of(
    bank: BankFolder, name: str, path: Path, on_progress: Progress | None = None, *, everything: bool = False
) -> Iterable[ReadResult]:
    """Read a source of one format, part by part; write nothing.

    Raises:
        ForeignError: the source does not have that format.
        BankError: it cannot be read.
    """
    name = chosen(name, FORMATS)
    if name not in FORMATS:
        raise ForeignError(path=path, why=f"invalid format {name!r}: choose from {', '.join(FORMATS)}")
    if name == SUBSTRATE_CONFIG:
        raise ForeignError(path=path, why="it has settings, and no records")
    origin = origin_of(_existing(path, name), bank.project)
    if name == CONVERSATION:
        from memorybank.exchange.conversation.read_export import read_conversations

        return read_conversations(path, origin, on_progress)
    if name in (CODEX, GEMINI, CLAUDE_CODE):
        from memorybank.exchange.agent_sessions.read_files import read_sessions

        return read_sessions(bank, _tool_of(name), path, origin, on_progress)
    if name == CODEX_MEMORY:
        from memorybank.exchange.agent_memory.codex import read_codex_memory

        return [read_codex_memory(path, origin)]
    if name == COPILOT_MEMORY:
        from memorybank.exchange.agent_memory.copilot import read_copilot_memory

        return read_copilot_memory(path, origin, _here(bank, takes_all=everything))
    if name == GEMINI_MEMORY:
        from memorybank.exchange.agent_memory.gemini import read_gemini_memory

        return read_gemini_memory(path, origin, _here(bank, takes_all=everything))
    return [_read_whole(bank, name, path, origin)]


def _tool_of(name: str) -> Tool:
    if name == CODEX:
        from memorybank.exchange.agent_sessions.codex import CODEX as TOOL
    elif name == GEMINI:
        from memorybank.exchange.agent_sessions.gemini import GEMINI as TOOL
    else:
        from memorybank.exchange.agent_sessions.claude_code.session_log import CLAUDE_CODE as TOOL
    return TOOL


def _existing(path: Path, name: str) -> Path:
    """Return the path of a source, which must be there and of the kind that the format has."""
    if not path.exists():
        raise NoFileError(path=path, hint=f"bank import {name} -h")
    if FORMATS[name] == "folder" and not path.is_dir():
        raise ForeignError(path=path, why=f"the format {name} needs a folder")
    if FORMATS[name] == "file" and path.is_dir():
        raise ForeignError(path=path, why=f"the format {name} needs a file")
    return path


def _here(bank: BankFolder, *, takes_all: bool) -> Here:
    """Return the project of a bank, to compare memories of agents with."""
    from memorybank.exchange.agent_memory.belonging import Here, repository_name
    from memorybank.store.git.repository import remotes_of

    found = [] if bank.is_users_own else [repository_name(each) for each in remotes_of(bank.project)]
    return Here(bank.project, tuple(each for each in found if each), takes_all)


def _read_whole(bank: BankFolder, name: str, path: Path, origin: str) -> ReadResult:
    if name == "module71":
        from memorybank.exchange.module71.reader import read_tree

        return read_tree(bank, tree_of(path))
    if name == "adr":
        from memorybank.exchange.adr.read_folder import read_adrs

        return read_adrs(bank, tree_of(path), origin)
    if name == "claude-memory":
        from memorybank.exchange.claude_memory.read_folder import read_claude_memory

        return read_claude_memory(tree_of(path), origin)
    from memorybank.exchange.contextfs.reader import read_contextfs

    return read_contextfs(bank, path)
