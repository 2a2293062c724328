"""Making a bank: the contracts from their templates, settings, and what git should know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CLINE_FILES, CONTRACT_FILES, HOME, LAYOUTS, Layout
from memorybank.contracts.load import load_contract
from memorybank.errors import ArtifactError, ConfigError, FieldError
from memorybank.files.write import make_dirs, resolve
from memorybank.shell import quoted
from memorybank.store.config import Config, render_config
from memorybank.store.discover import bank_at, check_place, check_shared, is_bank, shared_bank
from memorybank.store.folder import BankFolder
from memorybank.store.home import NAMESPACES, is_users_own
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.manage.lost_text import find_lost
from memorybank.times import minute_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.store.way import Way


class InitResult(NamedTuple):
    """A bank that was made or adopted: its folder, what was written, what was there already, and what is lost.

    A file that bank wrote text into and that is gone is not made anew: its text is to be brought back.
    """

    bank: BankFolder
    receipt: Receipt
    kept: tuple[str, ...]
    lost: tuple[str, ...] = ()


def init(project: Path, way: Way, *, adopt: bool = False, home: Path | None = None, layout: str = "") -> InitResult:
    """Make a bank in a project, or complete the one that is there; existing files are never touched.

    A memory file with text that was deleted is not made from the template, unless `way.options.accept_shrunk` says so.

    With `adopt` a bank of another layout (cc10x, Cline) in the project is used in place and gets what it lacks;
    without it, finding one is refused, so that no project ends up with two banks by accident. In a worktree that
    shares the main one's bank, it is that bank. `home` is the folder of the global bank: where the project is the
    home folder, a new bank is both, and one that is there stays what it is. `layout` names another form and place for
    a new bank, or for the one that is to be completed.

    Raises:
        ArtifactError: there is a bank of another layout and `adopt` was not asked for.
        OutsideError: a link in the bank's place leads out of the project.
        FieldError: there is no such layout.
    """
    wanted = next((each for each in LAYOUTS if each.name == layout), None)
    if layout and wanted is None:
        why = f"{layout!r} is none of {', '.join(each.name for each in LAYOUTS)}"
        raise FieldError(field="layout", why=why, hint="bank init -h")
    if wanted not in (None, HOME):
        config = Config(name=project.absolute().name)
        return _complete(_chosen(project, wanted), config, way, makes_others=True)
    if home is not None and is_users_own(project / HOME.folder, home):
        there = bank_at(home, home)
        if there is not None and there.is_users_own and (home / "bank.toml").is_file():
            return init_users_own(home, way)
        if not way.options.dry_run:
            make_dirs(home, 0o700)
        name = project.absolute().name
        return _complete(BankFolder(home, home.parent, HOME), Config(name=name, home_is_project=True), way)
    return _complete(_choose(project, adopt=adopt), Config(name=project.absolute().name), way)


def init_users_own(folder: Path, way: Way) -> InitResult:
    """Make a bank that belongs to the user and to no project, or complete it; only the user can look into it."""
    if not way.options.dry_run:
        make_dirs(folder, 0o700)
    name = "global" if folder.parent.name != NAMESPACES else folder.name
    return _complete(bank_at(folder, folder) or BankFolder(folder, folder, HOME), Config(name=name), way)


def _complete(bank: BankFolder, config: Config, way: Way, *, makes_others: bool = False) -> InitResult:
    if not way.options.dry_run:
        make_dirs(bank.folder)
    wanted: list[tuple[str, str]] = []
    if bank.layout.contracted:
        now = minute_of(way.author.now())
        for file in CONTRACT_FILES:
            contract = load_contract(file, bank.folder / "templates")
            if contract is None:
                raise ConfigError(path=file, why="it has no template")
            wanted.append((file, contract.body.replace("[timestamp]", now)))
    elif makes_others:
        from memorybank.store.foreign_sections import fresh_text

        wanted += [(file, fresh_text(file)) for file in CLINE_FILES]
    if bank.layout == HOME:
        wanted.append(("bank.toml", render_config(config)))
    missing = [(file, text) for file, text in wanted if not (bank.folder / file).exists()]
    lost = (
        ()
        if way.options.accept_shrunk
        else tuple(file for file, _ in missing if find_lost(bank, file, None) is not None)
    )
    changes = [FileChange(bank.folder / file, text=text) for file, text in missing if file not in lost]
    for change in changes:
        resolve(change.path, bank.roots)
    receipt = commit(bank, changes, "init", way)
    kept = tuple(file for file, _ in wanted if file not in {name for name, _ in missing})
    # a new one: this one read its settings before they were there
    return InitResult(BankFolder(bank.folder, bank.project, bank.layout), receipt, kept, lost)


def _choose(project: Path, *, adopt: bool) -> BankFolder:
    shared = shared_bank(project)
    if shared is not None:
        return shared
    home = BankFolder(project / HOME.folder, project, HOME)
    if home.folder.is_dir():
        check_place(home)
        check_shared(home, project.absolute())
        return home
    for layout in LAYOUTS[1:]:
        folder = project / layout.folder
        if folder.is_dir() and is_bank(folder, layout):
            if adopt:
                check_place(BankFolder(folder, project, layout))
                return BankFolder(folder, project, layout)
            raise ArtifactError(
                path=layout.folder,
                why=f"there is a bank of the {layout.name} layout already; --adopt uses it where it stands",
                hint=f"bank init --adopt {quoted(project)}",
            )
    return home


def _chosen(project: Path, wanted: Layout) -> BankFolder:
    """Give the bank of a layout that was named: a new one, or the one that stands there."""
    for layout in LAYOUTS:
        folder = project / layout.folder
        if layout != wanted and folder.is_dir() and is_bank(folder, layout):
            adopt = "" if layout == HOME else "--adopt "
            raise ArtifactError(
                path=layout.folder,
                why=f"there is a bank of the {layout.name} layout already, and a project has one",
                hint=f"bank init {adopt}{quoted(project)}",
            )
    bank = BankFolder(project / wanted.folder, project, wanted)
    check_place(bank)
    return bank
