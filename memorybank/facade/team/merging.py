"""`bank.git`: the bank's files in git, merged by their structure, and git's hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.git.after_git import AfterGit
    from memorybank.team.git.capture import Captured
    from memorybank.team.git.driver_set_up import DriverStatus
    from memorybank.team.git.merge_check import MergeCheck
    from memorybank.team.git.set_up_files import GitSetUp
    from memorybank.team.git.settle import Settled


class GitWork(Face):
    """Merges of the bank's files: `merge`, `merge_copy`, `check_merge`; the set-up of the merge driver and of hooks."""

    __slots__ = ()

    def merge(self, files: Sequence[str], *, take: str = "") -> Settled:
        """Settle the merges that git left in files, with the structure known, as one operation.

        A file that is a copy left by a sync program is merged into the file that it is a copy of, and removed. What
        both sides changed differently stays a conflict; `take` decides it: `ours`, `theirs` or `both`.

        Raises:
            NoFileError: there is no such file.
            FieldError: `take` is invalid.
            ArtifactError: a marker has no counterpart, or the result would not be valid JSON.
            BankError: the write is refused.
        """
        from memorybank.team.copies import check_only_copies, copies_among, settle_copies
        from memorybank.team.git.settle import settle

        names = [files] if isinstance(files, str) else files
        copies = copies_among(self._folder, names)
        if copies:
            check_only_copies(names, copies)
            return settle_copies(self._folder, copies, self._way(), take=take)
        return settle(self._folder, names, self._way(), take=take)

    def merge_copy(self, file: str, copy: str, *, take: str = "", keep: bool = False) -> Settled:
        """Merge another copy of a file into it, and remove the copy unless conflicts are left, or `keep` is set.

        Raises:
            NoFileError: one of the two does not exist.
            FieldError: both are the same file, or `take` is invalid.
            BankError: the write is refused.
        """
        from memorybank.team.git.settle import settle_with

        return settle_with(self._folder, file, copy, self._way(), take=take, keep=keep)

    def check_merge(self, revision: str) -> MergeCheck:
        """Check a merge where no driver runs: that of a branch into what is checked out, or one that was made.

        A merge commit that is part of the history is checked as it was made. Writes nothing.

        Raises:
            FieldError: there is no such revision, or it merged several branches at once.
            GitError: there is no repository, or its git is older than 2.38.
        """
        from memorybank.team.git.branch_check import check_merge

        return check_merge(self._folder, revision, _program())

    def install_driver(self, *, force: bool = False) -> GitSetUp:
        """Set up the merge driver: lines in `.gitattributes`, which are committed, and this clone's configuration.

        `force` puts them also after lines of the user that name another driver for files of the bank.

        Raises:
            GitError: there is no repository, or git refuses.
            FieldError: the user named another driver for files of the bank.
            BankError: the file cannot be changed.
        """
        from memorybank.team.git.driver_set_up import install_driver

        return install_driver(self._folder, _program(), force=force, dry_run=self._caller.dry_run)

    def uninstall_driver(self) -> GitSetUp:
        """Take the merge driver out; the file of attributes is as it was before, byte for byte.

        Raises:
            GitError: there is no repository, or git refuses.
            BankError: the file cannot be changed.
        """
        from memorybank.team.git.driver_set_up import uninstall_driver

        return uninstall_driver(self._folder, dry_run=self._caller.dry_run)

    def driver_status(self) -> DriverStatus:
        """Return what there is of the set-up of the merge driver in this clone, and what is missing.

        Raises:
            GitError: there is no repository.
            BankError: the file of attributes cannot be read.
        """
        from memorybank.team.git.driver_set_up import driver_status

        return driver_status(self._folder)

    def install_hooks(self, *, capture: bool = False, force: bool = False) -> GitSetUp:
        """Add a block to git's hooks after merges, checkouts and rebases; with `capture`, after commits too.

        `force` writes hooks that all repositories of the user share.

        Raises:
            GitError: there is no repository.
            BankError: a hook cannot be changed.
        """
        from memorybank.team.git.hook_set_up import install_hooks

        return install_hooks(self._folder, _program(), capture=capture, force=force, dry_run=self._caller.dry_run)

    def uninstall_hooks(self) -> GitSetUp:
        """Take the block out of git's hooks; each is as it was before, byte for byte.

        Raises:
            GitError: there is no repository.
            BankError: a hook cannot be changed.
        """
        from memorybank.team.git.hook_set_up import uninstall_hooks

        return uninstall_hooks(self._folder, dry_run=self._caller.dry_run)

    def after(self) -> AfterGit:
        """Return what the hooks tell: merges that nobody has resolved, and a driver that this clone should have."""
        from memorybank.team.git.after_git import look

        return look(self._folder)

    def capture(self) -> Captured:
        """Queue what the commit that is checked out decided or fixed, once for each commit.

        Raises:
            SecretError: the message has a secret.
            BankError: the queue cannot be written.
        """
        from memorybank.team.git.capture import capture

        return capture(self._folder, self._caller.here, self._way())


class GitMethods(Face):
    """Git, as a part of `Bank`."""

    __slots__ = ()

    @property
    def git(self) -> GitWork:
        """The bank's files in git, see `GitWork`."""
        return GitWork(self._folder, self._caller)


def _program() -> tuple[str, ...]:
    from memorybank.facade.agents.clients import program_words

    return program_words()
