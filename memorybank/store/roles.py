"""Who may write what: only the router writes the contracts, the others hand in notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.store.folder import BankFolder

VARIABLE = "MEMORYBANK_ROLE"
ROUTER, WRITE_AGENT, READ_ONLY = "router", "write-agent", "read-only"
# each may do what those behind it may
ROLES = (ROUTER, WRITE_AGENT, READ_ONLY)
QUEUE = "workflows/notes/"
_LEDGERS = ("pafs.md", "bank.toml")


class RoleError(RefusedError):
    """The role that was taken on may not do this."""

    code = "role"

    def __init__(self, *, role: str, why: str, hint: str = "") -> None:
        hint = hint or 'bank note "what you learned"'
        super().__init__(f"as {role} this is not done: {why}", hint=hint, where=role, role=role)


def role_of(environ: Mapping[str, str]) -> str:
    """Give the role that the environment names, the router's when it names none.

    Raises:
        RoleError: there is no such role; whoever misspells one may write nothing.
    """
    return checked(environ.get(VARIABLE, "").strip() or ROUTER)


def checked(role: str) -> str:
    """Give a role back if there is one of that name.

    Raises:
        RoleError: there is none.
    """
    if role not in ROLES:
        why = f"there is no such role; they are {', '.join(ROLES)}"
        raise RoleError(role=repr(role), why=why, hint=f"unset {VARIABLE}, or give it one of these")
    return role


def narrowed(role: str, asked: str) -> str:
    """Give the role that is asked for, if it may do no more than the one that was given.

    Raises:
        RoleError: it may do more, or is none.
    """
    if not asked:
        return role
    if ROLES.index(checked(asked)) < ROLES.index(role):
        raise RoleError(role=role, why=f"{asked} may do more than that", hint=f"leave --role {asked} out")
    return asked


def check_role(bank: BankFolder, role: str, names: Iterable[str]) -> None:
    """See that a role may write these files.

    Raises:
        RoleError: it may not.
    """
    if role == ROUTER:
        return
    for name in names:
        if name.startswith(QUEUE):
            continue
        if role == READ_ONLY:
            raise RoleError(role=role, why=f"{name} is not written by it")
        if name in bank.main_files or name in _LEDGERS:
            raise RoleError(role=role, why=f"only the router writes {name}")
