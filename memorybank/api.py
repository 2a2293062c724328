"""The Python face: the commands as functions with the machine's clock, chance and environment filled in."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.recall.loading.load import Context
    from memorybank.records.ledgers.devlog import LogEntry
    from memorybank.records.ledgers.fact_check import FactCheck
    from memorybank.records.ledgers.facts import FactChange
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message
    from memorybank.records.sessions.sessions import LoadedSession
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.entries.bugs import BugFix
    from memorybank.workflow.outcome.group_summary import GroupSummary, SessionExcerpt


def default_way(
    bank: BankFolder | None = None, *, timeout: float = 10.0, dry_run: bool = False, force: bool = False
) -> Way:
    """Give the way a program writes: the actor from the environment, the system's clock and chance.

    With a bank, what is written is bound to the current session there, and what a crash left begun is settled.
    """
    if bank is not None and not dry_run and not bank.read_only:
        from memorybank.store.journal.recover import settle_interrupted

        settle_interrupted(bank)
    from memorybank.records.sessions.current import actor_in
    from memorybank.store.actor import actor_from
    from memorybank.store.way import Author, Way, WriteOptions

    actor = actor_from(os.environ) if bank is None else actor_in(bank, os.environ, Path.cwd())
    author = Author(actor, lambda: datetime.now(UTC), os.urandom)
    return Way(author, WriteOptions(timeout=timeout, dry_run=dry_run, force=force))


def find_bank(start: Path | str = ".", *, named: str | None = None) -> BankFolder:
    """Find the bank that a folder belongs to.

    Raises:
        NoBankError: there is none.
    """
    from memorybank.store.discover import find_bank as find

    return find(Path(start), named=named, environ=os.environ)


def init(project: Path | str, *, adopt: bool = False, way: Way | None = None) -> BankFolder:
    """Make a bank in a project, or complete the one that is there; existing files are never touched.

    Raises:
        ArtifactError: there is a bank of another layout and `adopt` was not asked for.
    """
    from memorybank.store.manage.init import init as make

    return make(Path(project), way or default_way(), adopt=adopt).bank


def note(
    bank: BankFolder,
    text: str,
    *,
    kind: str = "learning",
    to: str = "",
    file: str = "",
    why: str = "",
    way: Way | None = None,
) -> Receipt:
    """Put one line where its kind belongs; in another role than the router's, into the queue.

    Raises:
        BankError: the text, the contract or the machine refuse it; nothing is written then.
    """
    from memorybank.workflow.notes.submit import hand_in

    return hand_in(bank, text, way or default_way(bank), kind=kind, to=to, file=file, why=why)


def decide(bank: BankFolder, title: str, *, way: Way | None = None, **given: Any) -> SavedRecord:
    """Record a decision, with its line under Decisions; further arguments are those of `workflow.decide.decide`.

    Raises:
        BankError: a text or field cannot be kept; nothing is written then.
    """
    from memorybank.workflow.entries.decide import decide as record

    return record(bank, title, way or default_way(bank), **given)


def learn(bank: BankFolder, text: str, *, way: Way | None = None, **given: Any) -> SavedRecord:
    """Record a lesson, with its line under Learnings; further arguments are those of `workflow.decide.learn`.

    Raises:
        BankError: a text or field cannot be kept; nothing is written then.
    """
    from memorybank.workflow.entries.decide import learn as record

    return record(bank, text, way or default_way(bank), **given)


def report_bug(bank: BankFolder, title: str, *, way: Way | None = None, **given: Any) -> SavedRecord:
    """Report a bug, which gets the next number; further arguments are those of `workflow.bugs.report_bug`.

    Raises:
        BankError: a text or field cannot be kept; nothing is written then.
    """
    from memorybank.workflow.entries.bugs import report_bug as report

    return report(bank, title, way or default_way(bank), **given)


def fix_bug(bank: BankFolder, bug: str, *, way: Way | None = None, **given: Any) -> BugFix:
    """Close a bug, by its number or id; further arguments are those of `workflow.bugs.fix_bug`.

    Raises:
        BankError: there is no such bug, it is fixed already, or a text cannot be kept; nothing is written then.
    """
    from memorybank.workflow.entries.bugs import fix_bug as fix

    return fix(bank, bug, way or default_way(bank), **given)


def log(bank: BankFolder, text: str, *, title: str = "", items: Sequence[str] = (), way: Way | None = None) -> LogEntry:
    """Add an entry to the development log.

    Raises:
        BankError: a text cannot be kept; nothing is written then.
    """
    from memorybank.records.ledgers.devlog import log as add

    return add(bank, text, way or default_way(bank), title=title, items=items)


def add_paf(bank: BankFolder, category: str, text: str, *, way: Way | None = None, **given: Any) -> FactChange:
    """Add a permanent architectural fact; further arguments are `why`, `status` and `ident`.

    Raises:
        BankError: a text or field cannot be kept; nothing is written then.
    """
    from memorybank.records.ledgers.facts import add_paf as add

    return add(bank, category, text, way or default_way(bank), **given)


def set_paf_status(bank: BankFolder, ident: str, status: str, *, way: Way | None = None, **given: Any) -> FactChange:
    """Bring a fact to another status; further arguments are `by`, what replaces it, and `reason`.

    Raises:
        BankError: there is no such fact, or its status cannot become that.
    """
    from memorybank.records.ledgers.facts import set_status

    return set_status(bank, ident, status, way or default_way(bank), **given)


def check_pafs(bank: BankFolder, *idents: str) -> list[FactCheck]:
    """Run the commands that check active facts, or those that are named.

    Raises:
        UntrustedError: one was not approved on this machine; none is run then.
    """
    from memorybank.records.ledgers.fact_check import check_pafs as check
    from memorybank.store.home import home_of

    return check(bank, home_of(os.environ), os.environ, idents=idents)


def current_session(bank: BankFolder) -> str:
    """Give the id of the session that is current here, "" when there is none."""
    from memorybank.records.sessions.current import current_session as current

    return current(bank, os.environ, Path.cwd())


def start_session(bank: BankFolder, *, groups: Sequence[str] = (), way: Way | None = None, **given: Any) -> SavedRecord:
    """Start a session, which becomes the current one.

    Further arguments are `label`, `goal`, `tool`, `tags`, `context` and `metadata`.

    Raises:
        BankError: a group is not there, a field cannot have its value, or the write is refused.
    """
    from memorybank.records.sessions.current import agent_session_of, bind
    from memorybank.records.sessions.groups import start_session as start

    way = way or default_way(bank)
    saved = start(bank, way, groups=groups, agent_session=agent_session_of(os.environ), **given)
    if not way.options.dry_run:
        bind(bank, saved.record.id, os.environ, Path.cwd())
    return saved


def add_message(bank: BankFolder, role: str, text: str, *, session: str = "", way: Way | None = None) -> Message:
    """Add a message to a session, to the current one when none is named.

    Raises:
        NoRecordError: there is no such session.
        BankError: the text is refused.
    """
    from memorybank.records.sessions.sessions import add_message as add

    return add(bank, _session(bank, session), role, text, way or default_way(bank))


def end_session(
    bank: BankFolder, session: str = "", *, summary: str = "", generate_summary: bool = False, way: Way | None = None
) -> SavedRecord:
    """End a session, the current one when none is named, and write down what came of it.

    Raises:
        NoRecordError: there is no such session.
        FieldError: it has ended already.
    """
    from memorybank.records.sessions.current import unbind
    from memorybank.workflow.outcome.close import end

    way = way or default_way(bank)
    saved = end(bank, _session(bank, session), way, summary=summary, generate_summary=generate_summary)
    if not way.options.dry_run:
        unbind(bank, saved.record.id)
    return saved


def save_session(
    bank: BankFolder,
    session: str = "",
    *,
    label: str | None = None,
    summary: str = "",
    generate_summary: bool = False,
    way: Way | None = None,
) -> SavedRecord:
    """Write down what came of a session so far, of the current one when none is named.

    Raises:
        NoRecordError: there is no such session.
    """
    from memorybank.workflow.outcome.close import save

    way = way or default_way(bank)
    return save(bank, _session(bank, session), way, label=label, summary=summary, generate_summary=generate_summary)


def list_sessions(bank: BankFolder, *, label: str = "", tool: str = "", group: str = "") -> list[Record]:
    """Give the sessions, newest first."""
    from memorybank.records.filter import Filter
    from memorybank.records.sessions.groups import find_group
    from memorybank.records.sessions.sessions import list_sessions as listed

    wanted = Filter(source_tool=tool)
    return listed(bank, wanted, label=label, group=find_group(bank, group).id if group else "").records


def load_session(bank: BankFolder, session: str, *, max_messages: int | None = None) -> LoadedSession:
    """Give a session, by id, prefix or label, with its last messages.

    Raises:
        NoRecordError: there is no such session.
    """
    from memorybank.records.sessions.sessions import load

    return load(bank, session, limit=max_messages)


def create_group(
    bank: BankFolder, name: str, *, description: str = "", tags: Sequence[str] = (), way: Way | None = None
) -> SavedRecord:
    """Make a group of sessions.

    Raises:
        FieldError: there is one of that name.
    """
    from memorybank.records.sessions.groups import create

    return create(bank, name, way or default_way(bank), description=description, tags=tags)


def add_to_group(bank: BankFolder, group: str, *sessions: str, way: Way | None = None) -> SavedRecord:
    """Put sessions into a group.

    Raises:
        NoRecordError: the group or a session is not there.
    """
    from memorybank.records.sessions.groups import add

    return add(bank, group, sessions, way or default_way(bank))


def set_group_status(
    bank: BankFolder, group: str, status: str, *, summary: str = "", way: Way | None = None
) -> SavedRecord:
    """Let a group be active, closed or archived.

    Raises:
        FieldError: the status cannot follow the one it has.
    """
    from memorybank.records.sessions.groups import set_status

    return set_status(bank, group, status, way or default_way(bank), summary=summary)


def list_groups(bank: BankFolder, *, tags: Sequence[str] = (), status: str = "") -> list[Record]:
    """Give the groups, newest first."""
    from memorybank.records.filter import Filter
    from memorybank.records.sessions.groups import list_groups as listed

    return listed(bank, Filter(tags=tuple(tags), status=status)).records


def summarize_group(bank: BankFolder, group: str) -> GroupSummary:
    """Tell what came of a group: its sessions, how long, what was decided, what is open.

    Raises:
        NoRecordError: there is no such group.
    """
    from memorybank.workflow.outcome.group_summary import summarize

    return summarize(bank, group)


def group_context(bank: BankFolder, group: str, *, max_messages_per_session: int = 20) -> list[SessionExcerpt]:
    """Give the sessions of a group, each with its last messages.

    Raises:
        NoRecordError: there is no such group.
    """
    from memorybank.workflow.outcome.group_summary import context_of

    return context_of(bank, group, limit=max_messages_per_session)


def load_context(bank: BankFolder, **wished: Any) -> Context:
    """Load what a stage of work needs, within a budget; arguments are the fields of `recall.context.Wish`.

    Raises:
        BudgetError: the budget is too small for what is pinned.
        FieldError: there is no such stage, mode or moment, or the budget is none.
        NotFoundError: a file, session or group that was named is not there.
    """
    from memorybank.recall.loading.load import LoadOptions
    from memorybank.recall.loading.load import load_context as load

    given = {"current": current_session(bank), **wished}
    return load(bank, LoadOptions(**given), datetime.now(UTC))


def _session(bank: BankFolder, session: str) -> str:
    found = session or current_session(bank)
    if not found:
        from memorybank.records.sessions.sessions import no_current_session

        raise no_current_session(bank)
    return found
