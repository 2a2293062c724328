"""A pattern that is compiled at its first use finds what the compiled one finds."""

from __future__ import annotations

import re

import pytest

from memorybank.patterns import later


def test_a_pattern_is_compiled_when_it_is_used_and_not_before() -> None:
    broken = later("(")
    with pytest.raises(re.error):
        broken.match("x")


def test_each_method_is_that_of_the_compiled_pattern() -> None:
    pattern = later("A(b*)", re.IGNORECASE)
    assert [pattern.sub("-", "abb Ab"), pattern.findall("abb Ab")] == ["- -", ["bb", "b"]]
    found = pattern.fullmatch("abbb")
    assert found is not None
    assert found[1] == "bbb"
    assert (pattern.pattern, pattern.groups) == ("A(b*)", 1)
