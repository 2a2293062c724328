"""The two classes of the memory tool, with and without `await`."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from memorybank.facade.agents.memory_answers import MissingExtraError
from memorybank.serve.memory_tool import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank import Bank
    from memorybank.facade.agents.memory_folder import MemoryFolder


_T = TypeVar("_T")


class _Tool:
    """What both tools share: the folder, and a class of the SDK that is joined when the tool is made."""

    _base = ""

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Make the tool, a subclass of the SDK's abstract one.

        Raises:
            MissingExtraError: the SDK is not installed.
        """
        made: Self = object.__new__(_joined(cls))  # type: ignore[arg-type] # a class is hashable
        return made

    def __init__(self, bank: Bank, *, name: str = "memories", cache_control: Any = None) -> None:
        super().__init__(cache_control=cache_control)  # type: ignore[call-arg] # the SDK's class is next
        self._keep(bank.memory_folder(name))

    def _keep(self, folder: MemoryFolder) -> None:
        folder.make()
        self.folder = folder


class BankMemoryTool(_Tool):
    """A memory tool whose files are in a bank: `memory-tool/NAME/`.

    It answers as the SDK's file-system tool does. Each change is one operation: under the bank's lock, in its journal,
    for `bank undo`, and refused if it has a secret. Threads and processes may share a bank; no update is lost.
    """

    _base = "BetaAbstractMemoryTool"

    @property
    def memory_root(self) -> Path:
        """The folder that `/memories` is."""
        return Path(self.folder.root)

    def view(self, command: Any) -> str:
        """Return a file with line numbers, or the list of a folder."""
        return _told(lambda: wording.view(self.folder, self._validate_path(_path_in(command)), command))

    def create(self, command: Any) -> str:
        """Write a new file."""
        return _told(lambda: wording.create(self.folder, self._validate_path(_path_in(command)), command))

    def str_replace(self, command: Any) -> str:
        """Replace a text that is in a file exactly once."""
        return _told(lambda: wording.str_replace(self.folder, self._validate_path(_path_in(command)), command))

    def insert(self, command: Any) -> str:
        """Insert lines after a line."""
        return _told(lambda: wording.insert(self.folder, self._validate_path(_path_in(command)), command))

    def delete(self, command: Any) -> str:
        """Delete a file, or a folder with all its files."""
        return _told(lambda: wording.delete(self.folder, self._validate_path(_path_in(command)), command))

    def rename(self, command: Any) -> str:
        """Move a file or folder to a place where nothing is."""
        return _told(
            lambda: wording.rename(
                self.folder,
                self._validate_path(_path_in(command, "old_path")),
                self._validate_path(_path_in(command, "new_path")),
                command,
            )
        )

    def clear_all_memory(self) -> str:
        """Delete all files; `bank undo` brings them back."""
        return _told(lambda: wording.clear(self.folder))

    def _validate_path(self, path: str) -> Path:
        return _told(lambda: wording.locate(self.folder, path))


class AsyncBankMemoryTool(_Tool):
    """`BankMemoryTool` for asynchronous clients: each command runs in a thread."""

    _base = "BetaAsyncAbstractMemoryTool"

    @property
    def memory_root(self) -> Any:
        """The folder that `/memories` is, as a path of anyio."""
        from anyio import Path as AsyncPath

        return AsyncPath(self.folder.root)

    async def view(self, command: Any) -> str:
        """Return a file with line numbers, or the list of a folder."""
        return await self._one(wording.view, command)

    async def create(self, command: Any) -> str:
        """Write a new file."""
        return await self._one(wording.create, command)

    async def str_replace(self, command: Any) -> str:
        """Replace a text that is in a file exactly once."""
        return await self._one(wording.str_replace, command)

    async def insert(self, command: Any) -> str:
        """Insert lines after a line."""
        return await self._one(wording.insert, command)

    async def delete(self, command: Any) -> str:
        """Delete a file, or a folder with all its files."""
        return await self._one(wording.delete, command)

    async def rename(self, command: Any) -> str:
        """Move a file or folder to a place where nothing is."""
        old, new = (
            await self._validate_path(_path_in(command, "old_path")),
            await self._validate_path(_path_in(command, "new_path")),
        )
        return await _in_thread(partial(wording.rename, self.folder, Path(str(old)), Path(str(new)), command))

    async def clear_all_memory(self) -> str:
        """Delete all files; `bank undo` brings them back."""
        return await _in_thread(partial(wording.clear, self.folder))

    async def _validate_path(self, path: str) -> Any:
        from anyio import Path as AsyncPath

        return AsyncPath(await _in_thread(partial(wording.locate, self.folder, path)))

    async def _ensure_memory_root(self) -> None:
        await _in_thread(self.folder.make)

    async def _one(self, answer: Callable[[MemoryFolder, Path, Any], str], command: Any) -> str:
        place = Path(str(await self._validate_path(_path_in(command))))
        return await _in_thread(partial(answer, self.folder, place, command))


def _path_in(command: Any, name: str = "path") -> Any:
    # the SDK does not check that a command has it
    return getattr(command, name, None)


def _told(do: Callable[[], _T]) -> _T:
    """Return the answer; a refusal is the SDK's error, which the model gets as the result of its call."""
    from anthropic.lib.tools import ToolError

    try:
        return do()
    except wording.RefusedError as error:
        raise ToolError(str(error)) from error


async def _in_thread(do: Callable[[], _T]) -> _T:
    from anyio.to_thread import run_sync

    done: _T = await run_sync(partial(_told, do))
    return done


@cache
def _joined(tool: type[_Tool]) -> Any:
    """Return the tool as a subclass of the SDK's class.

    Raises:
        MissingExtraError: the SDK is not installed.
    """
    try:
        from anthropic.tools import memory
    except ImportError as error:
        raise MissingExtraError(extra="anthropic", needs="anthropic") from error
    base = getattr(memory, tool._base)  # noqa: SLF001 - of this module
    return tool if issubclass(tool, base) else type(tool.__name__, (tool, base), {"__module__": tool.__module__})
