"""Create a bank: the contracts from their templates, the settings, and what git needs to ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CLINE_FILES, CONTRACT_FILES, HOME, LAYOUTS, Layout
from memorybank.contracts.load import load_contract
from memorybank.errors import ArtifactError, ConfigError, FieldError
from memorybank.files.write import make_dirs, resolve
from memorybank.ids import chosen
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
    """A bank that was created or adopted: its folder, the files written, the files already there, and the lost files.

    A lost file held text written by bank and was deleted. It is not created again, because its text can be restored.
    """

    bank: BankFolder
    receipt: Receipt
    kept: tuple[str, ...]
    lost: tuple[str, ...] = ()


def init(project: Path, way: Way, *, adopt: bool = False, home: Path | None = None, layout: str = "") -> InitResult:
    """Create a bank in a project, or complete an existing one. Existing files are never changed.

    A memory file that was deleted with its text is not created from the template, unless `way.options.accept_shrunk` is
    set.

    With `adopt`, a bank of another layout (cc10x, Cline) in the project is used in place and gets the missing files;
    without it, such a bank is an error, so that no project gets two banks by accident. In a worktree that shares the
    main worktree's bank, that bank is used. `home` is the folder of the global bank: if the project is the home folder,
    a new bank is both, and an existing one stays what it is. `layout` names another layout for a new bank, or the
    layout of the bank to complete.

    Raises:
        ArtifactError: there is a bank of another layout and `adopt` is not set.
        OutsideError: a link in the bank's path leads out of the project.
        FieldError: there is no such layout.
    """
    wanted = next((each for each in LAYOUTS if each.name == chosen(layout, [each.name])), None)
    if layout and wanted is None:
        why = f"unknown layout {layout!r}: choose from {', '.join(each.name for each in LAYOUTS)}"
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
    """Create a bank that belongs to the user and not to a project, or complete it; only the user can read it."""
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
    # a new object: this one read its settings before they were written
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
                why=f"a bank with the {layout.name} layout is already there; use it in place with --adopt",
                hint=f"bank init --adopt {quoted(project)}",
            )
    return home


def _chosen(project: Path, wanted: Layout) -> BankFolder:
    """Return the bank of the named layout: the existing one, or a new one."""
    for layout in LAYOUTS:
        folder = project / layout.folder
        if layout != wanted and folder.is_dir() and is_bank(folder, layout):
            adopt = "" if layout == HOME else "--adopt "
            raise ArtifactError(
                path=layout.folder,
                why=f"a bank with the {layout.name} layout is already there, and a project can have only one",
                hint=f"bank init {adopt}{quoted(project)}",
            )
    bank = BankFolder(project / wanted.folder, project, wanted)
    check_place(bank)
    return bank
