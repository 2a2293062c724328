"""Exact values in a text: hosts, ports, flags, paths, versions, numbers with units, names in quotes or code.

They are kept letter for letter, as a correction is about them: a summary that says "another port" is worth nothing.
E-mail addresses are left out: they are of people. A text is cut at blanks first and each short part is matched as a
whole, so the work is linear in the length of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 120
MOST = 24
_SUFFIXES = (
    "c cc cfg cjs conf cpp cs css csv dart env ex exs gd go gradle h hpp html ini ipynb java js json jsonl jsx kt kts "
    "less lock log lua md mdx mjs php pl plist png properties proto py pyi r rb rs rst sass scala scss sh sql svelte "
    "svg swift tf tfvars toml ts tsv tsx txt vue xlsx xml yaml yml zig parquet"
).replace(" ", "|")
_ENDINGS = (
    "com|org|net|io|dev|app|cloud|internal|local|corp|lan|test|example|edu|gov|ai|co|de|fr|uk|eu|us|ru|cn|jp|br|es|pt"
    "|it|nl|ch|at|pl|svc|cluster|intranet|home|info"
)
_UNITS = (
    "ms|us|ns|sec|secs|seconds?|mins?|minutes?|hours?|hrs?|days?|weeks?|months?|years?|kb|mb|gb|tb|kib|mib|gib|ki|mi|gi"
    "|bytes?|bits?|px|em|rem|vh|vw|pt|%|percent|req|requests?|rps|qps|rows?|lines?|items?|chars?|characters?|spaces?"
    "|times|retries|workers?|threads?|replicas?|eur|usd|k|m|g|s|h|d|x"
)
_QUOTED = later(
    "(?P<code>`[^`\n]{1,120}`)|(?<!\\w)(?P<quoted>\"[^\"\n]{1,80}\"|'[^'\n]{2,80}'(?!\\w)|\u201c[^\u201d\n]{1,80}\u201d"
    "|\u201e[^\u201c\u201d\n]{1,80}[\u201c\u201d]|\u00ab[^\u00bb\n]{1,80}\u00bb|\u300c[^\u300d\n]{1,80}\u300d)"
)
_TOKEN = later(r"[^\s\u3000-\u3002\uff0c\uff1b\uff1a\uff01\uff1f]+")
_AROUND = ".,;:!?()[]{}<>\"'`*|\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u2026"
# in a text without spaces a name is between the letters
_LATIN = later(r"[!-~]{2,}|\d")
# each part of a text has the first of these forms that it has as a whole
_FORMS = {
    "mail": (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",),
    "url": (r"[a-zA-Z][a-zA-Z0-9+.-]{1,15}://.+",),
    "ip": (r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:/\d{1,2})?", r"::1", r"[0-9a-f]{1,4}(?:::?[0-9a-f]{1,4}){3,7}"),
    "flag": (r"--[a-zA-Z][\w-]*(?:=.+)?", r"-[a-zA-Z]"),
    "variable": (r"\$\{?[A-Za-z_]\w*\}?", r"_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:=.+)?", r"%[A-Z_]+%"),
    "day": (
        r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z?)?",
        r"\d{1,2}:\d{2}(?::\d{2})?",
        r"\d{1,2}(?::\d{2})?(?i:am|pm)",
    ),
    "version": (
        r"[v^~=]{1,2}\d+(?:\.(?:\d+|x|\*))*(?:-?(?:alpha|beta|rc|dev)[.\d]*)?",
        r"\d+(?:\.(?:\d+|x|\*)){1,3}(?:-?(?:alpha|beta|rc|dev)[.\d]*)?",
    ),
    "hex": (r"0x[0-9a-fA-F]+", r"#[0-9a-fA-F]{3,8}", r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}"),
    "amount": (rf"(?i:[$\u20ac\u00a3]\d[\d.,]*|\d[\d.,]*(?:[$\u20ac\u00a3]|{_UNITS}))",),
    "number": (r"[#+-]?\d[\d,_]*", r"\d+-\d+"),
    "host": (
        rf"(?:[a-zA-Z0-9](?:[\w-]*\w)?\.)+(?:{_ENDINGS})(?::\d{{1,5}})?",
        r"localhost(?::\d{1,5})?",
        r"[a-zA-Z][\w.-]*:\d{2,5}",
    ),
    "path": (
        r"(?:~|\.{1,2})?(?:/[\w.@+*{}\[\]%$-]+)+/?",
        r"(?:[A-Za-z]:|\.{1,2}|\\)(?:[/\\][\w.@+*{}\[\]%$-]+)+[/\\]?",
        r"(?:[\w.@+*{}\[\]$-]+/)+[\w.@+*{}\[\]$-]*(?::\d+)?",
        rf"[\w.@+*-]+\.(?:{_SUFFIXES})(?::\d+)?",
        r"\.[a-z][\w.-]+",
    ),
    "name": (
        r"\w*[a-z\d]_\w+",
        r"_\w+",
        r"[a-z]+[a-z\d]*(?:[A-Z][A-Z]?[a-z\d]+)+",
        r"[A-Z][a-z\d]+(?:[A-Z][A-Z]?[a-z\d]*)+",
        r"[A-Za-z_]\w*(?:(?:\.|::|->|#)[A-Za-z_]\w*)+(?:\(\))?",
        r"[A-Za-z_][\w.]*\(.{0,40}\)",
        r"@[a-z][\w-]*(?:/[\w.-]+)?",
        r"[A-Z]{2,}-\d+",
        r"[a-z][\w./-]*:v?\d[\w.-]*\.[\w.-]+",
        r"[A-Za-z]+(?:-[A-Za-z\d]+)*-?\d[\w-]*",
        r"[A-Za-z\d]+(?:-[A-Za-z\d]+){2,}",
        r"[A-Z][a-z]?(?:-[A-Z][a-z]+)+",
    ),
}
_ANY = later("|".join(f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in _FORMS.items()))
_UNIT = later(rf"(?i:{_UNITS})")
# words with a slash that are no path
_WORDS = frozenset(("and/or", "either/or", "he/she", "i/o", "n/a", "w/o", "w/", "a/b", "yes/no", "/", "on/off", "1/2"))
# what differs in the same place: 9090 for 8080, `src/api` for `src/utils`
_FAMILIES = {"ip": "host", "url": "host", "version": "number", "hex": "number"}
# units that replace each other
_TIMES = (
    "ms us ns s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days week weeks month "
    "months year years"
)
_SIZES = "k kb mb gb tb kib mib gib ki mi gi g byte bytes bit bits"
_SORTS = {
    "time": frozenset(_TIMES.split()),
    "size": frozenset(_SIZES.split()),
    "money": frozenset(("$", "\u20ac", "\u00a3", "eur", "usd")),
}
_NO_UNIT = later(r"[\d\s.,]+")


class Value(NamedTuple):
    """An exact value as it was written, without the quotes around it, and its kind."""

    kind: str
    text: str

    @property
    def family(self) -> str:
        """The kind of values that it can replace: a time replaces a time, and no size."""
        if self.kind == "amount":
            unit = _NO_UNIT.sub("", self.text).lower()
            return next((name for name, units in _SORTS.items() if unit in units), f"amount of {unit}")
        return _FAMILIES.get(self.kind, self.kind)


def values_in(text: str) -> list[Value]:
    """Return the exact values of a text, in order; the same one once."""
    found: dict[str, Value] = {}
    at = 0
    for match in _QUOTED.finditer(text):
        _add(found, _bare_values(text[at : match.start()]))
        inner = match[0][1:-1].strip()
        whole = _value_of(inner)
        _add(found, [Value(whole.kind if whole and whole.text == inner else match.lastgroup or "", inner)])
        at = match.end()
    _add(found, _bare_values(text[at:]))
    return list(found.values())


def texts_of(values: Iterable[Value]) -> tuple[str, ...]:
    """Return the texts of values as a correction keeps them, a bounded number."""
    return tuple(value.text for value in values)[:MOST]


def _add(found: dict[str, Value], values: Iterable[Value]) -> None:
    for value in values:
        if value.text and len(value.text) <= LONGEST and "<redacted" not in value.text:
            found.setdefault(value.text, value)


def _bare_values(text: str) -> Iterator[Value]:
    tokens = [part for token in _TOKEN.findall(text) for part in ((token,) if token.isascii() else _parts(token))]
    for number, token in enumerate(tokens):
        value = _value_of(token)
        if value is None:
            continue
        if value.kind == "number" and number + 1 < len(tokens) and token[-1:].isdigit():
            unit = tokens[number + 1].strip(_AROUND)
            if len(unit) > 1 and _UNIT.fullmatch(unit):
                value = Value("amount", f"{value.text} {unit}")
        yield value


def _parts(token: str) -> list[str]:
    return [token] if _value_of(token) else _LATIN.findall(token)


def _value_of(token: str) -> Value | None:
    """Return the value that a part of a text is as a whole."""
    if len(token) > LONGEST:
        return None
    left = token.lstrip("([{<\"'`*|,;:!?\u201c\u201e\u00ab\u300c")
    bare = left.rstrip(_AROUND)
    if left[len(bare) :].startswith("()"):
        bare += "()"
    # most parts are plain words: only the others are matched against the forms
    if not bare or (bare.isalpha() and (bare.islower() or bare.istitle() or bare.isupper())) or bare.lower() in _WORDS:
        return None
    match = _ANY.fullmatch(bare)
    if match is None or match.lastgroup == "mail":
        return None
    return Value(match.lastgroup or "", bare)
