"""Secrets are found by their shape or by the name beside them, and never shown; what only looks like one passes."""

from __future__ import annotations

import json
import time
import uuid
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.secrets.rule_hits import RULES, anchors_of
from memorybank.secrets.scan import Secret, find_secrets, redact, redacted
from tests.secrets.secret_samples import ALNUM, URL64, Maker, innocent_lines, provider_keys, told_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20261121
KEYS = provider_keys(SEED)
TOLD = told_secrets(SEED)
INNOCENT = innocent_lines(SEED)
SURROUNDINGS = (
    "{}",
    "see {} for it",
    'key="{}"',
    "- [x] `{}`",
    "({}).",
    "a\\n{}\\n",
    "**{}**",
    "x={}&y=1",
    "日本 {} é",
)


def test_there_are_enough_samples() -> None:
    assert len(KEYS) + len(TOLD) >= 60
    assert len(INNOCENT) >= 500


@pytest.mark.parametrize(("rule", "key"), KEYS, ids=[f"{rule}-{at}" for at, (rule, _) in enumerate(KEYS)])
def test_a_provider_key_is_found_wherever_it_stands(rule: str, key: str) -> None:
    for form in SURROUNDINGS:
        found = find_secrets(form.format(key))
        assert [secret.rule for secret in found] == [rule], form


@pytest.mark.parametrize(("rule", "secret", "line"), TOLD, ids=[f"{rule}-{at}" for at, (rule, _, _) in enumerate(TOLD)])
def test_a_secret_told_by_its_name_is_found_to_the_letter(rule: str, secret: str, line: str) -> None:
    found = [(each.rule, line[each.start : each.end]) for each in find_secrets(line)]
    assert (rule, secret) in found


@pytest.mark.parametrize("seed", range(5))
def test_other_draws_are_caught_as_well(seed: int) -> None:
    texts = [key for _, key in provider_keys(seed)] + [line for _, _, line in told_secrets(seed)]
    caught = sum(bool(find_secrets(text)) for text in texts)
    assert caught >= 0.95 * len(texts)


@pytest.mark.parametrize("seed", range(5))
def test_innocent_lines_pass(seed: int) -> None:
    lines = innocent_lines(seed)
    alarms = [line for line in lines if find_secrets(line)]
    assert len(alarms) <= 0.01 * len(lines), alarms


def test_innocent_lines_pass_as_one_text() -> None:
    assert find_secrets("\n".join(INNOCENT)) == ()


GLUED = ("x{}", "token-{}", "my_{}", "GITHUB_TOKEN_{}", "key{} and more", "日本x-{}")
DISTINCT = [
    (rule, key)
    for rule, key in KEYS
    if key.startswith(("gh", "gl", "sk-ant-", "sk-proj-", "hf_", "npm_", "gsk_", "xox", "SG.", "dop_", "sk_live_"))
]


@pytest.mark.parametrize(("rule", "key"), DISTINCT, ids=[f"{rule}-{at}" for at, (rule, _) in enumerate(DISTINCT)])
def test_a_key_with_a_prefix_of_its_own_is_found_within_a_word(rule: str, key: str) -> None:
    for form in GLUED:
        text = form.format(key)
        assert [(each.rule, text[each.start : each.end]) for each in find_secrets(text)] == [(rule, key)], form


def test_a_word_that_ends_like_a_prefix_is_no_key() -> None:
    m = Maker(SEED)
    for text in (
        f"cache-key-{m.of('0123456789abcdef', 32)}",
        f"highs_{m.of('0123456789abcdef', 40)}",
        f"graphs_{m.of('0123456789abcdef', 64)}",
        "highs_and_lows_of_the_whole_last_quarter",
        f"task-{m.of(ALNUM, 30)}",
        f"my-sdk-{uuid.UUID(int=m.chance.getrandbits(128))}",
    ):
        assert find_secrets(text) == (), text


def test_base64_that_has_the_letters_of_a_prefix_is_no_key() -> None:
    m = Maker(SEED)
    for prefix in ("gh" + "p_", "npm" + "_", "gl" + "pat-"):
        text = m.of(URL64, 200) + prefix + m.of(ALNUM, 36)
        assert find_secrets(text) == (), prefix


@pytest.mark.parametrize("ending", ["", "EXAMPLE"])
def test_the_documented_example_passes_only_by_its_ending(ending: str) -> None:
    key = "AKIA" + Maker(3).of("ABCDEFGH234567", 16 - len(ending)) + ending
    assert bool(find_secrets(key)) is not bool(ending)


def test_line_and_span_tell_the_place() -> None:
    key = KEYS[1][1]
    text = f"# Notes\r\n\r\n- é and \U0001f511: {key}\r\n- pin\r\n"
    start = text.index(key)
    assert find_secrets(text) == (Secret("github-token", 3, start, start + len(key)),)


def test_several_secrets_come_in_order_and_apart() -> None:
    text = "\n".join(line for _, _, line in TOLD)
    found = find_secrets(text)
    assert [secret.start for secret in found] == sorted(secret.start for secret in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(secret.line == text.count("\n", 0, secret.start) + 1 for secret in found)


def test_redacted_text_keeps_neither_the_secret_nor_its_length() -> None:
    for rule, secret, line in TOLD:
        clean = redact(line)
        assert secret not in clean
        assert f"<redacted:{rule}>" in clean
    short, long = (redact('password = "' + "k7" * count + '!x"') for count in (4, 40))
    assert short == long == 'password = "<redacted:password>"'


def test_a_key_block_goes_whole_and_what_follows_stays() -> None:
    block = Maker(5).block("OPENSSH PRIVATE KEY")
    assert redact(f"before\n{block}\nafter\n") == "before\n<redacted:private-key>\nafter\n"
    cut = block.rpartition("\n")[0]
    assert redact(f"before\n{cut}\n\n- after\n") == "before\n<redacted:private-key>\n\n- after\n"
    putty = "Private-Lines: 1\n" + Maker(5).of("abcdef0123456789", 64) + "\nPrivate-MAC: 00\n"
    assert redact(putty) == "Private-Lines: 1\n<redacted:private-key>\nPrivate-MAC: 00\n"


def test_redacting_twice_changes_nothing() -> None:
    text = "\n".join([key for _, key in KEYS] + [line for _, _, line in TOLD] + INNOCENT)
    clean = redact(text)
    assert redact(clean) == clean
    assert find_secrets(clean) == ()


def test_what_is_found_does_not_hold_the_secret() -> None:
    for _, key in KEYS:
        assert not any(key[-16:] in repr(secret) for secret in find_secrets(key))


@given(
    st.text(
        alphabet=st.sampled_from("key=:\"' \n\\-_@/.{}<>$passwordtokenAKIAeyJ-----BEGINsk0123é\ud800"), max_size=200
    )
)
def test_any_text_is_read_without_a_fault(text: str) -> None:
    found = find_secrets(text)
    assert all(0 <= secret.start < secret.end <= len(text) for secret in found)
    assert redact(text).count("<redacted:") == text.count("<redacted:") + len(found)


def test_every_rule_names_its_source() -> None:
    for rule in RULES:
        assert rule.source.startswith(("gitleaks ", "https://")), rule.name
        assert all(anchors_of(rule)), rule.name


# --- cost

HOSTILE = (
    "password=", "token: ", "sk-", "eyJ-", "://a:", "-----BEGIN PRIVATE KEY-----\n", "aws ", "secret\\", "AKIA ", "/",
    "key='", "bearer ", "eyJ" + "a" * 12 + ".", "MTA.", ":AA", "-u a:", "Private-Lines: 1\n", "token 1a", "mysql ",
    "a" * 40 + " ", "pass" + "word ", "password for a ",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_long_hostile_line_costs_no_more_than_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        before = time.process_time()
        find_secrets(text)
        return time.process_time() - before

    seconds(5_000)
    # ten times the text in well under a hundred times the time: linear, with room for a noisy machine
    assert any(seconds(100_000) < 30 * max(seconds(10_000), 0.005) for _ in range(3))


# --- real files


def _real_texts(shared_data: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(shared_data.glob("memory-banks/**/*.md")):
        yield path.name, path.read_bytes().decode("utf-8", "surrogateescape")
    for path in sorted(shared_data.glob("retrieval/*/docs.jsonl")):
        for row in path.read_text(encoding="utf-8").split("\n"):
            if row:
                doc = json.loads(row)
                yield f"{path.parent.name}/{doc['id']}", f"{doc['title']}\n{doc['text']}"


def test_real_notes_raise_no_alarm(shared_data: Path) -> None:
    found = [(name, secret) for name, text in _real_texts(shared_data) for secret in find_secrets(text)]
    assert found == []


def test_redacting_tells_where_and_leaves_what_is_allowed() -> None:
    line = 'password = "k7x!Qz9#vT2m"'
    clean, found = redacted(f"first\n{line}\n")
    assert clean == 'first\npassword = "<redacted:password>"\n'
    assert [(each.rule, each.line) for each in found] == [("password", 2)]
    assert redacted(line, ("password",)) == (line, ())
