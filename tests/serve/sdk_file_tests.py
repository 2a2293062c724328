"""A pytest plugin: the SDK's tests of its file-system tool run against `BankMemoryTool`; see test_memory_tool_sdk.py.

Each temporary folder of those tests is inside a project with a bank, so `base_path/memories` can be what `/memories`
is. Nothing of the tests is changed; only the two classes that they make are ours.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from anthropic.lib.tools import _beta_builtin_memory_tool as sdk

from memorybank import Bank
from memorybank.facade.agents.memory_folder import MemoryFolder
from memorybank.serve.memory_tool import AsyncBankMemoryTool, BankMemoryTool

BANK = Bank.init(os.environ["MEMORY_TOOL_PROJECT"])
tempfile.tempdir = os.environ["MEMORY_TOOL_PROJECT"]


def _tool(base: type, base_path: str) -> Any:
    class Placed(base):  # type: ignore[misc]
        def _keep(self, folder: MemoryFolder) -> None:
            place = Path(base_path) / "memories"
            super()._keep(MemoryFolder(folder._folder, folder._caller, place))  # noqa: SLF001 - another folder

    tool = Placed(BANK)
    tool.base_path = Path(base_path)
    return tool


sdk.BetaLocalFilesystemMemoryTool = lambda base_path: _tool(BankMemoryTool, base_path)
sdk.BetaAsyncLocalFilesystemMemoryTool = lambda base_path: _tool(AsyncBankMemoryTool, base_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine; the SDK's own run uses a plugin for it."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
