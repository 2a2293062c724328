"""The cache of the clients' programs: what npm did not finish is never started."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.clients.programs import CACHE, PROGRAMS, program

BEGIN = "#!/bin/sh\nmkdir -p node_modules/.bin && echo half > node_modules/.bin/codex\n"
LOCKED_THEN_FAILED = f"{BEGIN}echo '{{}}' > package-lock.json\nexit 1\n"
KILLED = f"{BEGIN}echo '{{}}' > package-lock.json\nkill -9 $$\n"
ENDED = f"{BEGIN}echo \"$@\" > node_modules/.bin/codex\necho '{{}}' > package-lock.json\n"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="npm is a shell script here")


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the script that is npm, with an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("npm", "node"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return folder / "npm"


@pytest.mark.parametrize("broken", [LOCKED_THEN_FAILED, KILLED], ids=["failed", "killed"])
def test_a_download_that_did_not_end_well_is_not_taken_and_the_next_one_is(
    npm: Path, tmp_path: Path, broken: str
) -> None:
    npm.write_text(broken)
    with pytest.raises(pytest.fail.Exception, match="npm cannot install @openai/codex@"):
        program("codex")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == []

    npm.write_text(ENDED)
    _, script = program("codex")
    assert f"@openai/codex@{PROGRAMS['codex'].version}" in Path(script).read_text()


def test_a_folder_without_a_finished_download_is_replaced(npm: Path, tmp_path: Path) -> None:
    half = tmp_path / "cache" / f"codex-{PROGRAMS['codex'].version}" / "node_modules"
    half.mkdir(parents=True)
    (half / "half").write_text("half")
    npm.write_text(ENDED)

    program("codex")

    assert not (half / "half").exists()


def test_a_finished_download_is_used_again(npm: Path) -> None:
    npm.write_text(ENDED)
    first = program("codex")
    npm.write_text(LOCKED_THEN_FAILED)

    assert program("codex") == first


def test_every_version_is_exact() -> None:
    for each in PROGRAMS.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", each.version)
