"""Checking words that were typed: digests, names of rules, and names that are nearly right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def is_digest(text: str) -> bool:
    """Whether a text has the form of a digest."""
    from memorybank.document.source import DIGEST_LENGTH

    return len(text) == DIGEST_LENGTH and not text.strip("0123456789abcdef")


def secret_rules() -> tuple[str, ...]:
    """Return the names of the rules that find secrets."""
    from memorybank.secrets.scan import rule_names

    return tuple(rule_names())


def close_to(word: str, names: Sequence[str]) -> list[str]:
    """Return the names most similar to a word, best first; only for suggestions."""
    from memorybank.document.addresses import near

    return near(word, names)
