"""A turn of the user as it is judged: its own words in sentences, without code, quotes and pasted logs."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from memorybank.corrections.detection.exact_values import Value, values_in
from memorybank.corrections.detection.markers import plain
from memorybank.document.text import without_hidden
from memorybank.patterns import later
from memorybank.recall.words.terms import SMALL_WORDS, words_of
from memorybank.secrets.scan import redact

CUT = "[\u2026]"
# more than a person types: the beginning and the end are read
READ = 12_000
_MARGIN = 4000
_MOST_SENTENCES = 200
_WORDS_READ = 4000  # characters of a text whose words are compared
_ESCAPE = later("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b\n]*(?:\x07|\x1b\\\\)?|\x9b[0-?]*[ -/]*[@-~]")
_FENCE = later(r"^[ \t]{0,3}(`{3,}|~{3,})")
_QUOTE = later(
    '(?<!\\w)(?:"[^"\n]{3,400}"|\u201c[^\u201d\n]{3,400}\u201d|\u00ab[^\u00bb\n]{3,400}\u00bb'
    "|\u300c[^\u300d\n]{3,400}\u300d)"
)
_PASTED = later(
    r"\s*(?:"
    r"[\[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[\[(]?\d\d:\d\d:\d\d|\w{3} +\d{1,2} \d\d:\d\d|[A-Z]/[\w.$]+[:(]"
    r"|[\[<]?(?:INFO|WARN|WARNING|ERROR|DEBUG|FATAL|TRACE|CRITICAL)\b[\]>: ]|npm (?:ERR!|error|warn)"
    r"|(?:error|warning)(?:\[\w+\])?: |Error: |[\w.]+(?:Error|Exception)\b ?:|Caused by|Exception in thread|panic: "
    r"|Traceback \(|File \"|at [\w.$<>]+ ?\(|at /|\w+(?:\.\w+)+\(\w+\.java|\.\.\. \d+ more|goroutine \d|thread '"
    r"|(?:FAILED|PASSED|ERROR) \S+::|E   |[$%#] \w|>>> |\w+@[\w.-]+[:~].*[$#] "
    r"|(?:note|help|hint): |\+\+\+ |--- [ab/]|@@ |diff --git|[+-]\s{2,}\S|[|\u2502]|\^+\s*$|={5,}|-{5,})"
)
_CODE = later(
    r"\s*(?:[{}\[\]();]+,?$|\S.*[;{]\s*$|</?\w+[^>]*>\s*$|\"[\w-]+\":"
    r"|(?:def|class|import|from|const|let|var|function|return|public|private|if|for|while|fn|func|SELECT|INSERT)\b"
    r".*[;{:(]\s*$)"
)
_SPLIT = later(r"(?<=[.!?\u2026])[\"')]*\s+|(?<=[\u3002\uff01\uff1f\uff1b])|[\n;]+|\s[-\u2013\u2014]{1,2}\s")
_BLANKS = later(r"\s+")


class Sentence(NamedTuple):
    """One sentence as it was written, and in the form in which markers are compared, without what it quotes."""

    text: str
    plain: str
    is_question: bool


class Turn(NamedTuple):
    """What a person typed.

    `text` has no secrets and no hidden characters, `sentences` only the person's own words. `words` are the stems of
    all words that mean something.
    """

    text: str
    sentences: tuple[Sentence, ...]
    words: frozenset[str]
    ident: str = ""

    @property
    def length(self) -> int:
        """The number of words of its sentences."""
        return sum(sentence.plain.count(" ") + 1 for sentence in self.sentences)

    def values(self) -> list[Value]:
        """Return the exact values of its text."""
        return values_in(self.text)


def turn_of(text: str, ident: str = "") -> Turn:
    """Return a text of a person as a turn."""
    whole = clean(text)
    return Turn(whole, sentences_of(own_words(whole)), content_words(whole), ident)


def clean(text: str) -> str:
    """Return a text without secrets, terminal escapes and hidden characters; of a very long one both ends."""
    if len(text) <= READ:
        return _shown(text)
    head, tail = READ * 2 // 3, READ // 3
    # more is looked at than is kept, so that no secret is cut in two and then not known
    return f"{_shown(text[: head + _MARGIN])[:head]}\n{CUT}\n{_shown(text[-tail - _MARGIN :])[-tail:]}"


def _shown(text: str) -> str:
    return redact(without_hidden(_ESCAPE.sub("", text))[0]).strip()


def own_words(text: str) -> str:
    """Return what a person wrote, without fenced code, quoted lines, logs and stack traces."""
    kept: list[str] = []
    fence = ""
    log_end = -1  # the number of kept lines when a line of a log was left out, in this paragraph
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        elif _PASTED.match(line):
            # what is between two lines of a log is of it
            del kept[log_end if log_end >= 0 else len(kept) :]
            log_end = len(kept)
        elif not (line.lstrip().startswith(">") or _CODE.match(line)):
            log_end = log_end if line.strip() else -1
            kept.append(line)
    return "\n".join(kept)


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text, of a long one the first and the last."""
    found: list[Sentence] = []
    for part in _SPLIT.split(text):
        text = part.strip(" \t-*\u2022")
        if text:
            shape = _BLANKS.sub(" ", plain(_QUOTE.sub(" \u2026 ", text)))
            found.append(Sentence(text, shape, text.rstrip("\"')!").endswith(("?", "\uff1f"))))
    half = _MOST_SENTENCES // 2
    return tuple(found if len(found) <= _MOST_SENTENCES else [*found[:half], *found[-half:]])


def content_words(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that mean something; scripts without spaces count as pairs of letters."""
    if len(text) > _WORDS_READ:
        text = f"{text[: _WORDS_READ // 2]} {text[-_WORDS_READ // 2 :]}"
    return frozenset(words_of(text)) - _small_words()


@cache
def _small_words() -> frozenset[str]:
    return frozenset(words_of(" ".join(SMALL_WORDS))) | {"ok", "okay", "thank", "thx", "nice", "great", "good"}
