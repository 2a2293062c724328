"""A look at an event's bytes, before anything is imported: whether it certainly asks for nothing.

Only what Python has loaded anyway is used here.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

START, PROMPT, BEFORE, AFTER, COMPACT, AGENT, STOP, END = range(8)
# the events in the words of all clients, without signs and in lower case
KINDS = {
    "sessionstart": START,
    "userpromptsubmit": PROMPT,
    "userpromptsubmitted": PROMPT,
    "beforeagent": PROMPT,
    "beforesubmitprompt": PROMPT,
    "pretooluse": BEFORE,
    "beforetool": BEFORE,
    "posttooluse": AFTER,
    "aftertool": AFTER,
    "precompact": COMPACT,
    "precompress": COMPACT,
    "subagentstop": AGENT,
    "stop": STOP,
    "agentstop": STOP,
    "afteragent": STOP,
    "sessionend": END,
}
# where banks are, from the folder of their project
_FOLDERS = (".memorybank", ".cc10x", ".claude/cc10x", "memory-bank")
_NAMES = (b".memorybank", b"cc10x", b"memory-bank")
_FILES = (b"activeContext", b"progress.md", b"patterns.md", b"pafs.md", b"development_log", b"summary.json")
_PATHS = (b"file_path", b"filePath", b"notebook_path", b"path", b"absolute_path", b"target_file")
_READERS = frozenset(
    b"read grep glob ls task todowrite webfetch websearch view list_directory read_file read_many_files".split()
)
_PROJECTS = ("CLAUDE_PROJECT_DIR", "GEMINI_PROJECT_DIR", "CURSOR_PROJECT_DIR")
_WRITING = (b">", b"tee", b"sed", b"cp ", b"mv ", b"rm ", b"truncate", b"dd ", b"perl", b"_patch", b"u003e")
_ELSEWHERE = ("MEMORYBANK_DIR", "MEMORYBANK_NAMESPACE", "MEMORYBANK_HOME")


def kind_of(event: str) -> int | None:
    """Return what an event is in our words; None for one that asks for nothing."""
    return KINDS.get("".join(filter(str.isalpha, event)).lower())


def is_idle(kind: int | None, data: bytes) -> bool:
    """Whether an event certainly asks for nothing, as far as bytes can tell."""
    if kind is None or not data.strip():
        return True
    if kind in {BEFORE, AFTER} and not _may_write(kind, data):
        return True
    if kind == BEFORE:
        # the bank of the file decides, wherever the client is
        return False
    if kind == STOP and _is_true(data, b"stop_hook_active", b"stopHookActive"):
        return True
    if kind == AGENT and field(data, b"last_assistant_message") and b"memory" not in data.lower():
        return True
    banks = _banks(data)
    if banks is None:
        return False
    if kind == PROMPT:
        # off by default: on only where a setting says so
        return not any(b"prompt" in _settings(bank) for bank in banks) and "MEMORYBANK_AGENTS_PROMPT" not in os.environ
    return not banks


def field(data: bytes, name: bytes) -> bytes | None:
    """Return the text of a JSON field as bytes; b"" if it is there but cannot be read like this, None without it."""
    at = data.find(b'"%b"' % name)
    if at < 0:
        return None
    rest = data[at + len(name) + 2 : at + len(name) + 4200].lstrip(b" \t\r\n:")
    text, end, _ = rest[1:].partition(b'"')
    return text if rest[:1] == b'"' and end and b"\\" not in text else b""


def _is_true(data: bytes, *names: bytes) -> bool:
    for name in names:
        at = data.find(b'"%b"' % name)
        if at >= 0:
            return data[at + len(name) + 2 : at + len(name) + 32].lstrip(b" \t\r\n:")[:4] == b"true"
    return False


def _may_write(kind: int, data: bytes) -> bool:
    if (field(data, b"tool_name") or field(data, b"toolName") or b"").lower() in _READERS:
        return False
    if kind == BEFORE:
        return _may_touch_bank(data)
    return any(b'"%b"' % name in data for name in _PATHS) or b"*** Begin Patch" in data


def _may_touch_bank(data: bytes) -> bool:
    for name in _PATHS:
        if data.count(b'"%b"' % name) == 1:
            path = field(data, name)
            if not path:
                return True
            here = field(data, b"cwd") or field(data, b"workingDirectory") or os.fsencode(os.getcwd())
            place = os.path.realpath(os.path.join(here, path))
            # a bank may have been put anywhere by these
            elsewhere = [os.path.realpath(os.fsencode(os.environ[each])) for each in _ELSEWHERE if each in os.environ]
            return any(each in place.lower() for each in _NAMES) or place.startswith(tuple(elsewhere))
    if not any(each in data for each in _WRITING) and b'"files"' not in data:
        return False
    return any(each in data for each in _NAMES) or any(each in data for each in _FILES)


def _banks(data: bytes) -> list[str] | None:
    """Return the folders that look like the bank of this event; None if bytes cannot tell."""
    if any(each in os.environ for each in _ELSEWHERE[:2]) or b'"workspace_roots"' in data:
        return None
    given = [field(data, each) for each in (b"cwd", b"workingDirectory")]
    if b"" in given:
        return None
    places = {os.fsdecode(each) for each in given if each} | {
        os.environ[each] for each in _PROJECTS if each in os.environ
    }
    try:
        places |= {os.getcwd()} if not places else set()
        return list(_above(places))
    except OSError:
        return None


def _above(places: Iterable[str]) -> Iterable[str]:
    for place in places:
        folder, below = os.path.abspath(place), ""
        while folder != below:
            if os.path.isfile(f"{folder}/.git"):
                yield folder
            yield from (path for each in _FOLDERS if os.path.isdir(path := f"{folder}/{each}"))
            folder, below = os.path.dirname(folder), folder


def _settings(bank: str) -> bytes:
    home = os.environ.get("MEMORYBANK_HOME") or os.path.expanduser("~/.memorybank")
    found = b""
    for path in (f"{bank}/bank.toml", f"{home}/settings.toml"):
        try:
            with open(path, "rb") as file:
                found += file.read(1 << 20)
        except OSError:
            continue
    return found
