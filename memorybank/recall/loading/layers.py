"""The layers of memory as candidates for loading: messages, recent activity, records, corrections, facts, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.recall.loading.budget import Candidate
from memorybank.recall.loading.candidates import (
    CACHE,
    CORRECTIONS,
    DEEP,
    FACTS,
    GIT,
    GROUPS,
    PLACES,
    SESSION,
    Candidates,
    Layer,
    load_command,
    offer_message,
    offer_record,
    read_record,
    told,
)
from memorybank.recall.loading.contracts import pin_of
from memorybank.recall.loading.recent import recent
from memorybank.recall.rank import SUNK_STATUSES
from memorybank.records.ledgers.fact_line import ACTIVE
from memorybank.records.ledgers.fact_list import FILE as PAFS
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.sessions.messages import FOLDER, read_messages
from memorybank.shell import quoted

if TYPE_CHECKING:
    from memorybank.recall.loading.candidates import LoadRequest
    from memorybank.store.folder import BankFolder

_GROUP_MESSAGES = 20


def gather(bank: BankFolder, ask: LoadRequest) -> Candidates:
    """Return the candidates of each layer; what cannot be read does not hide the rest."""
    out = Candidates()
    words = {**ask.cell.words(), GIT: "branch, changes, commits, files"}
    for name, wanted, offer in (
        (CORRECTIONS, ask.cell.corrections, _corrections),
        (FACTS, ask.cell.pafs, _facts),
        (DEEP, ask.cell.deep, _deep),
        (GROUPS, ask.cell.groups, _groups),
        (SESSION, ask.cell.messages, _messages),
        (CACHE, ask.cell.cache_hours, recent),
        (GIT, ask.git, _git),
    ):
        if not wanted:
            continue
        before = len(out.candidates)
        beyond, fetch = 0, ""
        with told(out.faults, name, name):
            beyond, fetch = offer(bank, ask, out)
        out.layers.append(Layer(name, words[name], len(out.candidates) - before, beyond, fetch))
    return out


def _messages(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    beyond, fetch = 0, ""
    limit = ask.cell.messages
    if len(ask.sessions) > 1:
        limit = min(limit, _GROUP_MESSAGES)
    for number, session in enumerate(ask.sessions):
        with told(out.faults, SESSION, f"{FOLDER}{session}.jsonl"):
            last = read_messages(bank, session, limit=limit)
            first = last.message_count - len(last.rows)
            for place, each in enumerate(last.rows):
                terms = {
                    "session": 0.5,
                    "recent": (place + 1) / len(last.rows),
                    "query": ask.match(each.text),
                    "user": 0.2 if each.role == "user" else 0.0,
                }
                candidate = offer_message(SESSION, session, each, first + place, (number, place), terms)
                out.candidates.append(candidate._replace(fetch=load_command(session, len(last.rows) - place)))
            beyond += first
            fetch = load_command(session, last.message_count) if first else fetch
    return beyond, fetch


def _deep(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    rows = []
    for record in out.records(bank, ask).matching:
        terms = {"deep": 0.5, **record.scores, "stage": 0.3 if record.kind in ask.first else 0.0}
        if record.status in SUNK_STATUSES:
            terms["status"] = -1.0
        rows.append((-sum(terms.values()), record.file, record.kind, terms))
    rows.sort(key=lambda row: row[:2])
    for place, (_, file, kind, terms) in enumerate(rows[: ask.cell.deep]):
        with told(out.faults, DEEP, file):
            out.candidates.append(offer_record(read_record(bank, file, kind), DEEP, place)._replace(terms=terms))
    rest = len(rows[ask.cell.deep :])
    asked = ask.query or ask.focus
    return rest, f"bank search {quoted(asked)} --scope records" if rest and asked else "bank list" if rest else ""


def _facts(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    found = list_pafs(bank)
    wanted = [each for each in found if ask.cell.pafs == "all" or each.status == ACTIVE]
    for each in wanted:
        by = f" by {each.replaced_by}" if each.replaced_by else ""
        mark = "" if each.status == ACTIVE else f" [{each.status}{by}]"
        text = f"- **{each.id}**{mark}: {each.text}{f' — {each.why}' if each.why else ''}"
        place = f"{PAFS}#{each.section}" if each.section else PAFS
        out.candidates.append(
            Candidate(
                key=f"{PAFS}:{each.line}",
                layer=FACTS,
                order=(PLACES[FACTS], each.line),
                head=f"=== {PAFS}",
                text=f"{' '.join(text.split())}\n",
                address=place,
                fetch=f"bank show {quoted(place)}",
                terms={"paf": 2.0, "query": ask.match(each.text), "status": 0.0 if each.status == ACTIVE else -1.2},
                pinned=pin_of("", each.text),
            )
        )
    rest = len(found) - len(wanted)
    return rest, "bank paf list" if rest else ""


def _corrections(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    """Add the best accepted corrections; one whose line is in the contracts is there already."""
    from memorybank.records.corrections.accepted import accepted_by_file
    from memorybank.records.corrections.pack import line_of
    from memorybank.records.corrections.score import score_all
    from memorybank.records.corrections.settings import read_settings

    found = accepted_by_file(bank)
    if not found:
        return 0, ""
    files = {each.id: file for file, each in found.items()}
    settings = read_settings(bank)
    said = "\n".join(ask.said)
    wanted = [each for each in found.values() if each.effective_tier in settings.tiers and each.id not in said]
    ranked = score_all(wanted, ask.now, settings, matches={each.id: ask.match(each.text) for each in wanted})
    for place, (correction, score) in enumerate(ranked[: ask.cell.corrections]):
        out.candidates.append(
            Candidate(
                key=files[correction.id],
                layer=CORRECTIONS,
                order=(PLACES[CORRECTIONS], place),
                head="=== corrections",
                text=line_of(correction),
                address=files[correction.id],
                fetch=f"bank corrections show {correction.id}",
                terms={"correction": 1.0, "score": score.total},
                pinned="a pinned correction" if correction.is_pinned else "",
            )
        )
    rest = len(ranked[ask.cell.corrections :])
    return rest, "bank corrections load" if rest else ""


def _groups(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    from memorybank.records.sessions.groups import find_group, list_groups, members_of

    mine = set(ask.sessions)
    for place, each in enumerate(list_groups(bank).records):
        if each.id not in ask.groups and (ask.groups or not mine):
            continue
        with told(out.faults, GROUPS, each.file):
            members = members_of(bank, find_group(bank, each.id))[0]
            if each.id not in ask.groups and mine.isdisjoint(one.id for one in members):
                continue
            said = f": {' '.join(each.summary.split())}" if each.summary else ""
            rows = [f"# {each.title} ({each.status}){said}"]
            rows += [f"- {one.id} {one.title} ({one.status})" for one in members]
            out.candidates.append(
                Candidate(
                    key=each.file,
                    layer=GROUPS,
                    order=(PLACES[GROUPS], place),
                    head=f"=== {each.file}",
                    text="\n".join(rows) + "\n",
                    address=each.file,
                    fetch=f"bank group context {quoted(each.id)}",
                    terms={"group": 0.5},
                )
            )
    return 0, ""


def _git(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    from memorybank.store.git.state import state_of

    del ask
    state = state_of(bank.project)
    if state is None:
        return 0, ""
    more = state.change_count - len(state.changes)
    status = [f"branch {state.branch}", *(state.changes or ["no changes"]), *([f"… {more} more"] if more else [])]
    files = f"{state.file_count} files: {', '.join(state.files)}" if state.files else ""
    rows = (
        ("status", 1.0, "\n".join(status), "git status --short --branch"),
        ("log", 0.8, "\n".join(state.commits), "git log --oneline"),
        ("files", 0.3, files, "git ls-files"),
    )
    for place, (name, value, text, fetch) in enumerate(rows):
        if text:
            out.candidates.append(
                Candidate(
                    key=f"git {name}",
                    layer=GIT,
                    order=(PLACES[GIT], place),
                    head=f"=== git {name}",
                    text=f"{text}\n",
                    address=f"git {name}",
                    fetch=fetch,
                    terms={"git": value},
                )
            )
    return more, "git status" if more else ""
