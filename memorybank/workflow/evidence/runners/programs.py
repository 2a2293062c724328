"""Files of tests that are run as plain programs: `python test_x.py` without a main runs nothing, and exits with 0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LIMIT = 1024 * 1024
_PYTHON_CASE = later(r"^class \w+\([^)\n]*\b(?:TestCase|IsolatedAsyncioTestCase)\b", re.MULTILINE)
_PYTHON_TEST = later(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
_FRAMEWORK = later(
    r"(?:\bfrom|\brequire\(|\bimport)\s*['\"]"
    r"(node:test|tape|tap|uvu|ava|vitest|mocha|jasmine|@jest/globals|@playwright/test)['\"]"
)
_INTERPRETER = later(r"(?:python|pypy)[\d.]*(?:\.exe)?|node(?:\.exe)?|tsx|ts-node")
_SCRIPTS = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx")


def unrun_tests(words: Sequence[str], folder: Path) -> str:
    """Return why a run that printed no count ran no test: its file defines some; "" if there is no such file."""
    name = _script(words)
    text = _text(folder / name) if name else ""
    if not text:
        return ""
    return _of_python(name, text) if name.endswith(".py") else _of_script(name, text)


def _script(words: Sequence[str]) -> str:
    """Return the file that is run: the command itself, or the first word after an interpreter that is no option."""
    program = True
    for word in words[:8]:
        if program and word.endswith((".py", *_SCRIPTS)):
            return word
        if not (program and word.startswith("-")):
            program = _INTERPRETER.fullmatch(word.replace("\\", "/").rpartition("/")[2]) is not None
    return ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""


def _of_python(name: str, text: str) -> str:
    if _PYTHON_CASE.search(text):
        return f"{name} has tests of unittest, but none was counted: run it by python -m unittest {name}"
    tests: list[str] = _PYTHON_TEST.findall(text)
    called = (len(re.findall(rf"\b{re.escape(each)}\b", text)) > 1 for each in tests)
    if tests and not any(called) and not re.search(r"\bpytest\.main\(|\bglobals\(\)", text):
        return f"{name} has tests, but nothing in it runs them: run it by python -m pytest {name}"
    return ""


def _of_script(name: str, text: str) -> str:
    found = _FRAMEWORK.search(text)
    return f"{name} has tests of {found[1]}, but none was counted: it is unknown whether one ran" if found else ""
