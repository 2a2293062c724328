"""What can go wrong with the hub: each has a code and a next step, and none shows a password."""

from __future__ import annotations

from memorybank.errors import MachineError, RefusedError, SetUpError

AGAIN = "bank sync"


class HubAddressError(SetUpError):
    """No database is named, or the address of it cannot be used."""

    code = "hub-address"


class HubLoginError(SetUpError):
    """The server does not accept the user or the password."""

    code = "hub-login"


class HubDatabaseError(SetUpError):
    """The server has no such database, or the database cannot be a hub."""

    code = "hub-database"


class HubTlsError(SetUpError):
    """The connection to another machine would not be encrypted, or its certificate is not trusted."""

    code = "hub-tls"


class HubSchemaError(SetUpError):
    """The database has no hub yet, or one of another version."""

    code = "hub-schema"


class HubUnreachableError(MachineError):
    """The server does not answer. Nothing local depends on it."""

    code = "hub-unreachable"

    def __init__(self, *, where: str, why: str) -> None:
        super().__init__(f"the hub {where} cannot be reached: {why}", hint=AGAIN, where=where)


class HubLostError(MachineError):
    """The connection broke, the server stopped, or it took too long; what was done until then stays done."""

    code = "hub-lost"

    def __init__(self, *, where: str, why: str) -> None:
        super().__init__(f"the hub {where} stopped answering: {why}", hint=AGAIN, where=where)


class HubDeniedError(RefusedError):
    """The login is not a member of the namespace, or may not do this."""

    code = "hub-denied"

    def __init__(self, *, where: str, why: str, hint: str) -> None:
        super().__init__(f"the hub {where} does not allow this: {why}", hint=hint, where=where)


class HubFaultError(MachineError):
    """The server refused a statement for a reason that should not occur."""

    code = "hub-fault"

    def __init__(self, *, where: str, why: str) -> None:
        super().__init__(f"the hub {where} reported an error: {why}", hint="bank sync status", where=where)
