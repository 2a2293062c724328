"""How well `Bank.search` finds in a developer's bank: recall, nDCG and MRR by kind of question, on our own frozen set.

    python -m tests.benchmarks.developer [--typos N] [--semantic] [--distinct] [--json] [--against BEFORE.json]

The bank is made from `developer_bank/memories.jsonl` through the facade, in a temporary folder; then each question of
`developer_bank/questions.jsonl` is asked. What is counted: the first ten hits as they are shown, so that a second hit
of the same memory takes a place and finds nothing; with `--distinct`, the first ten memories instead. Recall at k is
the share of the answers (grade 2) among the first k hits, of those that fit into k; nDCG uses both grades; MRR is one
divided by the place of the first answer. Intervals are 95 % by bootstrap over questions.

For questions that no memory answers, the score of the best hit is compared with that of the answerable ones: AUC is the
chance that an answerable question has the higher one. `--typos N` puts N slips into each question, always the same.
`--json` prints every question; a later run compares itself with that file, question by question (`--against`).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank import Bank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from memorybank import Hit

FOLDER = Path(__file__).resolve().parent / "developer_bank"
LIMIT = 10
ANSWER = 2
RESAMPLED = 2000
MEASURES = ("r@1", "r@5", "r@10", "ndcg@10", "mrr")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Question(NamedTuple):
    """A question, its kind, and the grade of each memory that answers it (2) or helps (1)."""

    id: str
    kind: str
    question: str
    gold: dict[str, int]


class Asked(NamedTuple):
    """What a question found: the memory of each hit, best first, and the score of the best hit."""

    question: Question
    found: tuple[str, ...]
    top: float

    def measures(self) -> dict[str, float]:
        """Return every measure of this question; it has at least one answer."""
        gold = self.question.gold
        answers = {name for name, grade in gold.items() if grade == ANSWER}
        first = {name: place for place, name in reversed(list(enumerate(self.found, 1)))}
        places = [first[name] for name in answers if name in first]
        recall = {f"r@{k}": sum(place <= k for place in places) / min(k, len(answers)) for k in (1, 5, LIMIT)}
        gain = sum((2**grade - 1) / math.log2(first[name] + 1) for name, grade in gold.items() if name in first)
        best = sorted(gold.values(), reverse=True)[:LIMIT]
        ideal = sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(best, 1))
        return {**recall, "ndcg@10": gain / ideal, "mrr": 1 / min(places) if places else 0.0}


def memories() -> list[dict[str, Any]]:
    """Return the memories in the order in which they were written down."""
    return [json.loads(line) for line in (FOLDER / "memories.jsonl").read_text(encoding="utf-8").splitlines()]


def questions() -> list[Question]:
    """Return all questions."""
    lines = (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


class Places:
    """Which memory a hit belongs to: the record it names, its file, or the line of a memory file with its text."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self._lines: list[tuple[str, str]] = []

    def add_line(self, text: str, memory: str) -> None:
        """Remember a line of a memory file, a fact or a title of the log."""
        self._lines.append((_plain(text), memory))

    def memory_of(self, hit: Hit) -> str:
        """Return the memory's name, or the hit's address if it shows no memory."""
        if hit.id in self.records:
            return self.records[hit.id]
        named = f"{hit.path} {hit.text}"
        places = {ident: named.find(ident) for ident in self.records if ident in named}
        if places:
            # of a line that is struck through, the first id is its own, the other that of its successor
            return self.records[min(places, key=places.__getitem__)]
        shown, heading = _plain(hit.text), _plain(hit.heading)
        for line, memory in self._lines:
            if line in shown or heading.endswith(line) or (len(shown) > LIMIT and shown in line):
                return memory
        return hit.address


def _plain(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum())


def build(project: Path) -> tuple[Bank, Places]:
    """Make a bank of all memories, each written on its own day."""
    bank, places = Bank.init(project), Places()
    for memory in memories():
        day = datetime.fromisoformat(memory["day"]).replace(hour=9, tzinfo=UTC)
        with variable("SOURCE_DATE_EPOCH", str(int(day.timestamp()))):
            CALLS[memory["call"]](bank, places, memory["id"], memory["arguments"])
    return bank, places


@contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for some calls."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _save(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    places.records[bank.save(**given).record.id] = name


def _decide(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    idents = {memory: ident for ident, memory in places.records.items()}
    supersedes = idents[given["supersedes"]] if "supersedes" in given else ""
    # a real team has decisions that look like contradictions and are not
    saved = bank.decide(**{**given, "supersedes": supersedes}, anyway=True)
    places.records[saved.record.id] = name


def _learn(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    places.records[bank.learn(**given).record.id] = name


def _bug(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    fix = {key: given[key] for key in ("cause", "fix", "lesson", "testing", "commit") if key in given}
    bug = bank.bugs.report(**{key: value for key, value in given.items() if key not in fix}).record
    places.records[bug.id] = name
    if fix:
        fixed = bank.bugs.fix(bug.id, **fix)
        if fixed.learning is not None:
            places.records[fixed.learning.id] = name


def _paf(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    bank.pafs.add(given["category"], given["text"], why=given["why"], status="active")
    places.add_line(given["text"], name)


def _log(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    bank.log(**given)
    for line in (given["title"], *given["items"]):
        places.add_line(line, name)


def _note(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    if given["kind"] == "focus":
        bank.focus(given["text"])
    else:
        bank.note(given["text"], kind=given["kind"], anyway=True)
    places.add_line(given["text"], name)


def _session(bank: Bank, places: Places, name: str, given: dict[str, Any]) -> None:
    started = bank.sessions.start(
        label=given["label"], goal=given["goal"], tool="claude-code", tags=given.get("tags", ())
    )
    places.records[started.record.id] = name
    for role, text in given["messages"]:
        bank.sessions.message(role, text, session_id=started.record.id)
    bank.sessions.end(started.record.id, summary=given["summary"])


CALLS: dict[str, Callable[[Bank, Places, str, dict[str, Any]], None]] = {
    "save": _save,
    "decide": _decide,
    "learn": _learn,
    "bug": _bug,
    "paf": _paf,
    "log": _log,
    "note": _note,
    "session": _session,
}


def with_slips(text: str, count: int, seed: str) -> str:
    """Return the text with so many slips of the fingers, each in a word of its own of four or more letters."""
    chance = random.Random(seed)
    words = text.split(" ")
    able = [number for number, word in enumerate(words) if len(word) > 3 and word.isascii() and word.isalpha()]
    for number in chance.sample(able, min(count, len(able))):
        word = words[number]
        # two equal letters that change places are not a slip
        while words[number] == word:
            words[number] = _slipped(word, chance)
    return " ".join(words)


def _slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    dropped = word[:at] + word[at + 1 :]
    doubled = word[:at] + word[at] + word[at:]
    other = word[:at] + chance.choice(LETTERS) + word[at + 1 :]
    return chance.choice((swapped, dropped, doubled, other))


def ask(
    bank: Bank,
    places: Places,
    asked: Iterable[Question],
    typos: int = 0,
    *,
    distinct: bool = False,
    semantic: bool | None = None,
) -> list[Asked]:
    """Ask each question and return what was found."""
    answers = []
    for each in asked:
        query = with_slips(each.question, typos, each.id)
        # a memory has a hit for each of its sections, and one for its line in a memory file
        hits = bank.search(query, limit=LIMIT * 10 if distinct else LIMIT, semantic=semantic)
        found = [places.memory_of(hit) for hit in hits]
        shown = list(dict.fromkeys(found)) if distinct else found
        answers.append(Asked(each, tuple(shown[:LIMIT]), hits[0].score if hits else 0.0))
    return answers


def second_hits(asked: Sequence[Asked]) -> str:
    """Return how many of the places were taken by a further hit of a memory that was above already."""
    shown = sum(len(each.found) for each in asked)
    twice = shown - sum(len(set(each.found)) for each in asked)
    return f"{twice} of {shown} hits are of a memory that is above already."


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean, by bootstrap."""
    chance = random.Random(11)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(RESAMPLED))
    return means[int(RESAMPLED * 0.025)], means[int(RESAMPLED * 0.975)]


def auc(high: Sequence[float], low: Sequence[float]) -> float:
    """Return the chance that one of `high` is above one of `low`; equal ones count half."""
    wins = sum((a > b) + (a == b) / 2 for a in high for b in low)
    return wins / (len(high) * len(low))


def table(answered: Sequence[Asked]) -> str:
    """Return the measures by kind and in total, as a Markdown table."""
    kinds = dict.fromkeys(each.question.kind for each in answered)
    lines = [f"| kind | n | {' | '.join(MEASURES)} |", f"| --- | ---: |{' ---: |' * len(MEASURES)}"]
    for kind in kinds:
        rows = [each.measures() for each in answered if each.question.kind == kind]
        cells = (f"{statistics.fmean(row[name] for row in rows):.3f}" for name in MEASURES)
        lines.append(f"| {kind} | {len(rows)} | {' | '.join(cells)} |")
    rows = [each.measures() for each in answered]
    cells = (spread([row[name] for row in rows]) for name in MEASURES)
    return "\n".join([*lines, f"| **all** | {len(rows)} | {' | '.join(cells)} |"])


def spread(values: Sequence[float], form: str = ".3f") -> str:
    """Return a mean with its interval."""
    low, high = interval(values)
    return f"{statistics.fmean(values):{form}} [{low:{form}}, {high:{form}}]"


def top_scores(answered: Sequence[Asked], unanswered: Sequence[Asked]) -> str:
    """Return how high the best hits of unanswerable questions score, beside the answerable ones."""
    high = [each.top for each in answered]
    lines = [
        "| best score | n | lowest | quarter | median | three quarters | highest | AUC |",
        "| --- |" + " ---: |" * 7,
    ]
    groups = {"answerable": high}
    groups |= {kind: [] for kind in dict.fromkeys(each.question.kind for each in unanswered)}
    for each in unanswered:
        groups[each.question.kind].append(each.top)
    for name, scores in groups.items():
        quarters = statistics.quantiles(scores, n=4, method="inclusive")
        cells = " | ".join(f"{value:.2f}" for value in (min(scores), *quarters, max(scores)))
        chance = "" if name == "answerable" else f"{auc(high, scores):.3f}"
        lines.append(f"| {name} | {len(scores)} | {cells} | {chance} |")
    return "\n".join(lines)


def compared(answered: Sequence[Asked], before: Path) -> str:
    """Return the change of each measure since an earlier run, with the interval of the paired differences."""
    old = {each["id"]: each for each in json.loads(before.read_text(encoding="utf-8"))["questions"]}
    lines = ["| measure | change | better | worse |", "| --- | ---: | ---: | ---: |"]
    for name in MEASURES:
        changes = [each.measures()[name] - old[each.question.id]["measures"][name] for each in answered]
        up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
        lines.append(f"| {name} | {spread(changes, '+.3f')} | {up} | {down} |")
    return "\n".join(lines)


def as_json(asked: Sequence[Asked]) -> str:
    """Return every question with its measures, what was found and the best score."""
    rows = [
        {
            "id": each.question.id,
            "kind": each.question.kind,
            "measures": each.measures() if each.question.gold else {},
            "found": each.found,
            "top": each.top,
        }
        for each in asked
    ]
    return json.dumps({"questions": rows}, ensure_ascii=False, indent=1)


def main() -> int:
    """Build the bank, ask everything, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--typos", type=int, default=0)
    options.add_argument("--semantic", action="store_true")
    options.add_argument("--distinct", action="store_true")
    options.add_argument("--json", action="store_true")
    options.add_argument("--against", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MEMORYBANK_HOME"] = f"{folder}/home"
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        project = Path(folder) / "zeitfach"
        project.mkdir()
        bank, places = build(project)
        semantic = True if given.semantic else None
        asked = ask(bank, places, questions(), given.typos, distinct=given.distinct, semantic=semantic)
    answered = [each for each in asked if each.question.gold]
    if given.json:
        print(as_json(asked))
        return 0
    print(f"{len(memories())} memories, {len(asked)} questions, {given.typos} slips in each\n")
    unanswered = [each for each in asked if not each.question.gold]
    print(table(answered), top_scores(answered, unanswered), second_hits(asked), sep="\n\n")
    if given.against:
        print(f"\n{compared(answered, given.against)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
