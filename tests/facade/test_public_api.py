"""The public names and signatures are those that were agreed on: a change of them is seen in a review."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

from memorybank import Bank
from tests.facade.public_api import method_at, render
from tests.facade.test_commands import methods
from tests.running import import_everything

LIST = Path(__file__).with_name("public_api.txt")


def test_the_public_names_are_those_of_the_list() -> None:
    """Made anew by `python -m tests.facade.public_api > tests/facade/public_api.txt`."""
    assert render() == LIST.read_text(encoding="utf-8")


def test_every_parameter_has_a_name_and_a_type() -> None:
    import_everything()
    for path in methods(Bank):
        signature = inspect.signature(method_at(path))
        for name, parameter in signature.parameters.items():
            assert parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}, path
            assert name in {"self", "cls"} or parameter.annotation not in {parameter.empty, "Any"}, f"{path}: {name}"
        assert signature.return_annotation not in {signature.empty, "Any"}, path


def test_every_method_says_what_it_does_and_what_it_refuses() -> None:
    import_everything()
    for path in methods(Bank):
        first = (inspect.getdoc(method_at(path)) or "").partition("\n")[0]
        assert re.fullmatch(r"[A-Z].*\.", first), path


def test_a_console_completes_the_names() -> None:
    code = "import memorybank; print(*dir(memorybank))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode().split()
    assert {"Bank", "BankError", "MemoryType", "GroupStatus", "WorkflowMode", "Record", "Receipt"} <= set(names)
    assert {"sessions", "tasks", "bugs", "pafs", "note", "save", "search"} <= set(dir(Bank))
