"""Completion: values for the words of a template of URIs, and for the arguments of a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.offers.resource_uris import FILE, RECORD, SECTION, TEMPLATES
from memorybank.serve.mcp.offers.resources import bank_of
from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from memorybank.facade.bank import Bank
    from memorybank.serve.mcp.server import Server

# as many as the protocol allows
_MOST = 100
_STAGE = "stage"


def complete(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return the values that begin with what was typed, then those that contain it.

    Raises:
        RpcError: there is no such template or prompt.
    """
    ref, argument, context = (params.get(name) for name in ("ref", "argument", "context"))
    if not isinstance(ref, dict) or not isinstance(argument, dict):
        raise RpcError(INVALID_PARAMS, "completion/complete needs ref and argument")
    name, typed = argument.get("name"), argument.get("value")
    if not isinstance(name, str) or not isinstance(typed, str):
        raise RpcError(INVALID_PARAMS, "argument needs name and value")
    others = context.get("arguments") if isinstance(context, dict) else None
    bank = bank_of(server)
    values = _values(bank, ref, name, others if isinstance(others, dict) else {})
    low = typed.casefold()
    found = [each for each in values if each.casefold().startswith(low)]
    found += [each for each in values if low in each.casefold() and each not in found]
    return {"completion": {"values": found[:_MOST], "total": len(found), "hasMore": len(found) > _MOST}}


def _values(bank: Bank, ref: dict[str, Any], name: str, others: dict[str, Any]) -> list[str]:
    if ref.get("type") == "ref/prompt":
        from memorybank.serve.mcp.offers.prompts import PROMPTS

        if ref.get("name") not in tuple(PROMPTS):
            raise RpcError(INVALID_PARAMS, f"unknown prompt {str(ref.get('name'))[:80]!r}")
        return list(dict.fromkeys(row[0] for row in bank.stages().rows)) if name == _STAGE else []
    kind = next((each for each, template in TEMPLATES.items() if template == ref.get("uri")), "")
    if ref.get("type") != "ref/resource" or not kind:
        raise RpcError(INVALID_PARAMS, f"unknown template {str(ref.get('uri'))[:80]!r}")
    if kind == RECORD:
        return [each.id for each in bank.list(limit=0)]
    outlines = bank.outline() if kind in {FILE, SECTION} else []
    if name == FILE:
        return [each.file for each in outlines]
    file = others.get(FILE) or ""
    rows = [row for each in outlines if file in ("", each.file) for row in each.sections]
    return list(dict.fromkeys(row.address.partition("#")[2] for row in rows))
