"""Which hub is meant: the database, the namespace and the project, from the settings and the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import ConfigError, FieldError
from memorybank.store.config import ENVIRONMENT, FILE, found_in, layers_of
from memorybank.store.home import NAMESPACES
from memorybank.store.settings.database_url import LOGIN_PLACES, URL, check_form, check_url, without_password
from memorybank.store.settings.table import BY_KEY
from memorybank.team.hub.hub_errors import HubAddressError

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

# bytes, as the tables of the hub allow
NAME_LIMIT = 200
DEFAULT_NAMESPACE = "team"


class Address(NamedTuple):
    """A place in a hub. `source` says where the URL comes from: environment, bank or user. Never shown as it is."""

    url: str
    source: str
    namespace: str
    project: str

    def __repr__(self) -> str:
        """Return the place without a password."""
        return f"<Address {without_password(self.url)} {self.namespace}/{self.project}>"


def address_of(bank: BankFolder) -> Address:
    """Return the place of a bank in the hub.

    Raises:
        HubAddressError: no database is named, or its address is not valid.
        FieldError: the user's global bank has no namespace of its own.
        ConfigError: the settings are not valid.
    """
    layers = layers_of(bank.folder / FILE, bank.personal)
    url, source = found_in(layers, BY_KEY[URL])
    if not url:
        why = "no database is named"
        hint = f"bank config set {URL} postgresql://USER@HOST/DATABASE"
        raise HubAddressError(path=URL, why=why, hint=hint)
    try:
        (check_form if source == ENVIRONMENT else check_url)(url)
    except ValueError as error:
        raise HubAddressError(path=URL, why=str(error), hint=LOGIN_PLACES) from None
    named, _ = found_in(layers, BY_KEY["sync.namespace"])
    return Address(url, source, _checked(named or _namespace_of(bank), "sync.namespace"), project_of(bank))


def project_of(bank: BankFolder) -> str:
    """Return the project that the bank's files have in the hub; "" for a bank of the user, which has none.

    Raises:
        ConfigError: the settings are not valid.
    """
    if bank.is_users_own:
        return ""
    return _checked(bank.config.project or bank.config.name or bank.project.name, "project")


def _namespace_of(bank: BankFolder) -> str:
    if bank.folder.parent.name == NAMESPACES and bank.is_users_own:
        return bank.folder.name
    if bank.is_users_own:
        why = "your global bank is your own; to sync it anyway, name a namespace that only you are a member of"
        raise FieldError(field="sync.namespace", why=why, hint="bank config set sync.namespace NAME --global")
    return DEFAULT_NAMESPACE


def _checked(name: str, key: str) -> str:
    if len(name.encode("utf-8", "replace")) > NAME_LIMIT or not name.isprintable():
        why = f"{key} must be one line of at most {NAME_LIMIT} bytes"
        raise ConfigError(path=FILE, why=why, hint=f"bank config set {key} NAME")
    return name
