"""What was said and done before a turn of the user: the last text, the calls since, the edits, the turns before."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.corrections.detection.exact_values import values_in
from memorybank.corrections.detection.turns import CUT, Turn, clean, content_words, sentences_of
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.transcripts.event import Event

TURNS_KEPT = 12
_CALLS_KEPT = 24
_TEXTS_KEPT = 3
_EDITS_KEPT = 60
_TEXT_KEPT = 16_000  # of each end; more than is read, so that no secret is cut in two
_READ = 4000
_ARGUMENT = 160  # characters of one argument in the line of a call
_LINE = 400
# the arguments that say what a call does, in this order
_COMMANDS = ("command", "cmd", "script")
_FILES = ("file_path", "path", "filePath", "notebook_path", "absolute_path", "target_file", "filename")
_TELLING = (*_COMMANDS, *_FILES, "pattern", "query", "url", "prompt", "plan", "input", "description")
_OLD = ("old_string", "old_str", "oldString", "old")
_NEW = ("new_string", "new_str", "newString", "new", "new_source", "content", "file_text")
_BLANKS = later(r"\s+")
_QUESTION = ("?", "\uff1f")
_AFTER = '*_ )"\n'
_OPTIONS = 8
_WHOLE = frozenset(("code", "quoted"))


class Call(NamedTuple):
    """A call of a tool: one line about it, its file and its command, all without secrets."""

    line: str
    file: str
    command: str


class _Given(NamedTuple):
    """What a call was given, as it was written and of bounded length."""

    tool: str
    telling: tuple[str, ...]
    file: str
    command: str
    old: str
    new: str


class Setting(NamedTuple):
    """What a turn is judged against.

    `words` and `families` (values by family) are those of the texts and calls since the turn before, and of that turn;
    `families` has those of the answer before, too. `is_asked` is whether the assistant ended with a question that needs
    an answer, so that the turn answers it; `is_offered` whether that question only offers to do more. `is_answered` is
    whether the turn before was a question of the user, so that the turn is a reaction to an answer.
    """

    said: str
    calls: tuple[Call, ...]
    words: frozenset[str]
    families: Mapping[str, frozenset[str]]
    is_asked: bool
    is_offered: bool
    is_answered: bool
    is_interrupted: bool
    is_mid_turn: bool


class Conversation:
    """The state of one session, bounded, however long the session is."""

    def __init__(self, markers: Markers) -> None:
        self._markers = markers
        self.turns: deque[Turn] = deque(maxlen=TURNS_KEPT)
        self.number = 0
        self.has_answer = False  # whether the assistant has said or done something at all
        self.is_rewound = False
        self.is_interrupted = False
        self._said: deque[str] = deque(maxlen=_TEXTS_KEPT)
        self._earlier: dict[str, set[str]] = {}  # the values of the answer before, by family
        self._calls: deque[_Given] = deque(maxlen=_CALLS_KEPT)
        self._is_text_last = self._is_new = False
        self._edits: deque[_Given] = deque(maxlen=_EDITS_KEPT)

    def say(self, text: str) -> None:
        """Note a text of the assistant."""
        if text.strip():
            self._answer()
            self._is_text_last = True
            self._said.append(text if len(text) <= 2 * _TEXT_KEPT else f"{text[:_TEXT_KEPT]}\n{text[-_TEXT_KEPT:]}")

    def call(self, event: Event) -> bool:
        """Note a call of the assistant; return whether it takes back an edit that was made before."""
        given = _given(event.tool, event.arguments)
        self._answer()
        self._is_text_last = False
        self._calls.append(given)
        is_back = self._is_taken_back_by(given)
        if given.file and given.new:
            self._edits.append(given)
        return is_back

    def _is_taken_back_by(self, call: _Given) -> bool:
        """Check whether a call restores what an earlier edit replaced, or the file of one with git."""
        if call.command:
            return _restores(call.command, (edit.file for edit in self._edits))
        if not (call.file and call.old and call.new):
            return False
        edits = (edit for edit in self._edits if edit.file == call.file and edit.old and edit.old != edit.new)
        return any(edit.old in call.new and edit.new in call.old for edit in edits)

    def setting(self, *, is_mid_turn: bool) -> Setting:
        """Return what the next turn is judged against."""
        texts, calls = [clean(text) for text in self._said], tuple(map(_call_of, self._calls))
        text = "\n".join((*texts, *(call.line for call in calls)))
        families = _families(text)
        for family, values in self._earlier.items():
            families.setdefault(family, set()).update(values)
        said = texts[-1] if texts else ""
        question = self._question(said) if self._is_text_last and not is_mid_turn else ""
        last = self.turns[-1] if self.turns else None
        return Setting(
            said=said,
            calls=calls,
            words=content_words(text) | (last.words if last else frozenset()),
            families={family: frozenset(each) for family, each in families.items()},
            is_asked=bool(question),
            is_offered=bool(question) and self._markers["offer"].search(question) is not None,
            is_answered=bool(last) and not is_mid_turn and self._is_question(self.turns[-1]),
            is_interrupted=self.is_interrupted,
            is_mid_turn=is_mid_turn,
        )

    def begin(self, turn: Turn, *, is_mid_turn: bool) -> None:
        """Note a turn of the user; what the assistant does from now on is after it."""
        self.turns.append(turn)
        self.number += 1
        self.is_rewound = self.is_interrupted = False
        self._is_new = self._is_new or not is_mid_turn

    def _answer(self) -> None:
        """Forget the text and the calls before the last turn, once the assistant goes on after it."""
        if self._is_new:
            self._earlier = _families(
                "\n".join((*self._said, *(part for call in self._calls for part in call.telling)))
            )
            self._calls.clear()
            self._said.clear()
            self._is_new = False
        self.has_answer = True

    def _is_question(self, turn: Turn) -> bool:
        """Check whether a turn ends with a question that is not a request."""
        last = turn.sentences[-1] if turn.sentences else None
        return last is not None and last.is_question and not self._markers["ask"].match(last.plain)

    def _question(self, said: str) -> str:
        """Return the question that a text ends with; "" for one whether to go on, which needs no other answer."""
        last = said.rstrip(_AFTER).rsplit("\n\n", 1)[-1]
        sentences = sentences_of(last)[-_OPTIONS:]
        asked = [each for each in sentences if each.text.rstrip(_AFTER).endswith(_QUESTION)]
        # the options of a question may be after it
        if not asked or not (asked[-1] in sentences[-2:] or "\n" in last):
            return ""
        return "" if self._markers["proceed"].search(asked[-1].plain) else asked[-1].plain


def _families(text: str) -> dict[str, set[str]]:
    """Return the exact values of a text by family."""
    families: dict[str, set[str]] = {}
    for value in values_in(text):
        families.setdefault(value.family, set()).add(value.text)
        # of `chmod 777 run.sh` the number can be replaced, too
        for part in values_in(value.text) if value.kind in _WHOLE and " " in value.text else ():
            families.setdefault(part.family, set()).add(part.text)
    return families


def call_of(tool: str, arguments: Mapping[str, Any]) -> Call:
    """Return a call of a tool, without secrets."""
    return _call_of(_given(tool, arguments))


def _given(tool: str, arguments: Mapping[str, Any]) -> _Given:
    is_command = any(name in arguments for name in _COMMANDS)
    # what a command is for stands beside it: the call is the command
    names = [name for name in _TELLING if name != "description" or not is_command]
    telling = [value for value in (_first(arguments, (name,)) for name in names) if value]
    old, new, file = _first(arguments, _OLD), _first(arguments, _NEW), _first(arguments, _FILES)
    if not (telling or old or new):
        # with its name, as only that says of some values that they are secret
        telling = [
            f"{name}={value}"[:_READ]
            for name, value in list(arguments.items())[:3]
            if isinstance(value, str | int | float)
        ]
    return _Given(tool[:_ARGUMENT], tuple(telling), file, _first(arguments, _COMMANDS), old, new)


def _call_of(given: _Given) -> Call:
    parts = [short(value) for value in given.telling]
    if given.old or (given.new and given.file):
        parts.append(f"{short(given.old)} \u2192 {short(given.new)}" if given.old else short(given.new))
    line = " ".join((clean(given.tool), *parts)).strip()
    line = line if len(line) <= _LINE else f"{line[:_LINE]} {CUT}"
    return Call(line, short(given.file, _LINE), short(given.command, _LINE))


def short(text: str, length: int = _ARGUMENT) -> str:
    """Return the beginning of a text on one line; a secret is replaced before the text is cut."""
    line = _BLANKS.sub(" ", clean(text)).strip()
    return line if len(line) <= length else f"{line[:length]} {CUT}"


def _first(arguments: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, str) and value:
            return value[:_READ]
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value[:20]):
            return " ".join(value[:20])[:_READ]
    return ""


def _restores(command: str, files: Iterator[str]) -> bool:
    words = command.split()
    if "git" not in words:
        return False
    rest = words[words.index("git") + 1 :]
    if not rest:
        return False
    if rest[0] in ("restore", "revert") or (rest[0] == "reset" and "--hard" in rest):
        return True
    names = [word for word in rest[1:] if not word.startswith("-")]
    return rest[0] == "checkout" and ("--" in rest or any(_is_of(file, name) for file in files for name in names))


def _is_of(file: str, name: str) -> bool:
    return name in (".", file) or file.endswith(f"/{name}") or f"/{name.strip('/')}/" in f"/{file}"
