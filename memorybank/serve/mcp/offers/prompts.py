"""Prompts: messages for a moment of the work, with what the bank holds for it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, FieldError
from memorybank.serve.mcp.choose_bank import ASK_FOR_ROOTS, NeedsRoots
from memorybank.serve.mcp.offers.framing import framed
from memorybank.serve.mcp.offers.resources import bank_of, rpc_error
from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memorybank.facade.bank import Bank
    from memorybank.serve.mcp.server import Server

_EARLIER = 5


class Argument(NamedTuple):
    """One argument of a prompt."""

    name: str
    description: str
    required: bool = False


class Prompt(NamedTuple):
    """One prompt: what it is called, its arguments, and the function that returns its text and its data."""

    title: str
    description: str
    arguments: tuple[Argument, ...]
    parts: Callable[[Bank, Mapping[str, str]], list[str]]


def list_prompts(_server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return the prompts; there is one page.

    Raises:
        RpcError: a cursor was given.
    """
    if params.get("cursor") is not None:
        raise RpcError(INVALID_PARAMS, "invalid cursor: prompts/list has one page")
    rows = [
        {
            "name": name,
            "title": prompt.title,
            "description": prompt.description,
            "arguments": [each._asdict() for each in prompt.arguments],
        }
        for name, prompt in PROMPTS.items()
    ]
    return {"prompts": rows}


def get_prompt(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return the messages of a prompt, with what the bank holds now.

    Raises:
        RpcError: there is no such prompt, an argument is missing or unknown, or the bank cannot be read.
    """
    name = params.get("name")
    prompt = PROMPTS.get(name) if isinstance(name, str) else None
    if prompt is None:
        raise _unknown("prompt", str(name), list(PROMPTS))
    given = _arguments(prompt, params.get("arguments"))
    try:
        parts = prompt.parts(bank_of(server), given)
    except NeedsRoots:
        return dict(ASK_FOR_ROOTS)
    except BankError as error:
        raise rpc_error(INVALID_PARAMS, error) from error
    messages = [{"role": "user", "content": {"type": "text", "text": part}} for part in parts]
    return {"description": prompt.description, "messages": messages}


def _arguments(prompt: Prompt, given: object) -> dict[str, str]:
    given = {} if given is None else given
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise RpcError(INVALID_PARAMS, "the arguments of a prompt are an object of texts")
    names = [each.name for each in prompt.arguments]
    for name in given:
        if name not in names:
            raise _unknown("argument", name, names)
    for each in prompt.arguments:
        if each.required and not given.get(each.name, "").strip():
            raise RpcError(
                INVALID_PARAMS, f"the argument {each.name!r} is missing: {each.description}", argument=each.name
            )
    return {name: value for name, value in given.items() if value.strip()}


def _unknown(what: str, name: str, known: list[str]) -> RpcError:
    from memorybank.serve.mcp.tools.arguments import near_miss

    close = near_miss(name, known)
    advice = f"did you mean {close}?" if close else f"choose from {', '.join(known) or 'none'}"
    return RpcError(INVALID_PARAMS, f"unknown {what} {name[:80]!r}: {advice}", near=close)


# --- what the prompts return: first what to do, then the data


def _load(bank: Bank, given: Mapping[str, str]) -> list[str]:
    task = (
        "Here is the project's memory. Work from it: follow its decisions and standards, and say so where it is wrong."
    )
    if given:
        budget = _whole(given, "budget_tokens")
        context = bank.load(stage=given.get("stage", ""), query=given.get("query", ""), budget_tokens=budget)
        left = ", ".join(choice.address for choice in (*context.shortened, *context.omitted))
        rest = f" Left out for the budget: {left}; bank_show reads them." if left else ""
        return [task + rest, framed(bank, "load", context.text)]
    parts = [task]
    for file in bank.load_files(sections=False).files:
        if file.error is not None:
            parts.append(framed(bank, file.address, f"cannot be read: {file.error.message}"))
        elif not file.missing:
            parts.append(framed(bank, f"{file.address} digest {file.digest}", file.text))
    return parts


def _wrap_up(bank: Bank, given: Mapping[str, str]) -> list[str]:
    result = bank.wrap_up(since=given.get("since", ""))
    rows = []
    for point in result.points:
        rows.append(f"- {point.state}: {point.name} - {point.found}")
        if not point.is_done:
            rows.append(f"  command: {point.command}")
    task = (
        "The work is at its end: nothing is left to write down. Say in one sentence what was done."
        if result.is_done
        else f"Before the work ends, settle the {len(result.open)} open points below, each with its command or the tool"
        " that does the same. Write only what was really learned or decided; where there is nothing, say so with"
        " `bank wrap-up --none POINT`. Then ask for the points again."
    )
    return [task, framed(bank, f"wrap-up since {result.since or 'the beginning'}", "\n".join(rows))]


def _decide(bank: Bank, given: Mapping[str, str]) -> list[str]:
    decision = given["decision"]
    against = bank.contradictions(decision)
    rows = [f"- contradicts {each.address}: {each.said} ({each.subject}: {each.old} → {each.new})" for each in against]
    known = {each.address for each in against}
    near = [each for each in bank.search(decision, limit=_EARLIER) if each.address not in known]
    rows += [f"- near {each.address}: {' '.join(each.text.split())[:300]}" for each in near]
    task = (
        "Weigh this decision against what the bank holds on the subject, then record it with bank_note (kind decision),"
        " with the reason. "
    )
    task += (
        "It contradicts what is listed below: if it replaces that, name it in `supersedes`; if both hold, say why."
        if against
        else "Nothing that is recorded contradicts it."
    )
    why = f"\nReason given: {given['why']}" if "why" in given else ""
    parts = [task, f"The decision: {decision}{why}"]
    return [*parts, framed(bank, "earlier decisions, patterns and learnings", "\n".join(rows))] if rows else parts


def _promote_review(bank: Bank, _given: Mapping[str, str]) -> list[str]:
    suggestions = bank.suggest_promotions()
    if not suggestions:
        return ["Nothing in the bank has to be promoted, merged or removed now. Say so; change nothing."]
    rows = [
        f"- {each.outcome} {each.address}: {each.text}\n  why: {each.why}\n  command: {each.hint}"
        for each in suggestions
    ]
    task = (
        f"Review the {len(suggestions)} suggestions below one by one. For each: is the observation still true, and"
        " would it help somebody else? Apply those that hold with their command; leave the others, and say why."
    )
    return [task, framed(bank, "suggestions to promote", "\n".join(rows))]


def _whole(given: Mapping[str, str], name: str) -> int | None:
    value = given.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdecimal()) or len(value) > 9:  # noqa: PLR2004  digits
        raise FieldError(field=name, why=f"{value[:40]!r} is not a whole number", hint="pass digits, such as 4000")
    return int(value)


PROMPTS = {
    "load": Prompt(
        "Load the project's memory",
        "The memory files, or what one stage of the work needs of them within a budget.",
        (
            Argument("stage", "understand, decompose, plan, implement, verify or review"),
            Argument("query", "what the work is about: what matches comes first"),
            Argument("budget_tokens", "about how many tokens it may have"),
        ),
        _load,
    ),
    "wrap-up": Prompt(
        "Finish the work",
        "What has to be written before the work is done, each point with its command.",
        (Argument("since", "a day, a time, or 2h for so long ago; the begin of the session without it"),),
        _wrap_up,
    ),
    "decide": Prompt(
        "Record a decision",
        "A decision beside what the bank holds on its subject, and what it would contradict.",
        (Argument("decision", "the decision in one sentence", required=True), Argument("why", "the reason")),
        _decide,
    ),
    "promote-review": Prompt(
        "Review what was learned",
        "Observations that could become patterns, or be merged or removed.",
        (),
        _promote_review,
    ),
}
