"""The invariants of the architecture, read from the source by `ast`.

Each check takes source text and the module's path inside `memorybank/`, and gives what it found; so each is
run twice: on the code, where it must find nothing, and on a planted violation, which it must find.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import pytest

from tests.syntax import nodes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# with tests/test_words.py: the modules are read once
pytestmark = pytest.mark.xdist_group("source")
ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "memorybank"

GROUND = "ground"
FACE = "face"
FILES_OF_GROUND = {"enums", "errors", "ids", "listing", "patterns", "process", "shell", "stem", "times", "wire"}
FILES_OF_FACE = {"__init__", "watch"}
WINGS = {"workflow", "recall", "exchange"}
RANK = {
    GROUND: 0,
    "secrets": 1,
    "files": 1,
    "document": 1,
    "contracts": 2,
    "store": 3,
    "records": 4,
    "workflow": 5,
    "recall": 5,
    "exchange": 5,
    "check": 6,
    "corrections": 6,
    "team": 6,
    "agents": 7,
    FACE: 8,
    "facade": 8,
    "serve": 9,
    "cli": 9,
}

WRITERS = {"files/write.py", "files/durable.py", "files/swap.py", "files/lock.py", "files/temporary.py"}
IMPURE = {"contracts/load.py", "contracts/_generate.py"}
PURE = {"recall/loading/budget.py", "recall/loading/stages.py"}
HOMES = {
    "markdown_it": 1,
    "psycopg": 1,
    "frontmatter": 1,
    "platformdirs": 1,
    "sqlite3": 2,
    "watchdog": 1,
    "rapidfuzz": 2,
    "sklearn": 1,
}
# libraries that are imported under another name than they are installed under
INSTALLED_AS = {
    "frontmatter": "python-frontmatter",
    "markdown_it": "markdown-it-py",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
# a module that a script imports from its own folder
BESIDE_SCRIPT = {"glance"}
LINE_LIMIT = 400
MODULE_LIMIT = 16


class Import(NamedTuple):
    line: int
    module: str
    names: tuple[str, ...]
    for_types: bool


@cache
def paths_of_package() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def text_of(path: str) -> str:
    return (PACKAGE / path).read_text(encoding="utf-8")


def module_of(path: str) -> str:
    parts = ["memorybank", *PurePosixPath(path).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(path: str) -> str:
    first, *rest = PurePosixPath(path).with_suffix("").parts
    if rest:
        return first
    if first in FILES_OF_GROUND:
        return GROUND
    return FACE if first in FILES_OF_FACE else "cli" if first == "__main__" else "unplaced"


@cache
def imports_of(path: str, text: str) -> tuple[Import, ...]:
    """Return every import of a module by its absolute name, those inside functions too."""
    return tuple(_imports_of(path, text))


def _imports_of(path: str, text: str) -> Iterator[Import]:
    for_types = {
        id(inner)
        for node in nodes_of(text)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    package = ["memorybank", *PurePosixPath(path).parent.parts]
    for node in nodes_of(text):
        typed = id(node) in for_types
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, (), typed)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *((node.module or "").split(".") if node.module else [])])
            yield Import(node.lineno, module, tuple(alias.name for alias in node.names), typed)
        elif isinstance(node, ast.Call) and name_of(node.func) in {"import_module", "__import__"}:
            named = node.args[0] if node.args else None
            value = named.value if isinstance(named, ast.Constant) else "(computed)"
            yield Import(node.lineno, str(value), (), typed)


def name_of(node: ast.expr) -> str:
    """Give the last word of a name or attribute."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def owner_of(node: ast.expr) -> str:
    """Give the word before the last of an attribute: `os` for `os.open`."""
    return name_of(node.value) if isinstance(node, ast.Attribute) else ""


def rooms_named(found: Import) -> set[str]:
    """Give the rooms that one import reaches."""
    head, *rest = found.module.split(".")
    if head != "memorybank":
        return set()
    if rest:
        return {room_of("/".join(rest) + ("/x" if len(rest) == 1 and rest[0] in RANK else "") + ".py")}
    # `import memorybank` alone names nothing; what is used of it is looked at by its attributes
    places = {name: f"{name}/x.py" if name in RANK else f"{name}.py" for name in found.names}
    rooms = {room_of(place) for place in places.values()}
    return {FACE if room == "unplaced" else room for room in rooms}


def uses_of_package(text: str) -> Iterator[Import]:
    """Give what is taken of `memorybank` by attribute; its own place (`__file__`) is no use of it."""
    for node in nodes_of(text):
        if not isinstance(node, ast.Attribute) or node.attr.startswith("__"):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "memorybank":
            yield Import(node.lineno, "memorybank", (node.attr,), for_types=False)


# --- the checks


def upward_imports(path: str, text: str) -> list[str]:
    room = room_of(path)
    if room not in RANK:
        return [f"{path}: the room {room!r} has no place in the order"]
    return [
        f"{path}:{found.line}: {room} imports {other}"
        for found in [*imports_of(path, text), *uses_of_package(text)]
        for other in rooms_named(found)
        if RANK.get(other, 99) > RANK[room]
    ]


# what the command line may use when it runs: the facade, and values that every room knows
OPEN_TO_FACES = {"cli", "serve", "facade", GROUND, FACE}


def past_the_facade(path: str, text: str) -> list[str]:
    """Find imports of the command line that go past the facade; those for type checkers do no harm."""
    if room_of(path) not in {"cli", "serve"}:
        return []
    return [
        f"{path}:{found.line}: {other} is behind the facade"
        for found in [*imports_of(path, text), *uses_of_package(text)]
        for other in rooms_named(found)
        if not found.for_types and other not in OPEN_TO_FACES
    ]


def wing_imports(path: str, text: str) -> list[str]:
    room = room_of(path)
    return [
        f"{path}:{found.line}: {room} imports {other}"
        for found in imports_of(path, text)
        for other in rooms_named(found)
        if room in WINGS | {"records"} and other in WINGS and other != room
    ]


IO_MODULES = (
    {"os", "io", "pathlib", "glob", "shutil", "tempfile", "fcntl", "msvcrt", "ctypes", "mmap"}
    | {"time", "random", "secrets", "uuid", "getpass"}
    | {"subprocess", "signal", "threading", "asyncio", "socket", "urllib", "http"}
)
IO_CALLS = {
    "open",
    "input",
    "print",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "iterdir",
    "rglob",
} | {"is_file", "is_dir", "exists", "stat", "lstat", "unlink", "mkdir", "rmdir", "touch", "expanduser"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
PURE_NAMES = {"pathlib": {"PurePath", "PurePosixPath", "PureWindowsPath"}}


def impurities(path: str, text: str) -> list[str]:
    if path not in PURE and (room_of(path) not in {"secrets", "document", "contracts"} or path in IMPURE):
        return []
    found = [
        f"{path}:{one.line}: imports {one.module}"
        for one in imports_of(path, text)
        if one.module.split(".")[0] in IO_MODULES
        and not one.for_types
        and not (one.names and set(one.names) <= PURE_NAMES.get(one.module, set()))
    ]
    for node in nodes_of(text):
        if isinstance(node, ast.Call) and name_of(node.func) in IO_CALLS:
            found.append(f"{path}:{node.lineno}: calls {name_of(node.func)}")
        elif isinstance(node, ast.Attribute) and (owner_of(node), node.attr) in CLOCKS:
            found.append(f"{path}:{node.lineno}: reads the clock")
    return found


def line_cutters(path: str, text: str) -> list[str]:
    if path == "document/source.py":
        return []
    return [
        f"{path}:{node.lineno}: splitlines"
        for node in nodes_of(text)
        if isinstance(node, ast.Attribute) and node.attr == "splitlines"
    ]


OS_WRITES = {"replace", "rename", "renames", "link", "symlink", "truncate", "ftruncate", "write", "fdopen"}
WRITING_FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"}
OTHER_WRITES = {"write_text", "write_bytes", "symlink_to", "hardlink_to", "NamedTemporaryFile", "mkstemp"}


def file_writers(path: str, text: str) -> list[str]:
    if path in WRITERS:
        return []
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for node in nodes_of(text)
        if (isinstance(node, ast.Call) and is_writing_call(node))
        or (isinstance(node, ast.Attribute | ast.Name) and name_of(node) in WRITING_FLAGS)
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and not names_of(node).isdisjoint(OS_WRITES))
    ]


def names_of(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def is_writing_call(node: ast.Call) -> bool:
    name, owner = name_of(node.func), owner_of(node.func)
    if owner == "os":
        return name in OS_WRITES
    if owner == "shutil":
        return name.startswith(("copy", "move"))
    if name != "open":
        return name in OTHER_WRITES
    # open(path, mode) as a function, path.open(mode) as a method
    place = 1 if isinstance(node.func, ast.Name) or owner in {"io", "codecs", "gzip"} else 0
    modes = [word.value for word in node.keywords if word.arg == "mode"] + node.args[place : place + 1]
    # a mode that is computed cannot be proven to be for reading
    return any(not isinstance(mode, ast.Constant) or set("wax+") & set(str(mode.value)) for mode in modes)


def homes_of_library(library: str, texts: dict[str, str]) -> list[str]:
    return [
        path
        for path, text in texts.items()
        if any(found.module.split(".")[0] == library for found in imports_of(path, text))
    ]


BROAD = {"Exception", "BaseException"}
# where a fault of ours must not become one of whoever called
BOUNDARIES = {
    "cli/main.py",
    "serve/hooks/hook.py",
    "serve/hooks/run.py",
    "serve/mcp/connection.py",
    "serve/mcp/server.py",
}


def broad_handlers(path: str, text: str) -> list[str]:
    if path in BOUNDARIES:
        return []
    found = []
    for node in nodes_of(text):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            cleans_up = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if not cleans_up and any(one is None or name_of(one) in BROAD for one in caught):
                found.append(f"{path}:{node.lineno}: broad except")
        elif is_broad_suppress(node):
            found.append(f"{path}:{node.lineno}: broad suppress")
    return found


def is_broad_suppress(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and name_of(node.func) == "suppress"
        and not {name_of(argument) for argument in node.args}.isdisjoint(BROAD)
    )


def overlong(path: str, text: str) -> list[str]:
    count = text.count("\n")
    return [f"{path}: {count} lines"] if count > LINE_LIMIT else []


# composed, so that this file does not hold what it looks for
UNIX_HOME = "/" + r"(?:home|Users)/[\w.-]+/|" + "/" + "root/"
WINDOWS_HOME = r"[A-Z]:\\{1,2}" + "Users" + r"\\{1,2}[\w.-]+\\"
MACHINE_PATH = re.compile(rf"(?<![\w.>])(?:{UNIX_HOME}|{WINDOWS_HOME})")


def machine_paths(path: str, text: str) -> list[str]:
    return [f"{path}: {match.group()}" for match in MACHINE_PATH.finditer(text)]


def cycles(texts: dict[str, str]) -> list[str]:
    """Give the modules that reach themselves by imports that run; one row for each."""
    modules = {module_of(path) for path in texts}
    edges: dict[str, set[str]] = defaultdict(set)
    for path, text in texts.items():
        for found in imports_of(path, text):
            named = {f"{found.module}.{name}" for name in found.names}
            targets = named & modules
            if targets != named or (not found.names and found.module != "memorybank"):
                targets |= {found.module} & modules
            if not found.for_types:
                edges[module_of(path)] |= targets - {module_of(path)}

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for target in edges[todo.pop()] - seen:
                seen.add(target)
                todo.append(target)
        return seen

    return sorted(module for module in modules if module in reach(module))


def crowded(paths: list[str]) -> list[str]:
    """Return the folders that hold too many modules."""
    modules = [PurePosixPath(path) for path in paths if not path.endswith("__init__.py")]
    counts = Counter(path.parent.as_posix() for path in modules)
    return [f"{folder}: {count} modules" for folder, count in sorted(counts.items()) if count > MODULE_LIMIT]


def overused_names(paths: list[str]) -> list[str]:
    """Return the names of three modules or more; a command is named as it is typed, whatever else has that name."""
    names = Counter(PurePosixPath(path).stem for path in paths if not path.startswith("cli/commands/"))
    return sorted(name for name, count in names.items() if count > 2 and not name.startswith("_"))


# --- the code as it stands


def everywhere(check: Callable[[str, str], list[str]]) -> list[str]:
    return [row for path in paths_of_package() for row in check(path, text_of(path))]


def test_nothing_imports_upward() -> None:
    """A room that knows who uses it cannot be read or tested alone; `serve/` and `cli/` are known to none."""
    assert everywhere(upward_imports) == []


def test_the_command_line_calls_the_facade_alone() -> None:
    """What two faces need is written once, in the facade or below it."""
    assert everywhere(past_the_facade) == []


def test_there_are_no_import_cycles() -> None:
    """Two modules that need each other are one module with two names."""
    assert cycles({path: text_of(path) for path in paths_of_package()}) == []


def test_wings_do_not_import_each_other() -> None:
    """A feature can be taken out or replaced when no other feature leans on it; records are common ground."""
    assert everywhere(wing_imports) == []


def test_text_rooms_do_no_io_and_read_no_clock() -> None:
    """What only takes values and gives values can be tested over thousands of documents."""
    assert everywhere(impurities) == []


def test_lines_are_cut_in_one_file() -> None:
    """`str.splitlines` also cuts at VT, FF, FS, GS, RS, NEL, U+2028 and U+2029, which Markdown does not."""
    assert everywhere(line_cutters) == []


def test_files_are_written_in_one_room() -> None:
    """One way out means one lock, one compare, one fsync order: a second writer would have none of them."""
    assert everywhere(file_writers) == []


@pytest.mark.parametrize(("library", "limit"), HOMES.items())
def test_a_library_has_its_home(library: str, limit: int) -> None:
    """A library named in one file can be replaced there, and costs its import time only where it serves."""
    homes = homes_of_library(library, {path: text_of(path) for path in paths_of_package()})
    assert len(homes) <= limit, homes


def libraries_of(texts: dict[str, str]) -> set[str]:
    """Return the libraries that are imported, by the names they are installed under."""
    names = {found.module.split(".")[0] for path, text in texts.items() for found in imports_of(path, text)}
    names -= sys.stdlib_module_names | {"memorybank", "(computed)", *BESIDE_SCRIPT}
    # a module that begins with an underscore is Python's own, of one version or another
    return {INSTALLED_AS.get(name, name.replace("_", "-")).lower() for name in names if name[0] != "_"}


def test_every_library_that_is_imported_is_declared() -> None:
    """No import relies on what another library brings along, and nothing is installed that no module imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    given = [
        *project["dependencies"],
        *extras["semantic"],
        *extras["anthropic"],
        *extras["mining"],
        *extras["postgres"],
    ]
    declared = {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in given}
    assert libraries_of({path: text_of(path) for path in paths_of_package()}) == declared


def test_click_stays_at_the_face() -> None:
    """What prints, asks and exits is the command line's business; below it only values and errors pass."""
    homes = homes_of_library("click", {path: text_of(path) for path in paths_of_package()})
    assert [path for path in homes if room_of(path) != "cli"] == []


def test_only_the_boundary_catches_everything() -> None:
    """A broad except hides the bug it did not mean; the one at the top reports it with its traceback.

    One that cleans up and ends in a bare `raise` hides nothing.
    """
    assert everywhere(broad_handlers) == []


def test_modules_stay_small() -> None:
    """Near four hundred lines a file has grown a second subject."""
    assert everywhere(overlong) == []


def test_a_folder_holds_one_subject() -> None:
    """A folder of forty modules is a drawer: nobody reads its list of files to find the right one."""
    assert crowded(paths_of_package()) == []


def test_no_name_is_used_for_three_modules() -> None:
    """Two modules of one name are told apart by their folders; of three, one is opened by mistake."""
    assert overused_names(paths_of_package()) == []


def test_a_full_folder_and_an_overused_name_are_found() -> None:
    assert crowded([f"store/a{number}.py" for number in range(MODULE_LIMIT + 1)]) == ["store: 17 modules"]
    assert overused_names(["a/items.py", "b/items.py", "c/items.py", "cli/commands/x/items.py"]) == ["items"]


def test_no_file_names_a_developer_machine() -> None:
    """A path of somebody's home works for nobody else, and tells more than it should."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    names = listed.decode("utf-8", "surrogateescape").split("\0")
    texts = {name: (ROOT / name).read_bytes() for name in names if (ROOT / name).is_file()}
    found = [row for name, data in texts.items() for row in machine_paths(name, data.decode("utf-8", "replace"))]
    assert found == []


# --- planted violations: each check can fail


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (past_the_facade, "cli/options.py", "from memorybank.store.folder import BankFolder\n"),
        (past_the_facade, "cli/commands/edit/plan.py", "def f():\n    from memorybank.document import source\n"),
        (upward_imports, "document/editing/apply.py", "from memorybank.store.folder import BankFolder\n"),
        (upward_imports, "document/editing/apply.py", "from ...store import folder\n"),
        (upward_imports, "errors.py", "import memorybank.wire, memorybank.document.source\n"),
        (upward_imports, "store/folder.py", "def f():\n    from memorybank import cli\n"),
        (upward_imports, "check/lint.py", "from memorybank.serve.mcp import run\n"),
        (upward_imports, "contracts/load.py", "from memorybank import Bank\n"),
        (upward_imports, "contracts/load.py", "import memorybank\nBANK = memorybank.Bank\n"),
        (upward_imports, "attic/box.py", ""),
        (wing_imports, "recall/search.py", "from memorybank.workflow import gate\n"),
        (wing_imports, "records/record.py", "from memorybank.workflow.progress.tasks import hydrate\n"),
        (impurities, "document/sections.py", "import os\n"),
        (impurities, "document/editing/apply.py", "def f(path):\n    return path.read_text()\n"),
        (impurities, "document/receipt.py", "from datetime import datetime\nAT = datetime.now()\n"),
        (impurities, "contracts/preview.py", "from pathlib import Path, PurePosixPath\n"),
        (impurities, "contracts/preview.py", "print(open('x').read())\n"),
        (impurities, "recall/loading/budget.py", "import time\n"),
        (impurities, "recall/loading/stages.py", "def f(path):\n    return path.read_bytes()\n"),
        (line_cutters, "cli/output.py", "rows = 'a'.splitlines()\n"),
        (line_cutters, "store/journal/log.py", "cut = str.splitlines\n"),
        (file_writers, "store/journal/log.py", "open('x', 'a').write('y')\n"),
        (file_writers, "store/journal/log.py", "path.open(mode='w')\n"),
        (file_writers, "store/journal/log.py", "open('x', mode)\n"),
        (file_writers, "store/config.py", "path.write_text('x')\n"),
        (file_writers, "store/config.py", "os.open('x', os.O_RDWR)\n"),
        (file_writers, "store/config.py", "os.replace('a', 'b')\n"),
        (file_writers, "store/config.py", "from os import replace\n"),
        (file_writers, "store/manage/init.py", "shutil.copytree('a', 'b')\n"),
        (broad_handlers, "store/folder.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
        (broad_handlers, "store/folder.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass\n"),
        (broad_handlers, "store/folder.py", "try:\n    f()\nexcept:\n    pass\n"),
        (broad_handlers, "store/folder.py", "with contextlib.suppress(Exception):\n    f()\n"),
        (overlong, "store/folder.py", "x = 1\n" * (LINE_LIMIT + 1)),
        (machine_paths, "README.md", "see " + "/" + "home/ada/notes.md"),
        (machine_paths, "README.md", "see " + "/" + "Users/ada/notes.md"),
        (machine_paths, "README.md", "see " + "/" + "root/notes.md"),
        (machine_paths, "README.md", "see C:" + "\\" + "Users" + "\\ada\\notes.md"),
    ],
)
def test_a_planted_violation_is_found(check: Callable[[str, str], list[str]], path: str, text: str) -> None:
    assert check(path, text) != []


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (upward_imports, "document/editing/apply.py", "from memorybank import errors\nfrom . import source\n"),
        (upward_imports, "store/folder.py", "from memorybank import errors\n"),
        (upward_imports, "contracts/load.py", "import memorybank\nAT = memorybank.__file__\n"),
        (upward_imports, "__init__.py", "from memorybank.store.folder import BankFolder\n"),
        (wing_imports, "recall/search.py", "from memorybank.records import model\nfrom . import index\n"),
        (impurities, "document/editing/apply.py", "if TYPE_CHECKING:\n    from pathlib import Path\n"),
        (impurities, "contracts/preview.py", "from pathlib import PurePosixPath\n"),
        (impurities, "contracts/load.py", "import os\n"),
        (file_writers, "store/journal/log.py", "open('x', 'rb')\npath.open()\n'a'.replace('a', 'b')\n"),
        (broad_handlers, "store/folder.py", "try:\n    f()\nexcept OSError:\n    pass\n"),
        (broad_handlers, "store/folder.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"),
        (machine_paths, "README.md", "see https://example.org/home/page/ and ~/notes/ and docs/root/x"),
    ],
)
def test_what_is_allowed_passes(check: Callable[[str, str], list[str]], path: str, text: str) -> None:
    assert check(path, text) == []


def test_a_planted_cycle_is_found() -> None:
    texts = {
        "store/folder.py": "from memorybank.store.journal import log\n",
        "store/journal/log.py": "def f():\n    from memorybank.store.folder import BankFolder\n",
        "store/config.py": "from memorybank.store import folder\n",
    }
    assert cycles(texts) == ["memorybank.store.folder", "memorybank.store.journal.log"]


def test_a_library_named_in_two_files_is_found() -> None:
    texts = {
        "a.py": "import rich\n",
        "b.py": "from rich import table\n",
        "c.py": "import_module('rich.box')\n",
    }
    assert homes_of_library("rich", texts) == ["a.py", "b.py", "c.py"]
