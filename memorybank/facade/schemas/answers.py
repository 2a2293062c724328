"""Which answer each command has: what its method returns, or a type of this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing import Annotated

    from memorybank.document.receipt import ReceiptWire
    from memorybank.errors import BankError
    from memorybank.records.record_answer import RecordWire


class ErrorAnswer(TypedDict):
    """The answer of a command that was refused or failed."""

    error: Annotated[Any, BankError]


class AlreadyDone(TypedDict):
    """The answer of a writing command that was interrupted before, after it had written everything."""

    already_done: Literal[True]
    receipt: ReceiptWire


class OpenedRecord(TypedDict):
    """A record that was edited by hand; without a receipt where nothing was changed."""

    record: RecordWire
    receipt: ReceiptWire | None
    advice: list[str]


class AutoProceed(TypedDict):
    """Whether gates are passed without asking."""

    auto_proceed: bool


class ConfigPath(TypedDict):
    """The file of settings."""

    path: str


class Version(TypedDict):
    """The version of the program."""

    version: str


class TourStep(TypedDict):
    """One command of the tour."""

    command: str
    exit_code: int
    as_expected: bool


class Tour(TypedDict):
    """The commands of the tour; `folder` is where they ran, if it was kept."""

    steps: list[TourStep]
    count: int
    failed_count: int
    folder: str | None


# a method is named by its path in `Bank`, a type by its module and name; without a module it is one of this module
ANSWERS: dict[str, tuple[str, ...]] = {
    "init": ("facade.upkeep.set_up:SetUp",),
    "load": ("load_files", "load", "stages", "triggers"),
    "note": ("note",),
    "focus": ("focus",),
    "task add": ("tasks.add",),
    "task done": ("tasks.done",),
    "task edit": ("tasks.edit",),
    "task list": ("tasks.list",),
    "task remove": ("tasks.remove",),
    "task reopen": ("tasks.reopen",),
    "show": ("show", "list", "recall"),
    "search": ("search",),
    "save": ("save",),
    "status": ("status",),
    "undo": ("undo",),
    "edit": ("document.receipt:Receipt",),
    "item list": ("items.list",),
    "item move": ("items.move",),
    "item remove": ("items.remove",),
    "item replace": ("items.replace",),
    "item tick": ("items.tick",),
    "item untick": ("items.untick",),
    "set": ("set",),
    "outline": ("outline",),
    "plan list": ("plans.list",),
    "plan new": ("plans.new",),
    "plan show": ("plans.show",),
    "research list": ("research.list",),
    "research new": ("research.new",),
    "research show": ("research.show",),
    "design list": ("designs.list",),
    "design new": ("designs.new",),
    "design show": ("designs.show",),
    "history": ("history",),
    "diff": ("diff",),
    "redo": ("redo",),
    "restore": ("restore",),
    "blame": ("blame",),
    "recall": ("recall",),
    "list": ("list",),
    "update": ("update",),
    "delete": ("delete",),
    "open": ("OpenedRecord",),
    "supersede": ("supersede",),
    "deprecate": ("deprecate",),
    "link": ("link",),
    "lineage": ("lineage",),
    "tags": ("tags.list",),
    "tags rename": ("tags.rename",),
    "cleanup": ("cleanup",),
    "types": ("types.list",),
    "types show": ("types.show",),
    "decide": ("decide",),
    "learn": ("learn",),
    "bug new": ("bugs.report",),
    "bug fix": ("bugs.fix",),
    "bug list": ("bugs.list",),
    "bug deployed": ("bugs.deployed",),
    "bug show": ("bugs.show",),
    "log": ("log", "read_log"),
    "paf add": ("pafs.add",),
    "paf list": ("pafs.list",),
    "corrections mine": ("corrections.mine",),
    "corrections list": ("corrections.list",),
    "corrections show": ("corrections.show",),
    "corrections why": ("corrections.why",),
    "corrections propose": ("corrections.propose",),
    "corrections accept": ("corrections.accept",),
    "corrections drop": ("corrections.drop",),
    "corrections pin": ("corrections.pin",),
    "corrections tier": ("corrections.tier",),
    "corrections status": ("corrections.status",),
    "corrections load": ("corrections.load",),
    "corrections search": ("corrections.search",),
    "corrections decay": ("corrections.decay",),
    "corrections fit": ("corrections.fit",),
    "corrections label": ("corrections.label",),
    "eval corrections": ("evaluate.corrections",),
    "eval detector": ("evaluate.detector",),
    "paf review": ("pafs.review",),
    "paf activate": ("pafs.activate",),
    "paf deprecate": ("pafs.deprecate",),
    "paf replace": ("pafs.replace",),
    "paf check": ("pafs.check",),
    "trust": ("facade.upkeep.trust:TrustResult",),
    "trust list": ("trust.list",),
    "trust revoke": ("trust.revoke",),
    "config get": ("settings.get",),
    "config set": ("settings.set",),
    "config unset": ("settings.unset",),
    "config list": ("settings.list",),
    "config path": ("ConfigPath",),
    "audit": ("audit.list",),
    "install": ("clients.install", "clients.list", "corrections.timer", "git.install_hooks"),
    "uninstall": ("clients.uninstall", "git.uninstall_hooks"),
    "artifact add": ("artifacts.add",),
    "artifact list": ("artifacts.list",),
    "session start": ("sessions.start",),
    "session message": ("sessions.message",),
    "session end": ("sessions.end",),
    "session save": ("sessions.save",),
    "session resume": ("sessions.resume",),
    "session list": ("sessions.list",),
    "sessions": ("sessions.list",),
    "session show": ("sessions.show",),
    "session load": ("sessions.load",),
    "session label": ("sessions.label",),
    "session update": ("sessions.update",),
    "session delete": ("sessions.delete",),
    "group create": ("groups.create",),
    "group list": ("groups.list",),
    "group add": ("groups.add",),
    "group remove": ("groups.remove",),
    "group close": ("groups.set_status",),
    "group archive": ("groups.set_status",),
    "group reopen": ("groups.set_status",),
    "group delete": ("groups.delete",),
    "group summary": ("groups.summarize",),
    "group context": ("groups.context",),
    "workflow start": ("workflows.start",),
    "workflow show": ("workflows.show",),
    "workflow list": ("workflows.list",),
    "workflow phase": ("workflows.phase",),
    "workflow task": ("workflows.add_task",),
    "workflow result": ("workflows.result",),
    "workflow gate": ("workflows.gate",),
    "workflow note": ("workflows.note",),
    "workflow debug": ("workflows.debug",),
    "workflow finish": ("workflows.finish",),
    "workflow abort": ("workflows.abort",),
    "workflow resume": ("workflows.resume",),
    "workflow auto": ("AutoProceed", "workflows.set_auto_proceed"),
    "notes ingest": ("notes.ingest",),
    "notes list": ("notes.list",),
    "notes apply": ("notes.apply",),
    "notes drop": ("notes.drop",),
    "notes edit": ("notes.edit",),
    "gate": ("gate",),
    "wrap-up": ("wrap_up",),
    "handoff": ("handoff",),
    "hydrate": ("hydrate", "sync_tasks"),
    "checkpoint add": ("checkpoint",),
    "checkpoint list": ("checkpoints.list",),
    "checkpoint show": ("checkpoints.show",),
    "summary show": ("summary",),
    "summary set": ("set_summary",),
    "summary refresh": ("refresh_summary",),
    "prove": ("prove",),
    "verify": ("verify",),
    "promote": ("promote", "suggest_promotions"),
    "demote": ("demote",),
    "skills": ("skills",),
    "headings": ("headings",),
    "index": ("index.update",),
    "check": ("check", "rules", "contradictions"),
    "doctor": ("doctor",),
    "review": ("review",),
    "merge file": ("git.merge", "git.merge_copy"),
    "merge check": ("git.check_merge",),
    "merge install": ("git.install_driver",),
    "merge uninstall": ("git.uninstall_driver",),
    "merge status": ("git.driver_status",),
    "sync": ("sync",),
    "sync init": ("hub.init",),
    "sync status": ("hub.status",),
    "sync stats": ("hub.stats",),
    "confirm": ("confirm",),
    "onboard": ("onboard",),
    "report": ("report",),
    "adopt-from": ("adopt_from",),
    "bundle create": ("bundles.create",),
    "bundle verify": ("bundles.verify",),
    "bundle apply": ("bundles.apply",),
    "rotate": ("rotate",),
    "unarchive": ("unarchive",),
    "migrate": ("migrate",),
    "banks": ("banks.list", "banks.orphans"),
    "banks list": ("banks.list",),
    "banks forget": ("banks.forget_missing",),
    "export": ("export",),
    "import": ("import_from",),
    "tour": ("Tour",),
    "version": ("Version",),
    # any command can answer with an error, and one that writes with what it had written when it was interrupted
    "error": ("ErrorAnswer",),
    "already done": ("AlreadyDone",),
}
