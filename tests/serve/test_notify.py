"""Change notifications in both eras: who is told of what, and that nothing runs when nobody listens."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.agents.bank_watch import BankWatch
from tests.running import MODULE, environment, folder_of, make_bank
from tests.serve.talking import ERAS, Talk, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE, TASKS, DONE = (
    "bank://file/progress.md",
    "bank://section/progress.md/Tasks",
    "bank://section/progress.md/Completed",
)
UPDATED, LIST_CHANGED = "notifications/resources/updated", "notifications/resources/list_changed"
# longer than it takes to report a change
QUIET = 0.4


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path / "app")
    return tmp_path / "app"


@pytest.fixture
def bank(project: Path) -> Bank:
    return Bank.open(project)


@pytest.fixture
def connect(project: Path) -> Iterator[Callable[..., Talk]]:
    talks: list[Talk] = []

    def make(era: str, *uris: str, list_changed: bool = True) -> Talk:
        talk = Talk(project, era)
        talks.append(talk)
        if era == "handshake":
            for uri in uris:
                talk.ask("resources/subscribe", uri=uri)
        else:
            listen(talk, *uris, list_changed=list_changed)
        return talk

    yield make
    for talk in talks:
        for kept in talk.server.kept.values():
            if hasattr(kept, "close"):
                kept.close()
    until(lambda: not watching())


def listen(talk: Talk, *uris: str, list_changed: bool = True) -> int:
    return talk.send(
        "subscriptions/listen", notifications={"resourceSubscriptions": [*uris], "resourcesListChanged": list_changed}
    )


def watching() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "bank-watch"]


def changes(talk: Talk) -> list[tuple[str, str]]:
    return [each for each in talk.told() if each[0].startswith("notifications/resources/")]


@pytest.mark.parametrize("era", ERAS)
def test_what_changed_is_reported_once_and_what_did_not_is_not(
    era: str, bank: Bank, connect: Callable[..., Talk]
) -> None:
    talk = connect(era, FILE, TASKS, DONE, "bank://search/zebra", "bank://status")
    for number in range(5):
        bank.tasks.add(f"Ship part {number} of five")
    until(lambda: len(changes(talk)) >= 3)
    time.sleep(QUIET)
    assert sorted(set(changes(talk))) == [(UPDATED, FILE), (UPDATED, TASKS), (UPDATED, "bank://status")]
    talk.forget()
    bank.save("The zebra is striped", type="fact")
    until(lambda: (UPDATED, "bank://search/zebra") in changes(talk))
    assert (LIST_CHANGED, "") in changes(talk)


@pytest.mark.parametrize("era", ERAS)
def test_an_editors_save_by_rename_and_another_process_are_seen(
    era: str, project: Path, bank: Bank, connect: Callable[..., Talk]
) -> None:
    bank.tasks.add("Two")
    talk = connect(era, TASKS)
    path = bank.path / "progress.md"
    new = bank.path / ".progress.md.swp"
    new.write_text(path.read_text(encoding="utf-8").replace("Two", "Three"), encoding="utf-8")
    path.rename(bank.path / "progress.md~")
    new.rename(path)
    (bank.path / "progress.md~").unlink()
    until(lambda: changes(talk))
    # a file that was away between two steps of an editor neither came nor went
    assert changes(talk) == [(UPDATED, TASKS)]
    talk.forget()
    command = [*MODULE, "task", "add", "Four"]
    subprocess.run(command, cwd=project, env=environment(), check=True, capture_output=True)
    until(lambda: changes(talk))
    assert changes(talk) == [(UPDATED, TASKS)]


@pytest.mark.parametrize("era", ERAS)
def test_a_bank_that_vanishes_and_comes_back_is_reported_and_ends_nothing(
    era: str, project: Path, bank: Bank, connect: Callable[..., Talk]
) -> None:
    talk = connect(era, FILE)
    folder = bank.path
    away = project / "away"
    shutil.move(folder, away)
    until(lambda: (UPDATED, FILE) in changes(talk))
    assert (LIST_CHANGED, "") in changes(talk)
    talk.forget()
    shutil.move(away, folder)
    until(lambda: (UPDATED, FILE) in changes(talk))
    talk.forget()
    bank.tasks.add("Ship it")
    until(lambda: (UPDATED, FILE) in changes(talk))


def test_nobody_is_told_and_nothing_runs_after_the_last_subscription_ends(
    bank: Bank, connect: Callable[..., Talk]
) -> None:
    talk = connect("handshake", FILE, TASKS)
    assert watching() == ["bank-watch"]
    talk.ask("resources/unsubscribe", uri=TASKS)
    bank.tasks.add("Ship it")
    until(lambda: changes(talk))
    assert changes(talk) == [(UPDATED, FILE)]
    talk.ask("resources/unsubscribe", uri=FILE)
    until(lambda: not watching())
    talk.forget()
    bank.tasks.add("And this")
    time.sleep(QUIET)
    assert talk.told() == []
    talk.ask("resources/unsubscribe", uri=FILE)


def test_a_stream_is_acknowledged_first_carries_its_id_and_ends_with_its_cancellation(
    bank: Bank, connect: Callable[..., Talk]
) -> None:
    talk = connect("modern")
    talk.forget()
    mine = listen(talk, FILE, "bank://nothing", "https://example.org", list_changed=False)
    other = listen(talk, TASKS)
    first, second = talk.notifications()
    assert first["params"] == {
        "notifications": {"resourceSubscriptions": [FILE]},
        "_meta": {"io.modelcontextprotocol/subscriptionId": mine},
    }
    assert second["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == other
    assert talk.answer(mine) is None
    bank.tasks.add("Ship it")
    until(lambda: len(changes(talk)) == 2)
    told = {each["params"]["uri"]: each["params"]["_meta"] for each in talk.notifications()[2:]}
    assert {uri: [*meta.values()] for uri, meta in told.items()} == {FILE: [mine], TASKS: [other]}
    talk.forget()
    cancel = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}'
    talk.server.take(cancel % mine)
    talk.server._do(talk.server._inbox.get(timeout=60))
    bank.tasks.add("And this")
    until(lambda: changes(talk))
    time.sleep(QUIET)
    assert changes(talk) == [(UPDATED, TASKS)]
    assert talk.answer(mine) is None


def test_a_stream_is_answered_when_the_server_ends_it(bank: Bank, connect: Callable[..., Talk]) -> None:
    talk = connect("modern")
    ident = listen(talk, FILE)
    talk.server.kept["subscriptions"].close()
    answer = talk.answer(ident)
    assert answer is not None
    assert answer["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == ident
    until(lambda: not watching())


def test_what_cannot_be_subscribed_to_is_refused(bank: Bank, connect: Callable[..., Talk]) -> None:
    talk = connect("handshake")
    assert talk.refused("resources/subscribe", uri="bank://file/progres.md")["data"]["near"] == ["progress.md"]
    assert talk.refused("resources/subscribe")["code"] == -32602
    assert talk.refused("subscriptions/listen", notifications={})["code"] == -32601
    assert watching() == []
    modern = connect("modern")
    assert modern.refused("resources/subscribe", uri=FILE)["code"] == -32601
    assert modern.refused("subscriptions/listen", notifications={"resourceSubscriptions": FILE})["code"] == -32602
    many = [f"bank://search/{number}" for number in range(300)]
    assert modern.refused("subscriptions/listen", notifications={"resourceSubscriptions": many})["data"]["limit"] == 256


def test_waiting_costs_nothing_while_nothing_changes(bank: Bank, connect: Callable[..., Talk]) -> None:
    talk = connect("handshake", FILE)
    watch = talk.server.kept["subscriptions"]._watch
    if not watch.is_reported:
        pytest.skip("this system reports no changes: files are compared every half second")
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize("is_reported", [True, False])
def test_a_watch_names_the_files_that_were_made_edited_and_removed(
    is_reported: bool, project: Path, bank: Bank
) -> None:
    """Also where the system reports nothing, and the files are looked at every half second."""
    with BankWatch(folder_of(project), reported=is_reported) as watch:
        record = bank.save("One", type="fact").record
        made = watch.wait(60)
        assert made is not None
        assert (made.made, made.removed) == ((record.file,), ())
        bank.note("A line", kind="gotcha")
        edited = watch.wait(60)
        assert edited is not None
        assert edited.files == ("patterns.md",)
        (bank.path / record.file).unlink()
        removed = watch.wait(60)
        assert removed is not None
        assert (removed.made, removed.removed) == ((), (record.file,))
        (project / "README.md").write_text("not of the bank", encoding="utf-8")
        bank.show("progress.md")
        bank.search("line")
        assert watch.wait(0.8) is None


def test_a_watch_that_is_stopped_returns_at_once(project: Path) -> None:
    watch = BankWatch(folder_of(project))
    threading.Timer(0.1, watch.stop).start()
    began = time.monotonic()
    assert watch.wait() is None
    assert time.monotonic() - began < 30
    watch.close()
    watch.stop()


def test_a_folder_that_is_made_in_two_steps_is_watched(project: Path, bank: Bank) -> None:
    """The folder above the records was there, and empty, when the watch looked."""
    with BankWatch(folder_of(project)) as watch:
        (bank.path / "memories").mkdir()
        assert watch.wait(0.3) is None
        (bank.path / "memories" / "fact").mkdir()
        (bank.path / "memories" / "fact" / "one.md").write_text("# One\n", encoding="utf-8")
        changes = watch.wait(5)
        assert changes is not None
        assert changes.made == ("memories/fact/one.md",)
