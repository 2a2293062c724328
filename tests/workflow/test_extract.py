"""The sentences of a session's messages that its generated summary quotes."""

from __future__ import annotations

import pytest

from memorybank.records.sessions.messages import Message
from memorybank.workflow.outcome.extract import QUOTED, extract_of

TALK = [
    ("user", "Should we use JWTs or sessions for the API? I like sessions."),
    (
        "assistant",
        "Let me look.\n\n```python\nimport jwt  # we decided jwt\n```\n\nThe weather is nice today, by the way.",
    ),
    ("assistant", "We decided on JWTs because refresh tokens rotate."),
    ("tool", "We decided nothing here."),
    ("user", "Good. Thanks."),
    ("assistant", "The tests of the refresh tokens pass."),
]


def messages(rows: list[tuple[str, str]]) -> list[Message]:
    return [Message("", role, text) for role, text in rows]


def test_the_request_and_the_outcome_are_quoted_word_for_word() -> None:
    said = extract_of(messages(TALK))
    assert said.startswith('Quoted from 6 messages: user: "Should we use JWTs or sessions for the API?"')
    assert '"We decided on JWTs because refresh tokens rotate."' in said
    assert said.endswith('"The tests of the refresh tokens pass."')
    assert "import jwt" not in said
    assert "nothing here" not in said


def test_every_quoted_sentence_stands_in_the_messages() -> None:
    whole = " ".join(" ".join(text.split()) for _, text in TALK)
    quotes = extract_of(messages(TALK)).split('"')[1::2]
    assert 1 < len(quotes) <= QUOTED
    assert all(each in whole for each in quotes)


def test_no_messages_no_extract() -> None:
    assert extract_of([]) == ""
    assert extract_of(messages([("tool", "exit 0"), ("user", "?!"), ("user", "```\nopen")])) == ""


@pytest.mark.parametrize(
    "secret", ["The key is AKIA" + "Q3ZJ7PLM2XKV5TYB" + " now.", "We must use ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8 here."]
)
def test_a_secret_is_never_repeated(secret: str) -> None:
    said = extract_of(messages([("user", "Please rotate the keys of the bucket."), ("assistant", secret)]))
    assert said == 'Quoted from 2 messages: user: "Please rotate the keys of the bucket."'


def test_other_languages_are_read_too() -> None:
    said = extract_of(messages([("user", "認証を決めましょう。短く答えて。"), ("assistant", "JWTを使います。")]))
    assert "認証を決めましょう。" in said


def test_a_wall_of_text_is_cut() -> None:
    said = extract_of(messages([("user", "word " * 200_000)]))
    assert len(said) < 300
