"""The JSON form of a record, as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class LinkWire(TypedDict):
    """A relation to another record."""

    rel: str
    to: str


class RecordWire(TypedDict):
    """The JSON form of a record."""

    id: str
    type: str
    title: str
    file: str
    status: str
    summary: str
    tags: list[str]
    project: str
    source_tool: str
    source_repo: str
    session: str
    created: str
    updated: str
    metadata: Mapping[str, Any]
    links: list[LinkWire]
    fields: Mapping[str, Any]
    content: str
    digest: str
    # of a record that was looked for in several banks
    bank: NotRequired[str]
    bank_folder: NotRequired[str]
    # of the hub of a team
    namespace: NotRequired[str]


class RecordAnswer(TypedDict):
    """The answer that has a record."""

    record: RecordWire
