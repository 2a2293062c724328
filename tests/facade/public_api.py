"""The public names of the package with their signatures, as text.

Run `python -m tests.facade.public_api > tests/facade/public_api.txt` after a change that is meant.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import memorybank
from memorybank.facade.edits.opened import SectionEdit
from tests.facade.test_commands import methods, namespace_of
from tests.running import import_everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def render() -> str:
    """Return one line for each name: the package's, then the methods of `Bank` and of its namespaces."""
    import_everything()
    names = [f"memorybank.{name}" for name in dir(memorybank)]
    return "\n".join([*names, *sorted(signatures()), ""])


def signatures() -> Iterator[str]:
    for path in methods(memorybank.Bank):
        yield f"{path}{_signature(method_at(path))}"
    for name, value in vars(SectionEdit).items():
        if not name.startswith("_") and inspect.isfunction(value):
            yield f"edit(address).{name}{_signature(inspect.unwrap(value))}"


def _signature(method: Callable[..., object]) -> str:
    """Return a signature without the quotes of annotations that are kept as text."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(method)))


def method_at(path: str) -> Callable[..., object]:
    """Return the function that a path such as `sessions.start` names."""
    *spaces, name = path.removeprefix("Bank.").split(".")
    part: type = memorybank.Bank
    for space in spaces:
        value = inspect.getattr_static(part, space)
        assert isinstance(value, property)
        inner = namespace_of(value)
        assert inner is not None
        part = inner
    value = inspect.getattr_static(part, name)
    method: Callable[..., object] = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    function: Callable[..., object] = inspect.unwrap(method)
    return function


if __name__ == "__main__":
    print(render(), end="")
