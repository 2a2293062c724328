"""The connection to the hub, and all statements: the only module that knows psycopg.

Each error of the server becomes one of `hub_errors.py`; no message has a password in it. Wherever the host is another
machine, the connection is encrypted unless the address says `sslmode=disable`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from memorybank.errors import NewerVersionError
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.store.config import ENVIRONMENT
from memorybank.store.settings.database_url import LOGIN_PLACES, URL
from memorybank.team.hub.hub_errors import (
    HubAddressError,
    HubDatabaseError,
    HubDeniedError,
    HubFaultError,
    HubLoginError,
    HubLostError,
    HubSchemaError,
    HubTlsError,
    HubUnreachableError,
)
from memorybank.team.hub.schema import BODY_BYTES, GIVEN, NAMESPACE_LOCK, SUPERSEDED, VERSION

try:
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
except ImportError:
    raise MissingExtraError(extra="postgres", needs="psycopg") from None

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.team.hub.address import Address

# what a file of settings, which comes with a repository, may say; others name files or change the session
_FROM_FILES = frozenset(
    ("host", "hostaddr", "port", "dbname", "user", "sslmode", "sslrootcert", "service", "application_name")
)
_LOCAL = ("localhost", "127.", "::1")
# a connection that is dead is noticed within these seconds
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20000}
_MESSAGE = 300


_HEADS = (
    "SELECT sequence, id, digest, op, coalesce(octet_length(body), 0), actor, login::text"
    " FROM memorybank.latest WHERE namespace = %s AND project = %s"
)


class Limits(NamedTuple):
    """How long the hub may take, in seconds: to connect, for one statement, and to get a lock."""

    connect: int = 5
    statement: int = 60
    lock: int = 20


USUAL = Limits()
SHORT = Limits(connect=2, statement=5, lock=2)


class Head(NamedTuple):
    """The latest state of a file, without its text. All of it was written by somebody else: check it."""

    sequence: int
    id: str
    digest: str
    op: str
    size: int
    actor: str
    login: str


class Row(NamedTuple):
    """An operation to push. `fields` has the columns that say what the file is, see `schema.GIVEN`."""

    id: str
    parent: str
    digest: str
    body: str | None
    fields: dict[str, Any]


def digest_of_body(data: bytes | None) -> str:
    """Return the digest that the hub has for a text; "" for a file that is not there."""
    return sha256(data).hexdigest() if data is not None else ""


def connect(address: Address, limits: Limits, *, read_only: bool = False) -> Hub:
    """Connect to a database; it need not have a hub yet.

    Raises:
        HubAddressError, HubLoginError, HubDatabaseError, HubTlsError: the set-up must be fixed.
        HubUnreachableError: the server does not answer.
    """
    words = _words(address)
    where = _place(words)
    text = make_conninfo("", **words, connect_timeout=limits.connect, **_ALIVE)
    try:
        # prepared statements would be lost between a pool and its server
        connection = psycopg.connect(text, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise _at_start(error, where, words) from None
    hub = Hub(connection, where)
    try:
        hub.begin(limits, read_only=read_only)
    except BaseException:
        hub.close()
        raise
    return hub


class Hub:
    """An open connection to a database with, or for, a hub."""

    def __init__(self, connection: psycopg.Connection[Any], where: str) -> None:
        self._connection = connection
        self.where = where

    def __enter__(self) -> Self:
        """Close the connection at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def begin(self, limits: Limits, *, read_only: bool) -> None:
        """Set the limits, and refuse to go on unencrypted to another machine."""
        info = self._connection.info
        chosen = info.get_parameters().get("sslmode", "prefer")
        if not _is_local(info.host) and not self._connection.pgconn.ssl_in_use and chosen == "prefer":
            raise _no_tls(self.where)
        for name, value in (
            ("statement_timeout", f"{limits.statement}s"),
            ("lock_timeout", f"{limits.lock}s"),
            ("idle_in_transaction_session_timeout", "60s"),
            ("default_transaction_isolation", "read committed"),
            ("default_transaction_read_only", "on" if read_only else "off"),
            ("client_encoding", "UTF8"),
        ):
            self.rows("SELECT set_config(%s, %s, false)", (name, value))

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows; each `%s` in it is a value.

        Raises:
            BankError: the server refused it or stopped answering.
        """
        with self.typed():
            done = self._connection.execute(statement.encode(), values or None)
            return done.fetchall() if done.description else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is in the block, or nothing of it; inside another one, all or nothing of this part."""
        with self.typed(), self._connection.transaction():
            yield

    def statement(self, text: str, *names: str) -> None:
        """Run statements that take no values; each `{}` is a name, which is quoted."""
        with self.typed():
            query = sql.SQL(text).format(*map(sql.Identifier, names)) if names else text.encode()
            self._connection.execute(query)

    @contextmanager
    def typed(self) -> Iterator[None]:
        """Turn what the database raises into errors of `hub_errors.py`."""
        try:
            yield
        except psycopg.Error as error:
            raise _typed(error, self.where, is_closed=self._connection.closed) from None

    # --- what the hub has

    def check_version(self) -> str:
        """Return the id of the hub; a hub that was made anew has another one.

        Raises:
            HubSchemaError: there is no hub, or it is older than this program.
            NewerVersionError: it is newer.
        """
        version, ident = self.version()
        if version < VERSION:
            why = f"its tables have version {version}, this program needs {VERSION}"
            hint = "bank sync init"
            raise HubSchemaError(path=self.where, why=why if version else "this database has no hub", hint=hint)
        if version > VERSION:
            raise NewerVersionError(path=self.where, found=version, known=VERSION)
        return ident

    def version(self) -> tuple[int, str]:
        """Return the version of the tables, 0 for none, and the id of the hub."""
        if self.rows("SELECT to_regclass('memorybank.hub')") == [(None,)]:
            return 0, ""
        ((version, ident),) = self.rows("SELECT version, id::text FROM memorybank.hub") or [(0, "")]
        return version, ident

    def login(self) -> str:
        """Return the name of the login."""
        ((name,),) = self.rows("SELECT session_user::text")
        return str(name)

    def namespaces(self) -> list[str]:
        """Return the namespaces that the login is a member of."""
        return [name for (name,) in self.rows("SELECT DISTINCT namespace FROM memorybank.members ORDER BY 1")]

    def mark_at(self, namespace: str, project: str, sequence: int) -> str:
        """Return what says which operation has a number, "" if there is none: a hub restored from a copy differs."""
        found = self.rows(
            "SELECT concat_ws(' ', id, digest, extract(epoch FROM at)) FROM memorybank.operations"
            " WHERE sequence = %s AND namespace = %s AND project = %s",
            (sequence, namespace, project),
        )
        return digest_of_body(str(found[0][0]).encode()) if found else ""

    def heads(self, namespace: str, project: str, *, after: int, limit: int) -> list[Head]:
        """Return the latest states of files that came after a number, in the order they came."""
        # the index has numbers above 0
        query = f"{_HEADS} AND sequence > 0 AND sequence > %s ORDER BY sequence LIMIT %s"
        found = self.rows(query, (namespace, project, after, limit))
        return [Head(*each) for each in found]

    def heads_of(self, namespace: str, project: str, ids: Sequence[str]) -> list[Head]:
        """Return the latest states of certain files."""
        found = self.rows(f"{_HEADS} AND id = ANY(%s) ORDER BY sequence", (namespace, project, list(ids)))
        return [Head(*each) for each in found]

    def bodies(self, sequences: Sequence[int]) -> dict[int, bytes]:
        """Return the texts of operations by their numbers, those of a size that can be a file."""
        found = self.rows(
            "SELECT sequence, convert_to(body, 'UTF8') FROM memorybank.operations"
            " WHERE sequence = ANY(%s) AND octet_length(body) <= %s",
            (list(sequences), BODY_BYTES),
        )
        return {sequence: bytes(body) for sequence, body in found}

    def body_of(self, namespace: str, project: str, ident: str, digest: str) -> bytes | None:
        """Return an earlier text of a file by its digest; None if the hub never had it."""
        found = self.rows(
            "SELECT convert_to(body, 'UTF8') FROM memorybank.operations WHERE namespace = %s AND project = %s"
            " AND id = %s AND digest = %s AND octet_length(body) <= %s LIMIT 1",
            (namespace, project, ident, digest, BODY_BYTES),
        )
        return bytes(found[0][0]) if found else None

    def push(self, namespace: str, project: str, actor: str, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
        """Add operations in one transaction; return the ids of those the hub now has, and of those it moved on from.

        An operation that the hub has already is not added again.
        """
        with self.transaction():
            self.rows(NAMESPACE_LOCK, (namespace,))
            ids = [row.id for row in rows]
            found = self.rows(
                "SELECT id, digest FROM memorybank.latest WHERE namespace = %s AND project = %s AND id = ANY(%s)",
                (namespace, project, ids),
            )
            heads: dict[str, str] = dict(found)
            wanted = [row for row in rows if heads.get(row.id, "") != row.digest]
            fresh = [row for row in wanted if heads.get(row.id, "") == row.parent]
            self._insert(namespace, project, actor, fresh)
        behind = [row.id for row in wanted if heads.get(row.id, "") != row.parent]
        return [ident for ident in ids if ident not in behind], behind

    def _insert(self, namespace: str, project: str, actor: str, rows: Sequence[Row]) -> None:
        """Add rows by one statement: the server checks its rules and makes its plan once."""
        given = [
            {
                "namespace": namespace,
                "project": project,
                "actor": actor,
                "id": row.id,
                "parent": row.parent,
                "digest": row.digest,
                "op": "put" if row.body is not None else "tombstone",
                "body": row.body,
                **{name: row.fields.get(name, [] if name == "tags" else "") for name in GIVEN[8:]},
            }
            for row in rows
        ]
        names = ", ".join(GIVEN)
        types = ", ".join(f"{name} {'text[]' if name == 'tags' else 'text'}" for name in GIVEN)
        self.rows(
            f"INSERT INTO memorybank.operations ({names}) SELECT {names}"  # noqa: S608  names of columns
            f" FROM json_to_recordset(%s::json) AS given({types})",
            (json.dumps(given, ensure_ascii=False),),
        )


# --- addresses and errors


def _words(address: Address) -> dict[str, Any]:
    """Return the address as words of libpq.

    Raises:
        HubAddressError: it is not valid, or a file of settings says what it may not.
    """
    try:
        words = {key: value for key, value in conninfo_to_dict(address.url).items() if value is not None}
    except psycopg.Error:
        # libpq's own message repeats the address, and a password may be in it
        why, hint = "it is not a valid address", f"bank config set {URL} postgresql://USER@HOST/DATABASE"
        raise HubAddressError(path=URL, why=why, hint=hint) from None
    if address.source != ENVIRONMENT:
        more = sorted(set(words) - _FROM_FILES)
        if more:
            why = f"{', '.join(more)} may not be in a file of settings"
            raise HubAddressError(path=URL, why=why, hint=LOGIN_PLACES)
    is_named_elsewhere = "sslmode" in words or "PGSSLMODE" in os.environ or "service" in words
    if not is_named_elsewhere and not _is_local(str(words.get("hostaddr") or words.get("host") or "")):
        words["sslmode"] = "require"
    return words | {"application_name": "memorybank"}


def _is_local(hosts: str) -> bool:
    return all(not host or host.startswith(("/", "@", *_LOCAL)) for host in hosts.split(","))


def _place(words: dict[str, Any]) -> str:
    """Return host and database for messages."""
    host = words.get("host") or words.get("hostaddr") or words.get("service") or "localhost"
    port = f":{words['port']}" if words.get("port") else ""
    return _line(f"{host}{port}/{words.get('dbname') or words.get('user') or ''}")


def _line(text: str) -> str:
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= _MESSAGE else f"{shown[:_MESSAGE]}…"


def _no_tls(where: str) -> HubTlsError:
    why = "the connection to another machine would not be encrypted"
    return HubTlsError(path=where, why=why, hint="turn TLS on in the server, or add sslmode=disable to the address")


def _at_start(error: psycopg.Error, where: str, words: dict[str, Any]) -> Exception:
    """Return the error of a connection that was not made; libpq has only a text for it."""
    text = _line(str(error))
    for name in ("password", "sslpassword"):
        if words.get(name):
            text = text.replace(str(words[name]), "***")
    low = text.casefold()
    if "password" in low or "authentication" in low or ("role" in low and "does not exist" in low) or "pg_hba" in low:
        return HubLoginError(path=where, why=text, hint=LOGIN_PLACES)
    if "database" in low and "does not exist" in low:
        return HubDatabaseError(path=where, why=text, hint="createdb DATABASE, then bank sync init")
    if "ssl" in low or "certificate" in low:
        return HubTlsError(path=where, why=text, hint="turn TLS on in the server, or change sslmode in the address")
    if "service" in low and ("not found" in low or "definition" in low):
        return HubAddressError(path=where, why=text, hint=LOGIN_PLACES)
    return HubUnreachableError(where=where, why=text)


def _typed(error: psycopg.Error, where: str, *, is_closed: bool) -> Exception:
    code = error.sqlstate or ""
    text = _line(error.diag.message_primary or str(error))
    # shut down, crashed, out of connections, taking too long, waiting too long for a lock, cut off
    if is_closed or code[:2] in {"08", "57", "53", "40"} or code in {"55P03", "25P03", "25P02"}:
        return HubLostError(where=where, why=text)
    if code == SUPERSEDED:
        return HubLostError(where=where, why=text)
    if code == "42501":
        return HubDeniedError(where=where, why=text, hint="ask the hub's owner: bank sync init --grant NAMESPACE USER")
    if code in {"42P01", "42703", "3F000", "42883"}:
        return HubSchemaError(path=where, why=text, hint="bank sync init")
    return HubFaultError(where=where, why=text)
