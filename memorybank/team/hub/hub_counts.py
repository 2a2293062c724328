"""What is in the hub, in numbers: its files by type, tool, project and month, from the views of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.team.hub.address import address_of
from memorybank.team.hub.hub_search import LIMITS
from memorybank.team.hub.postgres import connect
from memorybank.team.hub.search_schema import COUNTS

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


class HubCount(NamedTuple):
    """The files of a namespace with one type, tool, project or month; an empty name is for those with none."""

    namespace: str
    name: str
    file_count: int


class HubStats(NamedTuple):
    """The files of the hub that its login may see, without deleted ones."""

    hub: str
    namespaces: tuple[str, ...]
    file_count: int
    by_type: tuple[HubCount, ...]
    by_tool: tuple[HubCount, ...]
    by_project: tuple[HubCount, ...]
    by_month: tuple[HubCount, ...]


def hub_stats(bank: BankFolder) -> HubStats:
    """Count the files in the hub: most first, months in their order.

    Raises:
        HubAddressError: no hub is named.
        BankError: the hub does not answer, or has no tables yet.
    """
    counts = {}
    with connect(address_of(bank), LIMITS, read_only=True) as hub:
        hub.check_version()
        namespaces = tuple(hub.namespaces())
        for view, column, _ in COUNTS:
            order = "2, 1" if column == "month" else "3 DESC, 1, 2"
            rows = hub.rows(
                f"SELECT namespace, {column}, sum(files)::bigint FROM memorybank.{view}"  # noqa: S608  our names
                f" GROUP BY 1, 2 ORDER BY {order}"
            )
            counts[view] = tuple(HubCount(*row) for row in rows)
    total = sum(each.file_count for each in counts["count_by_type"])
    parts = (counts[f"count_by_{name}"] for name in ("type", "tool", "project", "month"))
    return HubStats(hub.where, namespaces, total, *parts)
