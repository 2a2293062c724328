"""How `bank mcp` ends, and what does not end it: its own faults, signals, a full disk, a mount that only reads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from tests.running import environment
from tests.serve.mcp_client import request, start

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, limits and mounts of POSIX")
# the size of a file that may be written, in bytes: less than the bank's files have
LITTLE = 64
FAULTY = """
import sys
from memorybank.serve.mcp import protocol, server, start
{fault}
start.serve(start.Options(bank=sys.argv[1]))
"""
# of one message, in the thread that reads
IN_A_LINE = """
parsed = protocol.parsed
def faulty(line):
    if b"fault" in line:
        raise ZeroDivisionError
    return parsed(line)
protocol.parsed = faulty
"""
# of the thread itself
IN_THE_READER = """
def faulty(source, most):
    yield source.read(65536)
    raise ZeroDivisionError
protocol.lines_of = faulty
"""
# of a notification, in the thread that answers
IN_A_NOTIFICATION = """
from memorybank.serve.mcp import choose_bank
choose_bank.roots_changed = lambda server, params: 1 / 0
"""
# of an answer that is no JSON
IN_AN_ANSWER = """
from memorybank.serve.mcp import lifecycle
lifecycle.ping = lambda server, params: {{"x": {{1, 2}}}}
"""


def run_faulty(bank: BankFolder, fault: str, sent: bytes) -> tuple[list[Any], str, int]:
    ran = subprocess.run(
        [sys.executable, "-c", FAULTY.format(fault=fault.replace("{{", "{").replace("}}", "}")), str(bank.project)],
        input=sent,
        capture_output=True,
        env=environment(TMPDIR=str(bank.project.parent)),
        timeout=60,
        check=False,
    )
    return [json.loads(line) for line in ran.stdout.split(b"\n") if line], ran.stderr.decode(), ran.returncode


def test_a_fault_while_a_line_is_read_answers_it_and_the_next_one_is_answered_as_usual(bank: BankFolder) -> None:
    answers, said, status = run_faulty(bank, IN_A_LINE, request(1, "fault") + request(2, "ping"))
    assert [(each["id"], each.get("error", {}).get("code")) for each in answers] == [(1, -32603), (2, None)]
    assert "ZeroDivisionError" in said
    assert status == 0


def test_a_reader_that_fails_ends_the_server_with_a_message_and_a_status(bank: BankFolder) -> None:
    _, said, status = run_faulty(bank, IN_THE_READER, request(1, "ping"))
    assert "this is a bug in bank: ZeroDivisionError" in said
    assert status == 70


def test_a_fault_in_a_notification_ends_nothing(bank: BankFolder) -> None:
    told = b'{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}\n'
    answers, said, status = run_faulty(bank, IN_A_NOTIFICATION, told + request(1, "ping"))
    assert [each["id"] for each in answers] == [1]
    assert "ZeroDivisionError" in said
    assert status == 0


def test_an_answer_that_cannot_be_written_is_an_error_and_the_next_one_is_answered(bank: BankFolder) -> None:
    fault = IN_AN_ANSWER.replace("ping", "set_level")
    sent = request(1, "logging/setLevel", level="info") + request(2, "ping")
    answers, said, status = run_faulty(bank, fault, sent)
    assert {each["id"]: each.get("error", {}).get("code") for each in answers} == {1: -32603, 2: None}
    assert "TypeError" in said
    assert status == 0


def test_a_closed_standard_error_and_a_missing_folder_for_reports_do_not_silence_a_fault(bank: BankFolder) -> None:
    code = FAULTY.format(fault=f"import os\nos.close(2)\nsys.stderr = None\n{IN_A_LINE}")
    ran = subprocess.run(
        [sys.executable, "-c", code, str(bank.project)],
        input=request(1, "fault") + request(2, "ping"),
        stdout=subprocess.PIPE,
        env=environment(),
        timeout=60,
        check=False,
    )
    answers = [json.loads(line) for line in ran.stdout.split(b"\n") if line]
    assert [each["id"] for each in answers] == [1, 2]


def answer_to(process: subprocess.Popen[bytes], ident: int, tool: str, **arguments: Any) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request(ident, "tools/call", name=f"bank_{tool}", arguments=arguments))
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    assert answer["id"] == ident
    result: dict[str, Any] = answer["result"]
    return result


def results_in(out: bytes) -> list[dict[str, Any]]:
    answers = [json.loads(line) for line in out.split(b"\n") if line]
    assert not [each for each in answers if "result" not in each], answers
    return [each["result"] for each in answers]


def test_sigterm_ends_a_server_that_waits_and_one_that_works_and_no_lock_is_left(bank: BankFolder) -> None:
    waits, works = start(bank.project), start(bank.project)
    for process in (waits, works):
        assert not answer_to(process, 1, "note", text=f"a line of {process.pid}")["isError"]
    assert works.stdin is not None
    works.stdin.write(
        b"".join(request(at, "tools/call", name="bank_note", arguments={"text": f"word{at}"}) for at in range(2, 99))
    )
    works.stdin.flush()
    time.sleep(0.05)
    for process in (waits, works):
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
    assert Bank.open(bank.project, timeout=1).note("Nobody holds the lock", kind="gotcha").operation


def test_a_disk_without_room_refuses_the_write_and_the_server_goes_on_reading(bank: BankFolder) -> None:
    before = {path: path.read_bytes() for path in bank.folder.rglob("*.md")}
    code = (
        "import resource, signal, sys\n"
        "from memorybank.serve.mcp import start\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({LITTLE}, {LITTLE}))\n"
        "start.serve(start.Options(bank=sys.argv[1]))\n"
    )
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("note", {"text": "no room for this"}),
        ("save", {"content": "no room for this"}),
        ("load", {}),
        ("show", {"address": "decisions"}),
        ("search", {"query": "context"}),
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(bank.project)],
        input=b"".join(
            request(at, "tools/call", name=f"bank_{tool}", arguments=a) for at, (tool, a) in enumerate(calls)
        ),
        capture_output=True,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        timeout=60,
        check=False,
    )
    answers = results_in(ran.stdout)
    assert [each["isError"] for each in answers] == [True, True, False, False, False], (answers, ran.stderr)
    for each in answers[:2]:
        assert each["structuredContent"]["error"]["code"] == "disk", each
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert {path: path.read_bytes() for path in bank.folder.rglob("*.md")} == before
    assert Bank.open(bank.project, timeout=1).note("There is room again", kind="gotcha").operation


def mounted(path: Path) -> list[str]:
    """Return the words that run a program to which a folder cannot be written, also for root."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(path)]
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not allow a mount of its own")
    return words


def test_a_bank_on_a_mount_that_only_reads_is_read_and_a_write_is_refused(bank: BankFolder) -> None:
    ran = subprocess.run(
        [*mounted(bank.folder), sys.executable, "-m", "memorybank", "mcp"],
        cwd=bank.project,
        input=b"".join(
            request(at, "tools/call", name=f"bank_{tool}", arguments=arguments)
            for at, (tool, arguments) in enumerate(
                (
                    ("note", {"text": "x"}),
                    ("load", {}),
                    ("search", {"query": "context"}),
                    ("show", {"address": "decisions"}),
                )
            )
        ),
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    answers = results_in(ran.stdout)
    assert [each["isError"] for each in answers] == [True, False, False, False], (answers, ran.stderr)
    assert answers[0]["structuredContent"]["error"]["code"] == "disk"
    assert (ran.returncode, ran.stderr) == (0, b"")
