"""The points of the end of a session: one function for each, from the work that was done to what is still to write."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import LOG
from memorybank.errors import BankError
from memorybank.shell import quoted
from memorybank.store.doc_folders import ROOTS
from memorybank.workflow.outcome.work_since import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.workflow.lines.find import Line
    from memorybank.workflow.outcome.work_since import Work

DONE, OPEN = "done", "open"
# the files that name what a project depends on, and those that set it up
_MANIFESTS = re.compile(
    r"pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.(txt|in)|Pipfile|environment\.ya?ml|package\.json|deno\.json|"
    r"Cargo\.toml|go\.mod|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|"
    r"[\w.-]+\.(cs|fs|vb)proj|mix\.exs|pubspec\.yaml|Package\.swift|conanfile\.(txt|py)|vcpkg\.json"
)
_SET_UP = re.compile(
    r"(.*/)?((Docker|Container|Vagrant|Make|Just|Jenkins|Proc)file|(docker-)?compose[\w.-]*\.ya?ml|[\w-]+\.(tf|nix)|"
    r"\.gitlab-ci\.yml|\.env\.example|\.envrc|devcontainer\.json|playbook[\w.-]*\.ya?ml)|"
    r"(.*/)?(\.github/workflows|\.circleci|k8s|helm|ansible)/.*\.ya?ml",
    re.IGNORECASE,
)
_FIX = re.compile(r"\b(fix(es|ed)?|bug(fix)?|hotfix)\b", re.IGNORECASE)
_TRIVIAL_FIX = re.compile(r"\b(typos?|spelling|wording|lint|format(ting)?|whitespace|indent|docs?)\b", re.IGNORECASE)
_TICKED = re.compile(r"\s*[-*+]\s+\\?\[[xX]\\?\]\s+(.+)")
_DEBUG = "[DEBUG-"
_LEARNT = ("learning", "gotcha", "pattern", "convention", "structure", "testing", "api", "error", "dependency")
_LEARNT_RECORDS = ("learning", "error", "fact", "code", "procedural")


class Point(NamedTuple):
    """One point: its state (done, open, or none where it was answered so), what was found, and what settles it."""

    name: str
    state: str
    found: str
    command: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state != OPEN

    @property
    def can_be_none(self) -> bool:
        """Whether there may have been nothing to write, which only the writer knows."""
        return self.name in ANSWERABLE


def _loaded(bank: BankFolder, work: Work) -> Point:
    from memorybank.workflow.gate import early, reads_of

    start = work.start
    seen = {row.address for row in reads_of(bank, start.session) if row.at >= early(start.at)}
    missing = [file for file in bank.main_files if file not in seen and (bank.folder / file).is_file()]
    if missing:
        command = "bank load --for session-start --mark"
        return Point("loaded", OPEN, f"not read in this session: {', '.join(missing)}", command)
    return Point("loaded", DONE, f"{len(bank.main_files)} files")


def _focus(_: BankFolder, work: Work) -> Point:
    if work.count("focus") or not work.is_any:
        return Point("focus", DONE, "set" if work.count("focus") else "nothing was done")
    return Point("focus", OPEN, "not set since the start", "bank focus 'WHERE THE WORK STANDS; next: WHAT'")


def _changes(_: BankFolder, work: Work) -> Point:
    count = work.count("change", "done")
    if count or not work.files:
        return Point("changes", DONE, f"{count} noted" if count else "no file changed")
    command = f"bank note 'WHAT CHANGED' --as change --file {quoted(work.files[0])}"
    return Point("changes", OPEN, f"{shown(work.files, 'file')} changed, and no change is noted", command)


def _decisions(_: BankFolder, work: Work) -> Point:
    count = max(work.count("decision"), work.records.get("decision", 0))
    if count or not work.files:
        return Point("decisions", DONE, f"{count} recorded" if count else "no file changed")
    return Point("decisions", OPEN, "none recorded", "bank note 'NAME: CHOICE' --as decision --why 'WHY'")


def _learnings(_: BankFolder, work: Work) -> Point:
    count = max(work.count(*_LEARNT), sum(work.records.get(kind, 0) for kind in _LEARNT_RECORDS))
    if count or not work.files:
        return Point("learnings", DONE, f"{count} noted" if count else "no file changed")
    what = "none noted: no insight, trap, pattern or reusable code"
    return Point("learnings", OPEN, what, "bank note 'WHAT I LEARNED'")


def _bugs(_: BankFolder, work: Work) -> Point:
    fixes = [each for each in work.subjects if _FIX.search(each) and not _TRIVIAL_FIX.search(each)]
    tries = sum(_DEBUG in line for line in work.lines.get("change", ()))
    written = sum(work.records.get(kind, 0) for kind in ("bug", "error", "learning"))
    if written or not (fixes or tries):
        return Point("bugs", DONE, f"{written} recorded" if written else "no fix and no debug attempt")
    what = f"a commit says {fixes[0]!r}" if fixes else f"{tries} debug attempt{'s' if tries != 1 else ''}"
    command = "bank learn 'WHAT WENT WRONG' --cause 'WHY' --solution 'HOW' --lesson 'WHAT TO DO'"
    return Point("bugs", OPEN, f"{what}, and no bug, error or lesson is recorded", command)


def _dependencies(_: BankFolder, work: Work) -> Point:
    files = [file for file in work.files if _MANIFESTS.fullmatch(PurePosixPath(file).name)]
    count = work.count("dependency", "decision") + work.records.get("decision", 0)
    if count or not files:
        return Point("dependencies", DONE, f"{count} recorded" if files else "no manifest changed")
    what = f"{shown(files, 'manifest')} changed: why this library, and not another?"
    return Point("dependencies", OPEN, what, "bank note 'NAME: WHY' --as dependency")


def _set_up(_: BankFolder, work: Work) -> Point:
    files = [file for file in work.files if _SET_UP.fullmatch(file)]
    count = work.count("structure", "convention", "testing", "pattern", "gotcha") + work.records.get("procedural", 0)
    if count or not files:
        return Point("set-up", DONE, f"{count} recorded" if files else "no set-up changed")
    what = f"{shown(files, 'set-up file')} changed: could somebody repeat it?"
    return Point("set-up", OPEN, what, "bank save --type procedural --title 'TITLE' --section 'Steps=1. …'")


def _progress(bank: BankFolder, work: Work) -> Point:
    from memorybank.workflow.lines.similarity import plain_of
    from memorybank.workflow.refresh import UNPROVEN

    lines = (*work.lines.get("task", ()), *work.lines.get("done", ()))
    ticked = [match.group(1).rstrip() for line in lines if (match := _TICKED.match(line))]
    bare = [text.removesuffix(UNPROVEN) for text in ticked if text.endswith(UNPROVEN) or " - " not in text]
    if bare:
        # a task may have been proved after it was ticked
        there = {plain_of(line.text) for kind in ("task", "done") for line in _lines_of_kind(bank, kind)}
        bare = [text for text in bare if {plain_of(text), plain_of(f"{text}{UNPROVEN}")} & there]
    if bare:
        command = f"bank prove {quoted(bare[0])} -- COMMAND"
        return Point("progress", OPEN, f"{shown(bare, 'task')} done without evidence", command)
    proofs = work.count("verification")
    if ticked or proofs or not work.files:
        what = f"{len(ticked)} done with evidence" if ticked else f"{proofs} proved" if proofs else "no file changed"
        return Point("progress", DONE, what)
    what = f"{shown(work.files, 'file')} changed, and nothing is proved"
    return Point("progress", OPEN, what, "bank prove 'CLAIM OR TASK' -- COMMAND")


def _log(bank: BankFolder, work: Work) -> Point:
    if work.count("log"):
        return Point("log", DONE, "an entry was added")
    if not work.files or not (bank.folder / LOG).is_file():
        return Point("log", DONE, f"{LOG} is not used" if work.files else "no file changed")
    return Point("log", OPEN, f"{LOG} has no entry of this session", "bank log 'WHAT WAS DONE'")


def _checkpoint(bank: BankFolder, work: Work) -> Point:
    from memorybank.workflow.progress.checkpoint_due import due
    from memorybank.workflow.progress.checkpoints import list_checkpoints

    made = [mark.file for mark in list_checkpoints(bank).checkpoints if mark.timestamp >= work.start.at]
    reasons = due(bank, work.start.session).reasons
    if made or not reasons:
        return Point("checkpoint", DONE, f"{len(made)} made" if made else "not due")
    return Point("checkpoint", OPEN, f"due: {', '.join(reasons)}", "bank checkpoint 'WHERE THE WORK STANDS'")


def _summary(bank: BankFolder, _: Work) -> Point:
    from memorybank.workflow.progress.measured import METRICS
    from memorybank.workflow.progress.numbers import counted
    from memorybank.workflow.progress.summary import read_summary

    try:
        metrics = read_summary(bank).value.get(METRICS)
    except BankError:
        return Point("summary", DONE, "summary.json is not used")
    known = metrics if isinstance(metrics, dict) else {}
    old = [name for name, number in counted(bank).items() if known.get(name) != number]
    if not old:
        return Point("summary", DONE, "its numbers are those of today")
    return Point("summary", OPEN, f"other numbers now: {', '.join(old)}", "bank summary refresh")


def _documents(bank: BankFolder, work: Work) -> Point:
    from memorybank.workflow.lines.find import lines_in

    folders = tuple(f"{root}/" for root in ROOTS)
    written = [file for file in work.files if file.startswith(folders) and file.endswith(".md")]
    made = [file for file in written if (bank.project / file).is_file()]
    text = "".join(line.text for file in bank.main_files for line in lines_in(bank, file)) if made else ""
    lost = [file for file in made if file not in text]
    if not lost:
        return Point("documents", DONE, f"{len(made)} linked" if made else "none written")
    kind = "Research" if lost[0].startswith("docs/research/") else "Plan"
    what = f"no line points to {shown(lost, 'document')}"
    return Point("documents", OPEN, what, f"bank note {quoted(f'{kind}: `{lost[0]}`')} --as reference")


def _queue(bank: BankFolder, _: Work) -> Point:
    from memorybank.workflow.notes.queue_status import wait_of

    queued = wait_of(bank)
    if queued is None:
        return Point("notes", DONE, "none queued")
    return Point("notes", OPEN, str(queued).partition(":")[0], "bank notes apply")


def _corrections(bank: BankFolder, _: Work) -> Point:
    from memorybank.records.corrections.waiting import queue_of

    waiting = queue_of(bank)
    if waiting is None:
        return Point("corrections", DONE, "none waits")
    return Point("corrections", OPEN, str(waiting).partition(":")[0], "bank corrections list")


def _workflow(bank: BankFolder, _: Work) -> Point:
    from memorybank.workflow.artifact import ACTIVE, list_flows
    from memorybank.workflow.lines.find import lines_in
    from memorybank.workflow.lines.similarity import plain_of
    from memorybank.workflow.transient import is_transient

    active = [flow for flow in list_flows(bank).flows if flow.status == ACTIVE]
    if active:
        what = f"{active[0].id} is active: {active[0].goal}"
        return Point("workflow", OPEN, what, f"bank workflow finish {quoted(active[0].id)}")
    left = [line for file in bank.main_files for line in lines_in(bank, file) if is_transient(line.text)]
    if left:
        what = f"{shown([plain_of(line.text) for line in left], 'line')} of no active workflow"
        command = f"bank item remove {quoted(f'{left[0].file}#{left[0].section}')} {left[0].number}"
        return Point("workflow", OPEN, what, command)
    return Point("workflow", DONE, "none is active")


def _next(bank: BankFolder, work: Work) -> Point:
    from memorybank.workflow.progress.progress import progress_of

    progress = progress_of(bank)
    count = len(progress.todo) + len(progress.in_progress) + len(_lines_of_kind(bank, "next"))
    if count or not work.is_any:
        return Point("next", DONE, f"{count} open" if count else "nothing was done")
    return Point("next", OPEN, "no next step and no open task", "bank note 'WHAT COMES NEXT' --as next")


def _lines_of_kind(bank: BankFolder, kind: str) -> list[Line]:
    from memorybank.workflow.lines.find import lines_in
    from memorybank.workflow.lines.placement import place_of

    try:
        place = place_of(bank, kind)
        return lines_in(bank, place.file, place.section)
    except BankError:
        # another layout, or the section is missing
        return []


def _session(bank: BankFolder, work: Work) -> Point:
    start = work.start
    if start.has_ended or work.verbs & {"session end", "session save"}:
        return Point("session", DONE, "its summary is saved")
    if not (bank.folder / "sessions" / f"{start.session}.md").is_file():
        return Point("session", DONE, "none was started")
    return Point("session", OPEN, f"{start.session} has no summary yet", "bank session end --generate-summary")


POINTS: tuple[tuple[str, Callable[[BankFolder, Work], Point]], ...] = (
    ("loaded", _loaded),
    ("focus", _focus),
    ("changes", _changes),
    ("decisions", _decisions),
    ("learnings", _learnings),
    ("bugs", _bugs),
    ("dependencies", _dependencies),
    ("set-up", _set_up),
    ("progress", _progress),
    ("log", _log),
    ("checkpoint", _checkpoint),
    ("documents", _documents),
    ("notes", _queue),
    ("corrections", _corrections),
    ("workflow", _workflow),
    ("next", _next),
    ("summary", _summary),
    ("session", _session),
)
# what only the writer can answer: there was nothing of it, or it is left to the user
ANSWERABLE = frozenset(
    (
        "changes",
        "decisions",
        "learnings",
        "bugs",
        "dependencies",
        "set-up",
        "progress",
        "log",
        "corrections",
        "next",
        "session",
    )
)
