"""A list of results that has its JSON form: one form for all lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


class Listing(list[T]):
    """Results of one kind. `total` is how many there are without the limit.

    A subclass names the kind (`plural`) and, in `beside`, those of its attributes that are part of the answer.
    """

    __slots__ = ("total",)

    plural: ClassVar[str]
    beside: ClassVar[tuple[str, ...]] = ()

    def __init__(self, rows: Iterable[T] = (), *, total: int | None = None) -> None:
        super().__init__(rows)
        self.total = len(self) if total is None else total

    def to_wire(self) -> Any:
        """Return the JSON form: the rows under their plural, `count`, and `total` if a limit left some out."""
        from memorybank.wire import to_wire

        rest = {"total": self.total} if self.total > len(self) else {}
        beside = {name: to_wire(getattr(self, name)) for name in self.beside}
        return {self.plural: [to_wire(self.row(each)) for each in self.rows()], "count": len(self), **rest, **beside}

    def rows(self) -> Iterable[Any]:
        """Return what the rows of the JSON form are made of."""
        return self

    def row(self, each: T) -> Any:
        """Return the JSON form of one result."""
        return each
