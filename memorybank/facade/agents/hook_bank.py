"""A bank as hooks use it: found from an event, with its settings, the state of its sessions, and a log of faults."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, NoBankError
from memorybank.facade.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.agents.hook_state import SessionState
    from memorybank.agents.raw_write import RawWrite
    from memorybank.facade.bank import Bank
    from memorybank.store.folder import BankFolder

_SESSION = "CLAUDE_CODE_SESSION_ID"
_CLAUDE = "claude-code"
_TOOL = "MEMORYBANK_SOURCE_TOOL"
_WAIT = 2.0


class HookSettings(NamedTuple):
    """The settings `[agents]`: what hooks do in this bank."""

    inject: bool
    writes: str
    stop: str
    prompt: bool
    mine: bool


class HookBank:
    """The bank of an event, and what only hooks need of it."""

    # most events need a part of the bank, so the rest of `Bank` is not imported for them
    __slots__ = ("_folder", "_session", "caller")

    def __init__(self, folder: BankFolder, caller: Caller, session: str) -> None:
        self._folder = folder
        self._session = session
        self.caller = caller

    @property
    def bank(self) -> Bank:
        """The bank with all its methods."""
        from memorybank.facade.bank import Bank

        return Bank(self._folder, self.caller)

    @property
    def path(self) -> Path:
        """The folder of the bank."""
        return self._folder.folder

    @property
    def name(self) -> str:
        """The name of the bank: as its settings say, else that of the project's folder."""
        return self._folder.config.name or self._folder.project.name

    @property
    def settings(self) -> HookSettings:
        """What hooks do in this bank.

        Raises:
            ConfigError: the settings are invalid.
        """
        config = self._folder.config
        return HookSettings(
            config.agents_inject, config.agents_writes, config.agents_stop, config.agents_prompt, config.agents_mine
        )

    def session_line(self) -> str:
        """Return where the work stands, in one line."""
        from memorybank.agents.session_line import session_line

        return session_line(self._folder, self._current(), self.name)

    def pushed_corrections(self, room: int) -> str:
        """Return the accepted corrections that fit, where `corrections.auto_inject` asks for them; else "".

        Raises:
            ConfigError: the settings are invalid.
        """
        from memorybank.records.corrections.settings import read_settings

        settings = read_settings(self._folder)
        if not settings.auto_inject:
            return ""
        from memorybank.recall.corrections.within_budget import CorrectionOptions, load_corrections

        wish = CorrectionOptions(budget_chars=max(min(settings.budget_chars, room), 1), only_accepted=True)
        return load_corrections(self._folder, self.caller.now(), wish).text

    def first_time(self, event: str, ident: str) -> bool:
        """Whether this event comes for the first time; several clients run the hooks of another one too."""
        from memorybank.agents.hook_state import is_first

        return is_first(self._folder, self._session, f"{event} {ident}", self.caller.now())

    def save_checkpoint(self, note: str) -> str:
        """Save a checkpoint with a note from a transcript, whose secrets are replaced; return the name of its file.

        Raises:
            BankError: it cannot be written.
        """
        from memorybank.workflow.handoff import standing
        from memorybank.workflow.progress.checkpoints import save_checkpoint

        text = _safe_line(note)
        more = {"reason": "precompact", **standing(self._folder)}
        return save_checkpoint(self._folder, self.caller.way(self._folder), note=text, more=more).checkpoint.file

    def queue_notes(self, text: str, agent: str) -> None:
        """Queue the notes in the message of a sub-agent; those that are queued already are skipped.

        They are kept first, since this message does not come again: a later event queues them if this one cannot.

        Raises:
            BankError: the queue cannot be written.
        """
        from memorybank.workflow.notes.kept_output import keep_notes, queue_kept

        way = self.caller.way(self._folder)
        keep_notes(self._folder, text, way, agent=agent)
        queue_kept(self._folder, way)

    def queue_kept(self) -> None:
        """Queue the notes that an earlier event could not; if this one cannot either, they stay kept."""
        from memorybank.workflow.notes.queue_status import kept_in

        if not kept_in(self._folder):
            return
        from memorybank.workflow.notes.kept_output import queue_kept

        with suppress(BankError):
            queue_kept(self._folder, self.caller.way(self._folder))

    def mine(self, log: str, client: str) -> None:
        """Find what the user corrected in the log of the session, from where it was mined before.

        Nothing is imported for a log without a new turn of the user.

        Raises:
            BankError: the ledger cannot be written.
        """
        from memorybank.agents.new_turns import CLIENTS, new_part

        if client not in CLIENTS or not self.settings.mine or self._folder.read_only:
            return
        from memorybank.agents.hook_state import mined_to

        part = new_part(log, mined_to(self._folder, self._session), client)
        if part is None or not part.may_correct:
            return
        from memorybank.corrections.mine import Search, mine

        mine(self._folder, self.caller.way(self._folder), Search(self.caller.environ, Path(log), (client,)))
        self.note(mined=str(part.end))

    def _current(self) -> str:
        from memorybank.records.sessions.current import current_session

        return current_session(self._folder, self.caller.environ, self.caller.here)

    def save_session(self) -> bool:
        """Write down what came of the current session, if there is one with news; not more often than every minutes.

        Raises:
            BankError: it cannot be written.
        """
        session = self._current()
        if not session:
            return False
        from memorybank.agents.hook_session import has_news

        if not has_news(self._folder, session, self.caller.now()):
            return False
        from memorybank.workflow.outcome.close import save

        save(self._folder, session, self.caller.way(self._folder))
        return True

    def missing(self, since: str) -> list[tuple[str, str]]:
        """Return what a session that changed files has not written down, each with its command.

        Empty if it wrote anything since: whoever writes notes needs no reminder.
        """
        from memorybank.agents.hook_session import ASKED, has_written
        from memorybank.agents.hook_state import changed_files
        from memorybank.workflow.outcome.wrap_up import wrap_up

        if has_written(self._folder, {self._current(), self._session, ""}, since):
            return []
        found = wrap_up(
            self._folder,
            self.caller.way(self._folder),
            since=since,
            only=ASKED,
            written=lambda at: changed_files(self._folder, at, self._session),
        )
        still_open = {point.name: point.command for point in found.open}
        return [(name, still_open[name]) for name in ASKED] if set(ASKED) <= still_open.keys() else []

    def note_changed(self, paths: Sequence[str], *, here: str) -> None:
        """Note that a tool wrote files, as it named them; what is not the project's, or is the bank's, is left out."""
        from memorybank.agents.hook_state import change_state

        own = os.path.realpath(self._folder.folder)
        project = os.path.realpath(self._folder.origin)
        names = []
        for path in paths:
            place = os.path.realpath(os.path.join(here, os.path.expanduser(path)))  # noqa: PTH111, PTH118  as typed
            if place.startswith(f"{project}{os.sep}") and not f"{place}{os.sep}".startswith(f"{own}{os.sep}"):
                names.append(place[len(project) + 1 :].replace(os.sep, "/"))
        if names:
            change_state(self._folder, self._session, self.caller.now(), names, changed=len(names))

    def note(self, **changes: int | bool | str) -> SessionState:
        """Change what is known of the client's session, and return it: numbers are added, other values replaced."""
        from memorybank.agents.hook_state import change_state

        return change_state(self._folder, self._session, self.caller.now(), **changes)


def open_for_event(folders: Sequence[str], environ: Mapping[str, str], *, client: str, session: str) -> HookBank | None:
    """Return the bank of an event: of the first of these folders that has one; None without a bank.

    A bank of the user, which belongs to no project, is only meant where the environment names it.
    """
    from memorybank.store.discover import find_bank

    named = environ.get("MEMORYBANK_DIR") or environ.get("MEMORYBANK_NAMESPACE")
    # the commands of other clients do not know the client's session
    known = {**environ, **({_SESSION: session} if session and client == _CLAUDE else {})}
    known.setdefault(_TOOL, client)
    for folder in folders:
        try:
            found = find_bank(Path(folder), environ=environ)
        except NoBankError:
            continue
        if found.is_users_own and not named:
            continue
        caller = Caller(environ=known, folder=Path(folder), timeout=_WAIT, tool=client)
        return HookBank(found, caller, session)
    return None


def raw_write(path: str, *, here: str, pairs: Sequence[tuple[str, str]], whole: str | None) -> RawWrite | None:
    """Return what a write to a path would do to a bank, and the command that does it safely; None for other files."""
    from memorybank.agents.raw_write import look_at

    return look_at(path, os.environ, here=here, pairs=pairs, whole=whole)


def writes_setting(write: RawWrite) -> str:
    """Return what the bank of a file says about raw writes to it: block, warn or audit."""
    return _bank_of(write).config.agents_writes


def record_raw_write(writes: Sequence[RawWrite], *, client: str, tool: str, outcome: str) -> None:
    """Log writes past `bank`: which sections, by which tool, and what was done about it."""
    from memorybank.agents.audit import AuditEntry, record_call
    from memorybank.facade.caller import system_clock
    from memorybank.times import stamp_of

    for write in writes:
        at = stamp_of(system_clock())
        entry = AuditEntry(at, client, f"raw {tool}", addresses=write.addresses, outcome=f"raw-write-{outcome}")
        record_call(_bank_of(write), entry)


def _safe_line(text: str) -> str:
    if not text:
        return ""
    from memorybank.document.text import one_line, without_hidden
    from memorybank.secrets.scan import redact

    return one_line(without_hidden(redact(text))[0])


def _bank_of(write: RawWrite) -> BankFolder:
    from memorybank.store.discover import bank_at
    from memorybank.store.home import Personal, home_of

    home = home_of(os.environ)
    found = bank_at(Path(write.folder), home)
    if found is None:
        raise NoBankError(start=Path(write.folder), named=True)
    found.personal = Personal(home, os.environ)
    return found


def log_fault(bank: HookBank | None, environ: Mapping[str, str], what: str, error: Exception) -> None:
    """Log that an event could not be answered: in the bank, else in the user's own place. Never raises."""
    from memorybank.agents.hook_state import write_fault
    from memorybank.store.home import home_of

    try:
        places = [bank.path / ".state"] if bank is not None else []
        home = home_of(environ)
        places += [home / ".state"] if os.path.isdir(home) else []  # noqa: PTH112  it may not be readable
        write_fault(places, what, error)
    except (BankError, OSError, RuntimeError, ValueError):
        return
