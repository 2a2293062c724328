"""`bank sync init`: makes or upgrades the hub in a database, and says who is a member of a namespace.

Whoever runs it owns the tables. It needs the right to create a schema in the database (its owner has it). With
CREATEROLE it also makes one role with the rights of members; without, each member gets the rights directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError, NewerVersionError
from memorybank.team.hub.hub_errors import HubDatabaseError, HubDeniedError, HubLoginError
from memorybank.team.hub.schema import MEMBER_ROLE, MIGRATIONS, OLDEST_SERVER, RIGHTS, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.hub.postgres import Hub

_INIT_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('memorybank init', 0))"


class Membership(NamedTuple):
    """A role of the server that sees a namespace, and what was done: added, removed, or nothing (present, absent)."""

    namespace: str
    member: str
    action: str


class HubSetUp(NamedTuple):
    """What `bank sync init` did, or in a dry run would do. `version_before` is 0 where there was no hub."""

    hub: str
    owner: str
    version_before: int
    version: int
    role: str
    members: tuple[Membership, ...]
    dry_run: bool


def set_up(
    hub: Hub,
    namespace: str,
    grants: Sequence[tuple[str, str]] = (),
    revokes: Sequence[tuple[str, str]] = (),
    *,
    dry_run: bool = False,
) -> HubSetUp:
    """Make or upgrade the hub, and change who its members are; the login becomes a member of the namespace.

    All of it is one transaction. Repeated, nothing happens.

    Raises:
        HubDatabaseError: the server is too old, or the database is not UTF-8.
        HubDeniedError: the login may not make a schema, or does not own the hub.
        HubLoginError: a role to grant to does not exist.
        NewerVersionError: the hub was made by a newer version.
    """
    _check_server(hub)
    login = hub.login()
    grants = [(namespace, login), *grants]
    for name, member in (*grants, *revokes):
        _check_names(hub, name, member)
    before, _ = hub.version()
    if dry_run:
        if before > VERSION:
            raise NewerVersionError(path=hub.where, found=before, known=VERSION)
        known = _members(hub) if before else set()
        return HubSetUp(hub.where, login, before, VERSION, "", _planned(known, grants, revokes), dry_run=True)
    with hub.transaction():
        hub.rows(_INIT_LOCK)
        before, _ = hub.version()
        if before > VERSION:
            raise NewerVersionError(path=hub.where, found=before, known=VERSION)
        owner = _owner(hub) if before else login
        if before and not hub.rows("SELECT 1 WHERE pg_has_role(%s::name, 'USAGE')", (owner,)):
            why = f"{login} does not own the hub"
            raise HubDeniedError(where=hub.where, why=why, hint=f"run bank sync init as {owner}")
        _migrate(hub, before)
        role = _member_role(hub, owner)
        members = _planned(_members(hub), grants, revokes)
        for each in members:
            _change(hub, each)
        for (member,) in hub.rows("SELECT DISTINCT rolname FROM pg_roles JOIN memorybank.members ON rolname = member"):
            if role and member != role:
                hub.statement("GRANT {} TO {}", role, member)
            elif not role:
                _grant_rights(hub, member)
    return HubSetUp(hub.where, owner, before, VERSION, role, members, dry_run=False)


def _check_server(hub: Hub) -> None:
    ((number, encoding),) = hub.rows(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding')"
    )
    if number < OLDEST_SERVER:
        why = f"the server has version {number // 10000}, and {OLDEST_SERVER // 10000} is needed"
        raise HubDatabaseError(path=hub.where, why=why, hint="upgrade the server")
    if encoding != "UTF8":
        why = f"the database is {encoding}, and must be UTF8"
        raise HubDatabaseError(path=hub.where, why=why, hint="createdb -E UTF8 -T template0 DATABASE")


def _check_names(hub: Hub, namespace: str, member: str) -> None:
    if not namespace.strip() or not namespace.isprintable():
        raise FieldError(field="namespace", why=f"{namespace!r} is no name", hint="bank sync init --grant team alice")
    if not hub.rows("SELECT 1 FROM pg_roles WHERE rolname = %s", (member,)):
        why = f"the server has no role {member!r}"
        raise HubLoginError(path=hub.where, why=why, hint=f'CREATE ROLE "{member}" LOGIN; in psql, with a password')


def _owner(hub: Hub) -> str:
    ((name,),) = hub.rows("SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'memorybank'")
    return str(name)


def _migrate(hub: Hub, before: int) -> None:
    for version, statements in MIGRATIONS:
        if version > before:
            hub.statement(statements)
            hub.rows("UPDATE memorybank.hub SET version = %s", (version,))


def _member_role(hub: Hub, owner: str) -> str:
    """Return the role with the rights of members, made if it can be; "" where members get them directly."""
    try:
        with hub.transaction():
            if not hub.rows("SELECT 1 FROM pg_roles WHERE rolname = %s", (MEMBER_ROLE,)):
                hub.statement("CREATE ROLE {} NOLOGIN", MEMBER_ROLE)
            # a role of another hub of this server, which is not ours to give
            hub.statement("GRANT {} TO {}", MEMBER_ROLE, owner)
    except HubDeniedError:
        return ""
    _grant_rights(hub, MEMBER_ROLE)
    return MEMBER_ROLE


def _grant_rights(hub: Hub, role: str) -> None:
    for each in RIGHTS:
        hub.statement(each, role)


def _members(hub: Hub) -> set[tuple[str, str]]:
    return {(namespace, member) for namespace, member in hub.rows("SELECT namespace, member FROM memorybank.members")}


def _planned(
    known: set[tuple[str, str]], grants: Sequence[tuple[str, str]], revokes: Sequence[tuple[str, str]]
) -> tuple[Membership, ...]:
    added = [Membership(*each, "present" if each in known else "added") for each in dict.fromkeys(grants)]
    return (*added, *(Membership(*each, "removed" if each in known else "absent") for each in dict.fromkeys(revokes)))


def _change(hub: Hub, change: Membership) -> None:
    values = (change.namespace, change.member)
    if change.action == "removed":
        hub.rows("DELETE FROM memorybank.members WHERE namespace = %s AND member = %s", values)
    elif change.action == "added":
        hub.rows("INSERT INTO memorybank.members (namespace, member) VALUES (%s, %s) ON CONFLICT DO NOTHING", values)
