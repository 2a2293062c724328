"""Text of other programs, made fit for a document before it is checked."""

from __future__ import annotations

import pytest

from memorybank.document.text import check_text, without_hidden


@pytest.mark.parametrize(
    ("text", "clean", "lost"),
    [
        ("plain\ttext\n", "plain\ttext\n", 0),
        ("one\r\ntwo\rthree", "one\ntwo\nthree", 0),
        ("a\u200bb\ufeffc\x1b[31m", "abc[31m", 3),
        ("lone \ud800 and byte \udcff", "lone \ufffd and byte \ufffd", 2),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469", 0),
    ],
    ids=["plain", "endings", "hidden", "surrogates", "joiner"],
)
def test_hidden_characters_are_taken_out_and_counted(text: str, clean: str, lost: int) -> None:
    assert without_hidden(text) == (clean, lost)
    assert check_text(clean) == clean
