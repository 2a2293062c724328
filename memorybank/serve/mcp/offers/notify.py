"""Change notifications in both eras: `resources/subscribe`, and `subscriptions/listen` since 2026-07-28.

One thread waits for changes of the bank's files, from the first subscription to the last. After a change each resource
that somebody subscribed to is read again; only those with another content are reported.
"""

from __future__ import annotations

import threading
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.serve.mcp.offers.resource_uris import is_not_found, parse_uri
from memorybank.serve.mcp.offers.resources import bank_of, content_of, not_readable
from memorybank.serve.mcp.protocol import INVALID_PARAMS, LATER, RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from memorybank.agents.bank_watch import BankWatch
    from memorybank.facade.bank import Bank
    from memorybank.serve.mcp.protocol import Request
    from memorybank.serve.mcp.server import Server

_KEPT = "subscriptions"
_UPDATED = "notifications/resources/updated"
_LIST_CHANGED = "notifications/resources/list_changed"
_ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
_ID_KEY = "io.modelcontextprotocol/subscriptionId"
# resources that one connection may subscribe to: each is read again after a change
MOST = 256


class Listener(NamedTuple):
    """Who listens: the subscriptions of a handshake (no request), or one stream of 2026-07-28."""

    request: Request | None
    uris: frozenset[str]
    list_changed: bool

    @property
    def meta(self) -> dict[str, Any]:
        """What each notification of a stream carries."""
        return {} if self.request is None else {"_meta": {_ID_KEY: self.request.ident}}


def subscribe(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Report changes of a resource from now on.

    Raises:
        RpcError: nothing has this URI, or there are too many subscriptions.
    """
    uri = _uri(params)
    bank = bank_of(server)
    try:
        parse_uri(uri)
        content_of(bank, uri)
    except BankError as error:
        if is_not_found(error):
            raise not_readable(server, uri, error) from error
    kept = subscriptions_of(server)
    kept.put("", Listener(None, kept.uris_of("") | {uri}, list_changed=True), bank)
    return {}


def unsubscribe(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Report changes of a resource no longer; one that nobody subscribed to is no error."""
    uri = _uri(params)
    subscriptions_of(server).remove("", uri)
    return {}


def listen(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Open a stream of changes, which ends when the client cancels its request.

    URIs that name nothing are left out of what is acknowledged.

    Raises:
        RpcError: the filter is invalid, or there are too many subscriptions.
    """
    wanted = params.get("notifications")
    uris = wanted.get("resourceSubscriptions") or [] if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise RpcError(
            INVALID_PARAMS, "subscriptions/listen needs notifications, an object; its URIs are a list of texts"
        )
    bank = bank_of(server)
    known = [uri for uri in uris if _is_known(uri)]
    list_changed = wanted.get("resourcesListChanged") is True
    listener = Listener(server.request, frozenset(known), list_changed)
    agreed: dict[str, Any] = {"resourcesListChanged": True} if list_changed else {}
    agreed |= {"resourceSubscriptions": known} if known else {}
    acknowledge = {"notifications": agreed, **listener.meta}
    # before the first change can be reported
    kept = subscriptions_of(server)
    kept.put(_key(server.request), listener, bank, lambda: server.notify(_ACKNOWLEDGED, acknowledge))
    if server.request.is_cancelled:
        kept.drop(_key(server.request))
    return LATER


def cancelled(server: Server, params: dict[str, Any]) -> None:
    """End the stream whose request the client cancels; it gets no answer."""
    ident = params.get("requestId")
    kept = server.kept.get(_KEPT)
    if kept is not None and isinstance(ident, str | int):
        kept.drop(repr(ident))


def subscriptions_of(server: Server) -> Subscriptions:
    """Return the subscriptions of a connection."""
    kept = server.kept.get(_KEPT)
    if kept is None:
        kept = server.kept[_KEPT] = Subscriptions(server)
    return kept


class Subscriptions:
    """The subscriptions of one connection, and the thread that waits for changes while there are any."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._listeners: dict[str, Listener] = {}
        self._prints: dict[str, str] = {}
        self._folder: Path | None = None
        self._watch: BankWatch | None = None

    @property
    def is_watching(self) -> bool:
        """Whether a thread waits for changes."""
        return self._watch is not None

    def uris_of(self, key: str) -> frozenset[str]:
        """Return what one listener subscribed to."""
        with self._lock:
            listener = self._listeners.get(key)
            return frozenset() if listener is None else listener.uris

    def put(self, key: str, listener: Listener, bank: Bank, first: Callable[[], None] | None = None) -> None:
        """Set what is reported to a listener from now on; `first` is called before the first report.

        Raises:
            RpcError: there are too many subscriptions.
        """
        with self._lock:
            others = [each for name, each in self._listeners.items() if name != key]
            count = sum(len(each.uris) for each in others) + len(listener.uris)
            if count > MOST or len(others) >= MOST:
                raise RpcError(INVALID_PARAMS, f"at most {MOST} resources can be subscribed to", limit=MOST)
            if self._watch is not None and self._folder != bank.path:
                self._stop()
            if self._watch is None:
                self._folder, self._prints = bank.path, {}
                self._start(bank)
                for uri in _uris_of(others):
                    self._prints[uri] = _print_of(bank, uri)
            for uri in listener.uris - self._prints.keys():
                self._prints[uri] = _print_of(bank, uri)
            if first is not None:
                first()
            self._listeners[key] = listener

    def remove(self, key: str, uri: str) -> None:
        """Report one resource to a listener no longer; without any, it is no listener."""
        with self._lock:
            listener = self._listeners.get(key)
            if listener is not None and listener.uris - {uri}:
                self._listeners[key] = listener._replace(uris=listener.uris - {uri})
            else:
                self._listeners.pop(key, None)
            self._forget_unused()

    def drop(self, key: str) -> None:
        """Report nothing to a listener any longer; with the last one the thread ends."""
        with self._lock:
            self._listeners.pop(key, None)
            self._forget_unused()

    def _forget_unused(self) -> None:
        wanted = _uris_of(self._listeners.values())
        self._prints = {uri: each for uri, each in self._prints.items() if uri in wanted}
        if not self._listeners:
            self._stop()

    def close(self) -> None:
        """End all streams: each gets its answer, which says that it is over."""
        with self._lock:
            listeners, self._listeners = list(self._listeners.values()), {}
            self._stop()
        for each in listeners:
            if each.request is not None:
                self._server.respond(each.request, each.meta)

    def _start(self, bank: Bank) -> None:
        watch = self._watch = bank.watch()
        threading.Thread(target=self._run, args=(watch, bank), name="bank-watch", daemon=True).start()

    def _stop(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def _run(self, watch: BankWatch, bank: Bank) -> None:
        try:
            while (changes := watch.wait()) is not None:
                self._report(watch, bank, is_list_changed=bool(changes.made or changes.removed))
        finally:
            watch.close()

    def _report(self, watch: BankWatch, bank: Bank, *, is_list_changed: bool) -> None:
        with self._lock:
            before = {} if watch is not self._watch else dict(self._prints)
        after = {uri: _print_of(bank, uri) for uri in before}
        changed = [uri for uri in before if after[uri] != before[uri]]
        with self._lock:
            if watch is not self._watch:
                return
            self._prints.update((uri, after[uri]) for uri in changed if uri in self._prints)
            for listener in self._listeners.values():
                if is_list_changed and listener.list_changed:
                    self._server.notify(_LIST_CHANGED, listener.meta)
                for uri in changed:
                    if uri in listener.uris:
                        self._server.notify(_UPDATED, {"uri": uri, **listener.meta})


def _print_of(bank: Bank, uri: str) -> str:
    """Return a digest of what a resource has now; an error is a content, too."""
    try:
        text = content_of(bank, uri)[1]
    except BankError as error:
        text = f"error {error.code}"
    except OSError as error:
        text = f"error {error.errno}"
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _uris_of(listeners: Iterable[Listener]) -> set[str]:
    return {uri for listener in listeners for uri in listener.uris}


def _is_known(uri: str) -> bool:
    try:
        parse_uri(uri)
    except BankError:
        return False
    return True


def _key(request: Request) -> str:
    return repr(request.ident)


def _uri(params: Mapping[str, Any]) -> str:
    uri = params.get("uri")
    if not isinstance(uri, str):
        raise RpcError(INVALID_PARAMS, "a subscription needs uri, such as bank://file/progress.md")
    return uri
