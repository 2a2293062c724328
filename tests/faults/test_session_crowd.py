"""Several processes in one session: all their records and messages are there, and the journal is whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.records.find import scan
from memorybank.records.sessions.activity import operations_of
from memorybank.records.sessions.groups import find_group, members_of
from memorybank.records.sessions.messages import messages_path, read_messages
from memorybank.store.journal.log import read_operations
from tests.running import FULL, environment, findings, folder_of, make_bank

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 500 if FULL else 15

WRITER = """
import sys
from memorybank import Bank

name, session, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
bank = Bank.open(timeout=120)
for number in range(count):
    bank.save(f"{name} saves record {number}", tags=[name])
    bank.add_message("assistant", f"{name} says {number} " + "long " * (number % 50), session_id=session)
"""

JOINER = """
import sys
from memorybank import Bank

bank = Bank.open(timeout=120)
for number in range(int(sys.argv[1])):
    bank.sessions.start(groups=["crowd"])
"""


def begun(project: Path, script: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script, *words], cwd=project, env=environment(**env))


def test_two_processes_save_records_and_messages_into_one_session(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank = folder_of(tmp_path)
    session = Bank.open(tmp_path).start_session(label="crowd").record.id
    children = [
        begun(tmp_path, WRITER, name, session, str(COUNT), MEMORYBANK_SESSION="crowd") for name in ("one", "two")
    ]
    assert [each.wait(timeout=600) for each in children] == [0, 0]

    records = scan(bank).records
    assert len({each.id for each in records}) == len(records) == 2 * COUNT
    assert {each.session for each in records} == {session}
    assert {each.title for each in records} == {
        f"{name} saves record {n}" for name in ("one", "two") for n in range(COUNT)
    }
    found = read_messages(bank, session)
    assert (found.message_count, found.broken_count) == (2 * COUNT, 0)
    for name in ("one", "two"):
        said = [each.text.split()[2] for each in found.rows if each.text.startswith(name)]
        assert said == [str(number) for number in range(COUNT)]
    operations = read_operations(bank)
    assert len({each.id for each in operations}) == len(operations)
    assert {each.state for each in operations} == {"done"}
    assert len(operations_of(bank, [session])[session]) == 2 * COUNT
    assert findings(tmp_path) == []


def test_two_processes_put_sessions_into_one_group(tmp_path: Path) -> None:
    """Each change of the group's record is made on what the other one left there."""
    make_bank(tmp_path)
    bank = folder_of(tmp_path)
    Bank.open(tmp_path).groups.create("crowd")
    children = [begun(tmp_path, JOINER, "8") for _ in range(2)]
    assert [each.wait(timeout=300) for each in children] == [0, 0]
    group = find_group(bank, "crowd")
    members, missing = members_of(bank, group)
    assert (len(members), missing) == (16, [])
    assert len(group.fields["sessions"]) == 16


MAKER = """
from memorybank import Bank
from memorybank.errors import FieldError

bank = Bank.open(timeout=120)
for number in range(10):
    try:
        bank.groups.create(f"Goal {number}")
    except FieldError:
        continue
"""


def test_of_several_who_make_a_group_one_does(tmp_path: Path) -> None:
    make_bank(tmp_path)
    for child in [begun(tmp_path, MAKER) for _ in range(3)]:
        assert child.wait() == 0
    titles = [each.title for each in scan(folder_of(tmp_path), kinds=("group",)).records]
    assert sorted(titles) == [f"Goal {number}" for number in range(10)]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_writer_that_is_killed_costs_no_message_that_was_acknowledged(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank = folder_of(tmp_path)
    session = Bank.open(tmp_path).start_session().record.id
    script = WRITER.replace("    bank.save(", "    None and bank.save(").replace(
        "session)\n", "session)\n    print(number, flush=True)\n"
    )
    for delay in (0.0, 0.05, 0.2):
        child = subprocess.Popen(
            [sys.executable, "-c", script, f"w{delay}", session, "100000"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        # the clock starts with the first message: a busy machine may take long to come to it
        done = len(child.stdout.readline().split(b"\n")) - 1
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate()
        done += len(out.split(b"\n")) - 1
        assert done
        said = [each for each in read_messages(bank, session).rows if each.text.startswith(f"w{delay}")]
        assert len(said) in {done, done + 1}
    lines = messages_path(bank, session).read_bytes().split(b"\n")
    assert all(json.loads(line) for line in lines if line)
