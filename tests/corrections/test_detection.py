"""What the detector finds, rule by rule, and what it must not find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.detection.detect import find_corrections
from memorybank.corrections.detection.exact_values import values_in
from memorybank.corrections.detection.markers import Phrases, languages_of, load_markers, plain
from memorybank.corrections.detection.rules import DENIED, RULES
from memorybank.corrections.evaluation.detector import evaluate_detector
from memorybank.corrections.evaluation.labelled import read_labelled
from memorybank.corrections.transcripts.event import Event

if TYPE_CHECKING:
    from memorybank.records.corrections.correction import Correction

LABELLED = Path(__file__).parent / "labelled"
MARKERS = load_markers()
PORT = (Event("said", "human", "add a healthcheck"), Event("said", "assistant", "The service listens on port 8080."))


def human(text: str, **more: object) -> Event:
    return Event("said", "human", text, **more)  # type: ignore[arg-type]


def assistant(text: str) -> Event:
    return Event("said", "assistant", text)


def bash(command: str) -> Event:
    return Event("call", "assistant", tool="Bash", arguments={"command": command})


def edit(file: str, old: str, new: str) -> Event:
    return Event("call", "assistant", tool="Edit", arguments={"file_path": file, "old_string": old, "new_string": new})


def found(*events: Event) -> list[Correction]:
    numbered = (event._replace(line=line) for line, event in enumerate(events, 1))
    return list(find_corrections(numbered, MARKERS, client="claude-code", file="a.jsonl"))


def rules_of(*events: Event) -> list[str]:
    return [each.rule for each in found(*events)]


def test_precision_and_recall_on_the_labelled_turns() -> None:
    """Sessions of the set `test` were not looked at when the rules were made."""
    labelled = read_labelled(LABELLED)
    for figures in (evaluate_detector(labelled, rounds=0), evaluate_detector(labelled.only("test"), rounds=0)):
        assert figures.stale_count == 0
        assert (figures.precision.value or 0) >= 0.85, figures.errors
        assert (figures.recall.value or 0) >= 0.7, figures.errors
    assert len(labelled.labels) >= 400


def test_a_denial_with_a_comment_is_about_the_denied_call() -> None:
    call = bash("rm -rf dist build")
    denied = Event("denied", "human", "keep build, only remove dist", tool=call.tool, arguments=call.arguments)
    (correction,) = found(human("clean up"), call, denied)
    assert (correction.rule, correction.premise.tool, correction.tier) == (DENIED, "Bash rm -rf dist build", "critical")
    assert correction.commands == ("rm -rf dist build",)


def test_a_denial_without_a_comment_is_no_correction() -> None:
    assert rules_of(human("clean up"), bash("rm -rf dist"), Event("denied", "human", tool="Bash")) == []


def test_an_instruction_after_an_interrupt_is_about_the_stopped_call() -> None:
    stopped = (human("release it"), bash("npm run build"), Event("interrupted", "human"))
    (correction,) = found(*stopped, human("make release, the npm script is broken"))
    assert (correction.rule, correction.premise.tool) == ("interrupt-then-instruction", "Bash npm run build")
    for text in ("sorry, go on", "continue", "what does that do?", "ok"):
        assert rules_of(*stopped, human(text)) == [], text


def test_a_changed_request_after_a_rewind() -> None:
    first = (
        human("add a search box to the user list"),
        assistant("It filters in the browser."),
        Event("rewound", "human"),
    )
    assert rules_of(*first, human("add a search box to the user list, it asks the server")) == ["rewind"]
    assert rules_of(*first, human("add a search box to the user list")) == []
    assert rules_of(*first, human("show me the git log")) == []


def test_an_edit_that_is_taken_back_by_order() -> None:
    done = (human("tidy up a.py"), edit("a.py", "timeout = 30", "timeout = 5"), assistant("I tidied up `a.py`."))
    (by_words,) = found(*done, human("undo that, i only wanted the imports sorted"))
    assert by_words.rule == "undone-edit"
    (by_deed,) = found(*done, human("uploads need a lot of time"), edit("a.py", "timeout = 5", "timeout = 30"))
    assert by_deed.text == "uploads need a lot of time"
    assert rules_of(*done, human("add an undo button to the page")) == []


def test_a_request_that_is_made_again() -> None:
    request = "add a retry to fetchProducts, 3 times with backoff"
    assert rules_of(human(request), assistant("I added a retry to fetchOrders."), human(request)) == [
        "repeated-request"
    ]
    assert rules_of(human("run the tests"), assistant("All pass."), human("run the tests")) == []


def test_mid_turn_text_counts_once_and_only_if_it_changes_the_course() -> None:
    working = (human("write e2e tests"), edit("a.spec.ts", "", 'import "@playwright/test"'))
    queued = (human("we use cypress", is_mid_turn=True), human("we use cypress", is_mid_turn=True))
    assert rules_of(*working, *queued) == ["mid-turn"]
    assert rules_of(*working, human("when you're done also update the changelog", is_mid_turn=True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "no, 9090",
        "port is 9090",
        "that's wrong, it should be 9090",
        "shouldn't this be 9090?",
        "can you use 9090 instead?",
        "thanks! but never use 8080, the proxy is there",
        "you forgot the admin port",
        "nein, der Port heißt 9090",
        "non, il faut le port 9090",
        "no, debería ser 9090",
        "não, tem que ser 9090",
        "нет, порт должен быть 9090",
        "不对\uff0c应该是 9090",
        "違います、9090 にしてください",
        # short forms, an absolute refusal, an order at the end of its sentence, a word that presses
        "u forgot the admin port",
        "auf keinen Fall! Der Port ist fest",
        "ni hablar, el puerto es fijo",
        "ポートは公開しないで",
        "9090 for the service obviously",
        "admin port not service port",
        "omg do NOT publish it on a port",
        "8080 collides with the service of my colleague",
        "the port was closed for a reason",
        "pull requests from forks need it too, say the admins",
        "slack, nobody reads mails",
    ],
)
def test_a_correction_in_words(text: str) -> None:
    (correction,) = found(*PORT, human(text))
    assert (correction.rule, correction.premise.text) == ("marker", "The service listens on port 8080.")


@pytest.mark.parametrize(
    "text",
    [
        "no problem",
        "no worries, thanks",
        "actually, great",
        "no, that's fine",
        "nothing else",
        "don't worry about it",
        "not bad",
        "wait for CI",
        "why not use 9090?",
        "what is wrong with 9090?",
        'the reviewer wrote "no, it should be 9090"',
        "> no, it should be 9090\n\nis that so?",
        "it fails:\n```\nError: wrong port, use 9090 instead\n```",
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: no, should be an int',
        "add a readme",
        "perfect, thank you!",
        "now the same for the orders service",
        "kein Problem",
        "pas de souci",
        "sem problema",
        "нет проблем",
        "没问题",
        "ran it twice, no failures",
        "\U0001f44f startup went down to 2s",
        "Commit-Messages auf Deutsch schreiben",
        "нет вопросов",
        "yep go for it, max 64 clients",
        "That's low. Any ideas?",
        "the customer said the invoice header should be blue, please change it",
        "thread 'main' panicked at src/a.rs:1:2:\nno, use spaces instead\nnote: run with `RUST_BACKTRACE=1`",
    ],
)
def test_no_correction_in_words(text: str) -> None:
    assert rules_of(*PORT, human(text)) == []


def test_the_first_request_of_a_session_corrects_nothing() -> None:
    assert rules_of(human("no, don't use a framework. the port should be 9090 instead of 8080")) == []


def test_an_answer_to_a_question_is_no_correction() -> None:
    asked = (*PORT, assistant("Should I also open it to the internet?"))
    for text in ("no", "no, only in production", "not now", "9090"):
        assert rules_of(*asked, human(text)) == [], text
    assert rules_of(*asked, human("no. and you broke the old port")) == ["marker"]
    for text in ("the port should be 9090", "never open a port below 9000", "no, the port is 9090"):
        assert rules_of(*asked, human(text)) == ["marker"], text
    ready = (*PORT, assistant("I will use port 8080. Shall I proceed?"))
    assert rules_of(*ready, human("no, we use 9090")) == ["marker"]


def test_text_of_other_speakers_is_no_correction() -> None:
    text = "no, that's wrong, use 9090 instead"
    for event in (Event("result", "harness", text), Event("said", "harness", text), Event("said", "subagent", text)):
        assert rules_of(*PORT, event) == []
    assert rules_of(*PORT, human(f"<system-reminder>{text}</system-reminder>")) == []


def test_a_value_that_has_to_be_said_again() -> None:
    asked, answer = human("set the seed to 1337 and train again"), bash("python train.py --seed 42")
    assert rules_of(*PORT, asked, answer, human("seed 1337")) == ["repeated-request"]


def test_a_value_in_a_quoted_command_can_be_replaced() -> None:
    answer = assistant("The bit was missing, so I ran `chmod 777 deploy.sh`.")
    assert rules_of(*PORT, human("why does it fail?"), answer, human("con 750 basta")) == ["marker"]


def test_what_is_said_of_a_stopped_dangerous_command_is_critical() -> None:
    (correction,) = found(*PORT, bash("rm -rf build dist"), Event("interrupted", "human"), human("keep build"))
    assert (correction.rule, correction.tier) == ("interrupt-then-instruction", "critical")


def test_the_tier_of_a_denied_command_sees_past_its_options() -> None:
    denied = {"tool": "Bash", "arguments": {"command": "terraform -chdir=infra apply -auto-approve"}}
    (correction,) = found(Event("denied", "human", "i want to see the plan", **denied))  # type: ignore[arg-type]
    assert correction.tier == "critical"


def test_exact_values_are_kept_letter_for_letter() -> None:
    (correction,) = found(
        *PORT, human("no, `getPort()` is 9090 on db.internal.acme.dev, see src/net/port.ts and --no-tls")
    )
    assert correction.values == ("getPort()", "9090", "db.internal.acme.dev", "src/net/port.ts", "--no-tls")
    assert [value.text for value in values_in("ask me@example.org and/or us")] == []
    assert [value.text for value in values_in("本番は4コアしかない")] == ["4"]
    assert [value.text for value in values_in("2021-2026, at 3am, from ubuntu:24.04")] == [
        "2021-2026",
        "3am",
        "ubuntu:24.04",
    ]


def test_secrets_and_hidden_text_do_not_leave() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    text = f"no, the port is 9090 \x1b[31mred\x1b[0m \u202e token={secret}"
    (correction,) = found(human("go"), assistant(f"I set the token {secret} and port 8080."), human(text))
    assert secret not in repr(correction)
    assert not any(hidden in correction.text for hidden in ("\x1b", "\u202e", "[31m"))


def test_the_name_of_an_argument_says_that_its_value_is_secret() -> None:
    call = Event("denied", "human", "no, not there", tool="mcp__db__open", arguments={"password": "Sup3rS3cret99x!"})
    (correction,) = found(human("go"), call)
    assert correction.premise.tool == "mcp__db__open password=<redacted:password>"


def test_a_secret_at_a_cut_does_not_leave() -> None:
    """Where a long text is cut, the part of a secret that is left would not be known as one any more."""
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    for length in (130, 150, 380, 3980, 7980, 7995, 11990, 15980):
        padding = "x " * (length // 2)
        events = (
            human("go"),
            assistant(f"{padding}{secret} {padding}"),
            bash(f"{padding}{secret} {padding}"),
            Event(
                "denied",
                "human",
                f"no {padding}{secret} {padding}",
                tool="Bash",
                arguments={"command": padding + secret},
            ),
            human(f"no, that is wrong {padding}{secret} {padding * 3}"),
        )
        corrections = found(*events)
        assert len(corrections) == 2
        assert not any(secret[i : i + 12] in repr(corrections) for i in range(len(secret) - 11)), length


def test_a_long_turn_is_cut_around_what_it_corrects() -> None:
    around = "the summary is readable and the output is fine. " * 40
    (correction,) = found(*PORT, human(f"{around}The one thing that is off: the port has to be 9090. {around}"))
    assert "has to be 9090" in correction.text
    assert len(correction.text) < 900
    assert correction.text.startswith("[\u2026] ")
    assert correction.text.endswith(" [\u2026]")


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("never delete anything in production", "critical"),
        ("no, port 9090", "high"),
        ("no, always ask before you refactor", "medium"),
        ("too verbose", "low"),
        ("no, the tests live in tests/unit", "high"),
        ("no, drop the emojis", "low"),
    ],
)
def test_the_tier_follows_from_the_text(text: str, tier: str) -> None:
    assert [each.tier for each in found(*PORT, human(text))] == [tier]


def test_a_copied_turn_is_found_once_and_has_the_same_id_in_another_log() -> None:
    said = human("no, 9090", ident="u-1", at="2026-03-01T10:00:00Z", session="s")
    (one,) = found(*PORT, said, said)
    (other,) = found(*PORT, said)
    assert one.id == other.id
    assert one.id.startswith("cor-20260301-")


def test_the_position_is_the_place_in_the_topic() -> None:
    events = [*PORT]
    for port in (9090, 9091, 9092):
        events += (human(f"no, port {port}"), assistant(f"The port is {port} now."))
    assert [each.position for each in found(*events)] == [0.333, 0.667, 1.0]


def test_markers_of_the_settings_that_are_there_already_change_nothing() -> None:
    own = load_markers(extra=["actually", "No", "correction", "instead", "should be", "that's wrong"])
    for text in ("what should be done instead?", "no problem", "actually, great", "is there no way to do it?"):
        assert list(find_corrections([*PORT, human(text)], own, client="c")) == []
    assert len(list(find_corrections([*PORT, human("no, it should be 9090")], own, client="c"))) == 1


def test_markers_of_the_settings_and_of_the_bank_are_added(tmp_path: Path) -> None:
    text = human("kaboom the weather")
    assert rules_of(*PORT, text) == []
    own = load_markers(extra=["kaboom"])
    assert [each.rule for each in find_corrections([*PORT, text], own, client="c")] == ["marker"]
    (tmp_path / "markers.tsv").write_text("wrong\tnl\tklopt niet\n", "utf-8")
    dutch = load_markers(["de"], own=tmp_path)
    assert [each.rule for each in find_corrections([*PORT, human("dat klopt niet")], dutch, client="c")] == ["marker"]
    assert "nl" in languages_of(tmp_path)


def test_phrases_that_a_text_may_have_find_what_all_phrases_find() -> None:
    rows = (json.loads(line) for log in LABELLED.glob("*.jsonl") for line in log.read_text("utf-8").split("\n") if line)
    texts = {plain(row["text"]) for row in rows if row.get("speaker") == "human" and "text" in row}
    assert len(texts) > 500
    matches = 0
    for name, phrases in MARKERS.phrases.items():
        whole = Phrases(name, phrases).whole()
        for text in sorted(texts)[::8]:
            found = [match.span() for match in Phrases(name, phrases).finditer(text)]
            assert found == [match.span() for match in whole.finditer(text)], (name, text)
            matches += len(found)
    assert matches > 500


def test_only_the_named_languages_count() -> None:
    german = human("das ist falsch")
    assert list(find_corrections([*PORT, german], load_markers(["fr"]), client="c")) == []
    assert len(list(find_corrections([*PORT, german], load_markers(["de"]), client="c"))) == 1


def test_each_rule_has_a_manual_page() -> None:
    assert all(rule.__doc__ for rule in RULES.values())
