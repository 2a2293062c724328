"""A bank made by somebody who means harm, to be opened by every command: what it says, where it leads, what it breaks.

Every command that it names would make a file called CANARY; beside the project lies a file that is nobody's business.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from memorybank.store.manage.init import init
from tests.running import git

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.way import Way

CANARY = "CANARY"
PRIVATE = "what-lies-beside-is-nobodys-business"
RUNS = f"touch {CANARY}"
# a colour, a title, a clipboard, a bell, a cursor, C1, what turns and what is not seen, bytes that are no text
ESCAPES = (
    "\x1b[31mred\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1b[2J\x9b1m\x08\x7f \u202eturned\u2066 \u200bhid\u2060den \ufeff"
)
LONG = "x" * 500 + " and words" * 1_000
NESTED = "[" * 20_000
RECORD = (
    "---\nid: {ident}\ntype: {kind}\nstatus: {status}\ncreated: 2026-11-21T09:30:00Z\n{more}---\n# {title}\n\n{body}\n"
)
CLIMBS = ("../../outside/private.md", "/etc/passwd", "..\\..\\outside", "file:///etc/passwd", "~/.ssh/id_rsa")


def make(project: Path, way: Way, kind: str) -> None:
    """Make the project: `kind` is words, places or state."""
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "private.md").write_text(f"# {PRIVATE}\n\n## Learnings\n\n- {PRIVATE}\n", encoding="utf-8")
    project.mkdir()
    for name in ("Makefile", "package.json", "run.sh"):
        (project / name).write_text(f"$(shell {RUNS})\ntest:\n\t{RUNS}\n", encoding="utf-8")
    git(project, "init", "-q", "--template=")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "first")
    for setting in ("core.fsmonitor", "core.editor", "core.pager", "diff.external", "core.sshCommand"):
        git(project, "config", setting, f"sh -c '{RUNS}'")
    bank = init(project, way).bank.folder
    says(bank)
    if kind == "places":
        leads(bank)
    elif kind == "state":
        breaks(bank)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def says(bank: Path) -> None:
    """Fill every file that a bank has with text that means harm."""
    lines = [
        f"{ESCAPES} `{RUNS}` $({RUNS}) `$({RUNS})`",
        f"[link]({CLIMBS[0]}) `{CLIMBS[0]}` `{CLIMBS[1]}` commit --exec=touch",
        f"`make {CANARY}` `npm run {CANARY}` `./run.sh`",
        f"commit 0123abc4 @0123abc4 {LONG}",
        "\udcff\udcfe no text",
        "[DEBUG-1]: [DEBUG-2]: → ; touch CANARY",
        f"[cc10x-internal] memory_task_id: 1 wf:../../outside/{ESCAPES}",
        "use SQLite for caching ^k1abc",
        "- [ ] nested - [x] boxes (after: ^k1abc, ^k1abc)",
    ]
    rows = "".join(f"- {each}\n" for each in lines)
    for file in ("activeContext.md", "patterns.md", "progress.md"):
        path = bank / file
        text = path.read_text(encoding="utf-8")
        put(path, text.replace("- [None]\n", rows))
    progress = (bank / "progress.md").read_bytes().decode("utf-8", "surrogateescape")
    proof = f"- `{RUNS}` → exit 0 (1/1) - it works ^vabcde\n- [x] `sh -c '{RUNS}'` → exit 0 (2/2) {ESCAPES} ^vclimb\n"
    put(bank / "progress.md", progress.replace("## Verification\n\n", f"## Verification\n\n{proof}"))
    for ident, folder in (("vabcde", "."), ("vclimb", "../../outside"), ("vlost", "")):
        put(bank / f"artifacts/evidence/{ident}.json", json.dumps(evidence(ident, folder)))
        put(bank / f"artifacts/evidence/{ident}.txt", ESCAPES)
    put(
        bank / "pafs.md",
        f"# PAFs\n\n## AUTH\n\n- **AUTH-001** (active): `{RUNS}` {ESCAPES}\n- **AUTH-002** (replaced by ../x): y\n",
    )
    put(bank / "development_log.md", f"# Log\n\n## 2026-11-21\n\n- {ESCAPES} `{RUNS}`\n")
    for kind, ident, status in (
        ("fact", "fact-20261121-aaaaa", "active"),
        ("decision", "dec-20261121-aaaaa", "accepted"),
        ("bug", "bug-20261121-aaaaa", "open"),
        ("learning", "lrn-20261121-aaaaa", "active"),
    ):
        more = f"severity: low\ntags: ['{CLIMBS[0]}', '$({RUNS})', \"\\e[31m\\u202e\"]\n"
        more += f"supersedes: [{CLIMBS[0]}, {ident}]\nsee: [/etc/passwd]\n"
        text = RECORD.format(
            ident=ident, kind=kind, status=status, more=more, title=f"{ESCAPES} {kind}", body=f"{rows}\n{LONG}"
        )
        put(bank / f"memories/{kind}/{ident}-x.md", text)
    put(
        bank / "memories/fact/fact-20261121-bbbbb-x.md",
        RECORD.format(ident="../../../outside/private", kind="../..", status="x", more="", title="t", body="b"),
    )
    put(bank / f"memories/fact/$({RUNS});\x1b[31m\u202e\n-rf.md", "---\nid: [\n---\n")
    put(bank / "memories/fact/--exec=touch.md", f"---\n{NESTED}\n---\n")
    session = RECORD.format(
        ident="s1", kind="session", status="active", more=f'label: "{CLIMBS[0]}"\n', title=ESCAPES, body=rows
    )
    put(bank / "sessions/s1.md", session)
    put(
        bank / "sessions/s1.jsonl",
        f"{json.dumps({'at': ESCAPES, 'role': 'user', 'text': ESCAPES + LONG})}\n{NESTED}\n\x00\xff\n[]\n",
    )
    put(
        bank / "groups/g1.md",
        RECORD.format(
            ident="g1", kind="group", status="active", more=f"sessions: [s1, {CLIMBS[0]}]\n", title=ESCAPES, body="b"
        ),
    )
    put(
        bank / "checkpoints/c.json",
        json.dumps({"timestamp": ESCAPES, "git_commit": "--output=CANARY", "files_modified": [CLIMBS[0]]}),
    )
    put(bank / "checkpoints/deep.json", NESTED)
    put(bank / "summary.json", json.dumps({"name": ESCAPES, "tech_stack": {"a": [CLIMBS]}, "version": 10**400}))
    put(bank / "workflows/wf-a.json", json.dumps(flow("wf-a")))
    put(bank / "workflows/wf-a.events.jsonl", f"{NESTED}\n{json.dumps({'at': 1, 'event': ESCAPES})}\n{LONG}\n")
    for name, value in (
        ("wf-b", {**flow("../../outside/private")}),
        ("wf-c", {"schema_version": 10**400}),
        ("wf-d", []),
    ):
        put(bank / f"workflows/{name}.json", json.dumps(value))
    put(bank / "workflows/wf-e.json", NESTED)
    for number, address in enumerate(
        ("../../outside/private.md#Learnings", "activeContext.md#Learnings", "bank.toml#x")
    ):
        put(bank / f"workflows/notes/note-20261121-{number}aaaa.json", json.dumps(queued(number, address)))
    put(bank / "workflows/notes/note-20261121-deep.json", NESTED)
    put(bank.parent / "docs/plans/2026-11-21-x.md", f"# {ESCAPES}\n\n[x]({CLIMBS[0]}) {LONG}\n")
    put(bank / "archive/contracts/progress.md", f"# x\n\n## Completed\n\n{rows}")
    put(
        bank.parent / "hostile.json",
        json.dumps([{"id": CLIMBS[0], "subject": ESCAPES, "status": "completed", "evidence": f"`{RUNS}`"}]),
    )


def evidence(ident: str, folder: str) -> dict[str, object]:
    return {
        "version": 1,
        "id": CLIMBS[0],
        "text": f"`{RUNS}` → exit 0 (1/1) - it works",
        "command": RUNS,
        "shell": True,
        "folder": folder,
        "exit_code": 0,
        "counts": None,
        "commit": "--output=CANARY",
        "dirty": False,
        "covers": [{"glob": "../../outside/**", "digest": ident, "files": 1}],
        "at": ESCAPES,
        "seconds": 1e308,
        "output": CLIMBS[0],
        "sha256": "0",
        "report": CLIMBS[0],
    }


def flow(ident: str) -> dict[str, object]:
    at = "2026-11-21T09:30:00Z"
    return {
        "schema_version": 1,
        "id": ident,
        "kind": "BUILD",
        "status": "active",
        "created": at,
        "updated": at,
        "intent": {"goal": f"{ESCAPES} `{RUNS}`", "open_decisions": [f"$({RUNS})"]},
        "phases": [{"name": ESCAPES, "status": "active", "history": []}],
        "cursor": ESCAPES,
        "tasks": [
            {
                "id": "t1",
                "text": f"{ESCAPES}\n## Heading",
                "status": "done",
                "depends_on": ["t1"],
                "evidence": f"`{RUNS}`\n# x",
            }
        ],
        "gates": [{"name": f"--pass;{RUNS}", "status": "pending", "question": ESCAPES}],
        "memory_notes": [{"kind": CLIMBS[0], "text": f"a\n## b {ESCAPES}", "role": "router", "outcome": "queued"}],
    }


def queued(number: int, address: str) -> dict[str, object]:
    fields = dict.fromkeys(("tool", "session", "workflow", "digest"), "")
    ident = f"note-20261121-{number}aaaa"
    return {
        "schema_version": 1,
        "id": ident,
        "at": ESCAPES,
        "role": "read-only",
        "agent": ESCAPES,
        "kind": "learning",
        "text": f"x\n## y {ESCAPES} `{RUNS}`",
        "address": address,
        **fields,
    }


PLACES = (
    "memories/fact/place.md",
    "memories/decision/place.md",
    "sessions/place.jsonl",
    "sessions/place.md",
    "groups/place.md",
    "checkpoints/place.json",
    "workflows/place.json",
    "workflows/place.events.jsonl",
    "workflows/notes/note-place.json",
    "artifacts/evidence/place.json",
    "archive/place.md",
    "templates/records/place.md",
)


def leads(bank: Path) -> None:
    """Put links that lead out, pipes and loops where files and folders are looked for."""
    private = bank.parent.parent / "outside" / "private.md"
    for number, name in enumerate(PLACES):
        path = bank / name
        path.parent.mkdir(parents=True, exist_ok=True)
        out, pipe, loop = (path.with_name(f"{each}{path.name}") for each in ("out-", "pipe-", "loop-"))
        out.symlink_to(private)
        os.mkfifo(pipe)
        loop.symlink_to(loop)
        (path.parent / f"folder{number}").symlink_to(bank)
        path.mkdir()
    for name in ("summary.json", "development_log.md"):
        (bank / name).unlink()
        os.mkfifo(bank / name)
    for name in ("pafs.md", "patterns.md"):
        (bank / name).unlink()
        (bank / name).symlink_to(private)
    docs = bank.parent / "docs"
    (docs / "research").symlink_to(private.parent)
    (docs / "plans" / "up").symlink_to("..")
    os.mkfifo(docs / "plans" / "2026-pipe.md")
    for name in ("Makefile", "package.json"):
        (bank.parent / name).unlink()
        os.mkfifo(bank.parent / name)
    # git itself would wait for a pipe in this place, until its time is over
    (bank.parent / ".gitattributes").symlink_to(".gitattributes")


def breaks(bank: Path) -> None:
    """Break what the program keeps for itself, and what it is set up by."""
    settings = f"""name = "{CLIMBS[0]}"
semantic = false
[check]
allow = [3, "x", ":"]
line_length = 1
stale_days = 99999999999999999999
[check.severity]
secret = "off"
parser = ["x"]
[paf]
timeout = 5
[paf.checks]
AUTH-001 = "{RUNS}"
"../x" = "sh -c '{RUNS}'"
"""
    put(bank / "bank.toml", settings)
    put(
        bank / "templates/records/evil.md",
        "---\nrecord: ../../evil\nprefix: '/'\nfolder: ../../outside\nstatuses: 3\n---\n",
    )
    put(
        bank / "templates/records/fact.md",
        "---\nrecord: fact\nprefix: fact\nfolder: ../../outside\nfile: '../{id}.md'\n---\n# {title}\n",
    )
    put(bank / "templates/contracts/patterns.md", f"---\ncontract: {CLIMBS[0]}\nsections: {NESTED}\n---\n")
    put(bank / "templates/gates.toml", f'implement = ["{CLIMBS[0]}#x", "-x"]\n')
    put(bank / "templates/stages.toml", f'x = "{CLIMBS[0]}"\n[[stage]]\n')
    state = bank / ".state"
    shutil.rmtree(state)
    state.mkdir(mode=0o777)
    put(state / "index.sqlite", "SQLite format 3\0" + LONG)
    put(state / "records.cache", NESTED)
    put(state / "reads.jsonl", f"{NESTED}\n{json.dumps({'at': 3, 'session': '', 'reads': [[CLIMBS[0], 3], 3]})}\n")
    row = {
        "op": "op-20261121-aaaaa",
        "state": "begun",
        "verb": ESCAPES,
        "files": [{"file": CLIMBS[0], "before": "x", "after": "y"}],
    }
    put(state / "journal.jsonl", f"{NESTED}\n{json.dumps(row)}\n\x00\n{LONG}\n")
    (state / "lock").symlink_to(bank.parent.parent / "outside" / "lock")
