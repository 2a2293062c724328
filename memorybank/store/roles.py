"""Who may write what: only the router writes the contracts, other roles submit notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import RefusedError
from memorybank.ids import chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.store.folder import BankFolder

VARIABLE = "MEMORYBANK_ROLE"
ROUTER, WRITE_AGENT, READ_ONLY = "router", "write-agent", "read-only"
# each role may do everything that the roles after it may do
ROLES = (ROUTER, WRITE_AGENT, READ_ONLY)
QUEUE = "workflows/notes/"
_LEDGERS = ("pafs.md", "bank.toml")


class RoleError(RefusedError):
    """The current role may not do this."""

    code = "role"

    def __init__(self, *, role: str, why: str, hint: str = "") -> None:
        hint = hint or 'bank note "what you learned"'
        super().__init__(f"role {role} may not do this: {why}", hint=hint, where=role, role=role)


def role_of(environ: Mapping[str, str]) -> str:
    """Return the role named in the environment, `router` if there is none.

    Raises:
        RoleError: there is no such role; a misspelled one may write nothing.
    """
    return checked(environ.get(VARIABLE, "").strip() or ROUTER)


def checked(role: str) -> str:
    """Return the role if it exists.

    Raises:
        RoleError: there is no such role.
    """
    role = chosen(role, ROLES)
    if role not in ROLES:
        why = f"unknown role; choose from {', '.join(ROLES)}"
        raise RoleError(role=repr(role), why=why, hint=f"unset {VARIABLE}, or set it to one of these")
    return role


def narrowed(role: str, asked: str) -> str:
    """Return the requested role, if it may do no more than the current one.

    Raises:
        RoleError: it may do more, or does not exist.
    """
    if not asked:
        return role
    if ROLES.index(checked(asked)) < ROLES.index(role):
        raise RoleError(role=role, why=f"{asked} may do more than {role}", hint=f"leave out --role {asked}")
    return asked


def check_role(bank: BankFolder, role: str, names: Iterable[str]) -> None:
    """Check that a role may write these files.

    Raises:
        RoleError: it may not.
    """
    if role == ROUTER:
        return
    for name in names:
        if name.startswith(QUEUE):
            continue
        if role == READ_ONLY:
            raise RoleError(role=role, why=f"it may not write {name}")
        if name in bank.main_files or name in _LEDGERS:
            raise RoleError(role=role, why=f"only the router may write {name}")
