"""Words in front matter: read them as written, and change lists so that the words that stay keep their bytes.

YAML reads `yes` as true, `1.10` as 1.1 and `007` as 7. In fields of words, such as tags, the characters count. Nodes
are those that PyYAML composes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from memorybank.document.source import Source

_STR = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_TIME = "tag:yaml.org,2002:timestamp"


class ListSpan(NamedTuple):
    """The characters to replace, and the new text, to change the words of a list."""

    start: int
    end: int
    text: str


def keep_as_written(root: Any, fields: Collection[str]) -> None:
    """Mark the plain scalars of these fields, and of their lists, as text; a field without a value keeps none."""
    for pair in root.value if root is not None and isinstance(root.value, list) else ():
        key, node = pair if isinstance(pair, tuple) else (pair, pair)
        if key.value in fields if isinstance(key.value, str) else False:
            _keep_scalar(node, null=False)
            if _is_list(node):
                for each in node.value:
                    _keep_scalar(each, null=each.value != "")


def _keep_scalar(node: Any, *, null: bool) -> None:
    if isinstance(node.value, str) and node.style is None and (node.tag != _NULL or null):
        node.tag = _STR


def impossible_time(root: Any) -> Any:
    """Return the first value that looks like a date or a time but is not valid, otherwise None."""
    import yaml

    for node in _scalars(root) if root is not None else ():
        if node.tag == _TIME:
            try:
                yaml.SafeLoader("").construct_object(node)
            except (ValueError, OverflowError):
                return node
    return None


def reads_back(node: Any) -> bool:
    """Whether a plain scalar is written like its value: text, or a number, true, false or null as in JSON."""
    import yaml

    value: Any = yaml.SafeLoader("").construct_object(node)
    if value is None or isinstance(value, (bool, int, float)):
        return node.value in (json.dumps(value), repr(value))
    return True


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node.value, str):
        yield node
        return
    for each in node.value:
        for child in each if isinstance(each, tuple) else (each,):
            yield from _scalars(child)


def _is_list(node: Any) -> bool:
    return isinstance(node.value, list) and all(hasattr(each, "value") for each in node.value)


def span_of_list(
    source: Source, base: int, node: Any, value: str, eol: str, *, as_written: bool = False
) -> ListSpan | None:
    """Return the change that turns a list into another: words that stay keep their characters, quotes and comments.

    With `as_written`, words are equal if they are spelled the same, whatever their YAML type. None if one of the two
    is not a list of words, or no word stays.
    """
    import yaml

    wanted: Any = yaml.compose(value, Loader=yaml.SafeLoader) if value.startswith("[") else None
    if wanted is None or not wanted.value or not all(isinstance(each, yaml.ScalarNode) for each in wanted.value):
        return None
    if isinstance(node, yaml.ScalarNode) and as_written:
        return _line(source, base, node, [each.value for each in wanted.value])
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(each, yaml.ScalarNode) for each in node.value):
        return None
    kept = _matched(node.value, wanted.value, as_written=as_written)
    texts = [value[each.start_mark.index : each.end_mark.index] for each in wanted.value]
    if node.flow_style:
        return _flow(source, base, node, kept, texts) if any(each is not None for each in kept) else None
    return _rows(source, base, node, kept, texts, eol)


def _line(source: Source, base: int, node: Any, words: Sequence[str]) -> ListSpan | None:
    """Return the change for words separated by commas without brackets, which keeps that form."""
    import yaml

    start, end = base + node.start_mark.index, base + node.end_mark.index
    old = [part.strip() for part in node.value.split(",") if part.strip()]
    if not old or node.style is not None:
        return None
    text = ", ".join(words)
    if words[: len(old)] == old:
        text = ", ".join((source.text[start:end].rstrip(), *words[len(old) :]))
    try:
        root: Any = yaml.compose(f"x: {text}\n", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    read = root.value[0][1]
    is_same = isinstance(read, yaml.ScalarNode) and [part.strip() for part in read.value.split(",")] == list(words)
    return ListSpan(start, end, text) if is_same else None


def _matched(old: Sequence[Any], new: Sequence[Any], *, as_written: bool) -> list[int | None]:
    """Return for each new word the index of the same old word."""
    left = dict(enumerate(old))
    found: list[int | None] = []
    for each in new:
        same = (at for at, one in left.items() if one.value == each.value and (as_written or one.tag == each.tag))
        at = next(same, None)
        found.append(at)
        if at is not None:
            del left[at]
    return found


def _flow(source: Source, base: int, node: Any, kept: Sequence[int | None], texts: Sequence[str]) -> ListSpan:
    """Return the change for a list in brackets: words keep the text around them, new ones replace removed ones."""
    text = source.text
    starts = [base + each.start_mark.index for each in node.value]
    ends = [base + each.end_mark.index for each in node.value]
    last = base + node.end_mark.index - 1
    words: list[str] = [text[at:to] for at, to in zip(starts, ends, strict=True)]
    gaps = [text[at:to] for at, to in zip(ends, [*starts[1:], last], strict=True)]
    here = [at for at in kept if at is not None]
    if here != sorted(here):
        return ListSpan(
            starts[0],
            ends[-1],
            ", ".join(new if at is None else words[at] for at, new in zip(kept, texts, strict=True)),
        )
    old = 0  # the next old word; `place` is where it is in the lists that change
    for place, (at, new) in enumerate([*zip(kept, texts, strict=True), (len(starts), "")]):
        if at is None and old not in here and old < len(starts):
            words[place] = new
            old += 1
        elif at is None:
            _insert(words, gaps, place, new)
        else:
            for _ in range(at - old):
                _take_out(words, gaps, place)
            old = at + 1
    return ListSpan(starts[0], last, "".join(map("".join, zip(words, gaps, strict=True))))


def _insert(words: list[str], gaps: list[str], place: int, word: str) -> None:
    """Insert a word after the one before `place`; a comment on that word's line is about it, and stays there."""
    if not place:
        words.insert(0, word)
        gaps.insert(0, ", ")
        return
    begin, line, rest = gaps[place - 1].partition("\n")
    words.insert(place, word)
    if "#" not in begin:
        gaps.insert(place - 1, ", ")
        return
    needs_comma = place < len(gaps) and "," in begin.partition("#")[0]
    ends = [gap.rpartition("\n")[2] for gap in gaps[: place - 1] if "\n" in gap]
    indent = next((each for each in ends if not each.strip()), "  ")
    gaps[place - 1 : place] = [f"{_with_comma(begin)}{line}{indent}", f"{',' if needs_comma else ''}{line}{rest}"]


def _take_out(words: list[str], gaps: list[str], place: int) -> None:
    """Remove a word with the comment after it on its line."""
    del words[place]
    gone = gaps.pop(place)
    begin, line, rest = gone.partition("\n")
    if place == len(gaps):
        gaps[-1] = f"{gaps[-1].rstrip()}\n{rest}" if "#" in gaps[-1] else gone
    elif "#" in rest and "," in begin.partition("#")[0] and place:
        gaps[place - 1] = gaps[place - 1].rpartition("\n")[0] + line + rest if "\n" in gaps[place - 1] else ", " + rest


def _with_comma(gap: str) -> str:
    return gap if "," in gap.partition("#")[0] else f",{gap}"


def _rows(
    source: Source, base: int, node: Any, kept: Sequence[int | None], texts: Sequence[str], eol: str
) -> ListSpan | None:
    """Return the change for a list with a row per word: rows whose words stay keep their comments and quotes."""
    shadow = source.shadow
    first = [shadow.rfind("\n", 0, base + each.start_mark.index) + 1 for each in node.value]
    leads = [shadow[at : base + each.start_mark.index] for at, each in zip(first, node.value, strict=True)]
    if any(lead.strip() != "-" for lead in leads) or any(each.style in {"|", ">"} for each in node.value):
        return None
    # a comment above a row is about that row
    ends = [shadow.index("\n", base + each.end_mark.index) + 1 for each in node.value]
    rows = [source.text[at:to] for at, to in zip([first[0], *ends], ends, strict=False)]
    return ListSpan(
        first[0],
        ends[-1],
        "".join(rows[at] if at is not None else f"{leads[0]}{new}{eol}" for at, new in zip(kept, texts, strict=True)),
    )
