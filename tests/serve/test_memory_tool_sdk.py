"""The SDK's own tests of its file-system memory tool, run against ours; fetched with its sdist and not kept here."""

from __future__ import annotations

import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import tarfile
import urllib.request
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tests.judges import lacking, need
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FULL = "MEMORYBANK_FULL" in os.environ
INSIDE = "tests/lib/tools/memory_tools/test_filesystem.py"
SECONDS = 300


def sdist(name: str) -> bytes:
    """Fetch an archive from the package index. `pip download` would first build the package, which takes a minute."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    trusted = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    listing = f"{index}/{name.partition('-')[0]}/"
    asked = urllib.request.Request(listing, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=SECONDS, context=trusted) as answer:
        files = {each["filename"]: each for each in json.load(answer)["files"]}
    with urllib.request.urlopen(urljoin(listing, files[name]["url"]), timeout=SECONDS, context=trusted) as answer:
        data: bytes = answer.read()
    assert hashlib.sha256(data).hexdigest() == files[name]["hashes"]["sha256"]
    return data


def sdk_tests(cache: Path) -> Path:
    """Return the SDK's test file, of the version that is installed; it is fetched once."""
    need("anthropic")
    number = version("anthropic")
    place = cache / number / "test_filesystem.py"
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    archive = place.with_name(f"anthropic-{number}.tar.gz")
    try:
        archive.write_bytes(sdist(archive.name))
    except (OSError, KeyError, ValueError) as error:
        lacking(f"the sdist of anthropic {number} could not be fetched: {error!r}")
    with tarfile.open(archive) as file:
        member = file.extractfile(f"anthropic-{number}/{INSIDE}")
        assert member is not None
        place.write_bytes(member.read())
    archive.unlink()
    return place


def test_the_sdks_own_tests_of_its_file_system_tool_pass(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    cache = pytestconfig.cache
    assert cache is not None
    tests = sdk_tests(cache.mkdir("anthropic-sdk"))
    project = tmp_path / "project"
    project.mkdir()
    words = ["-q", "-p", "tests.serve.sdk_file_tests", "-p", "no:cacheprovider", "-c", os.devnull]
    # the asynchronous tools share their code, and one test writes a file of a million lines: those run in full
    chosen = [] if FULL else ["-k", "not Async and not too_many_lines"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "--rootdir", str(tests.parent), str(tests), *chosen],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "MEMORY_TOOL_PROJECT": str(project), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    found = re.search(r"(\d+) passed", done.stdout)
    assert found is not None
    assert int(found[1]) >= (90 if FULL else 45), done.stdout
    assert "skipped" not in done.stdout
