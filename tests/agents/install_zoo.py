"""Files as people have them: in any style, with comments, other servers, CRLF and what a client's next version adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.agents.install.clients import CLIENTS, pieces_of
from memorybank.agents.install.pieces import Block, JsonDefault, JsonItems, JsonKey, OwnFile, TomlTable
from memorybank.agents.install.places import Machine, Request

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.agents.install.clients import Client

SERVERS = b"""\
{
    "unknown key": [1, 2.50, 1e3, null],
    "mcpServers": {"x": {"command": "y", "env": {"K": "\\u00e4 // no comment"}}},
    "permissions": {"allow": ["Bash(ls:*)"], "deny": [], "mode": "ask"},
    "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "date"}]}]}
}
"""
COMMENTS = b"""\
// my settings
{
  // servers
  "mcpServers": {
    "x": {"command": "y"}, // the first
    /* no more */
  },
  "permissions": {"allow": ["A", /* b */], "x": 1,},
  "mcp": {"q": {"type": "local"}}, // last
}
"""
CRLF = (
    b'{\r\n\t"mcpServers": {\r\n\t\t"x": {\r\n\t\t\t"command": "y"\r\n\t\t}\r\n\t},\r\n'
    b'\t"permissions": {\r\n\t\t"allow": [\r\n\t\t\t"A"\r\n\t\t]\r\n\t}\r\n}'
)
JSON: dict[str, bytes] = {
    "servers": SERVERS,
    "comments": COMMENTS,
    "crlf, tabs, no last line end": CRLF,
    "empty": b"",
    "blank": b"\n\n",
    "an object": b"{}",
    "an object on two lines": b"{\n}\n",
    "one line": b'{"a": 1}',
    "no blanks": b'{"mcpServers":{"x":{"command":"y"}},"permissions":{"allow":["A"],"deny":[]}}',
    "bom": b'\xef\xbb\xbf{\n    "z": [1,2],\n    "mcpServers": {}\n}\n',
    "comment at the end": b'{\n  "a": 1 // last\n}',
    "only a comment": b"{ // x\n}\n",
    "no value": b"// mine\n\n/* two */\n",
    "no value, no last line end": b"// mine",
    "bom alone": b"\xef\xbb\xbf",
    "other names": b'{"servers":{"q":{}},"mcp":{"q":{"type":"local"}}}\n',
    "a user's own permissions": b'{\n  "permissions": {\n    "allow": [\n      "Bash(bank load:*)"\n    ]\n  }\n}\n',
    "empty lists": b'{"permissions": {"allow": []}, "hooks": {}, "mcpServers": {}}\n',
}
TOML: dict[str, bytes] = {
    "servers": b'# mine\nmodel = "o9"\n\n[mcp_servers.x]\ncommand = "y" # why\n\n[mcp_servers.x.env]\nK = "1"\n# end\n',
    "comments": b"[x]\n# a\ny = 1\n",
    "crlf, tabs, no last line end": b'[mcp_servers.x]\r\n\tcommand = "y"',
    "empty": b"",
    "blank": b"\n\n",
    "one line": b"a = {b = 1} # c",
    "no blanks": b"a=1\n[[b]]\nc=2\n[[b]]\nc=3\n",
    "bom": b"\xef\xbb\xbf[x]\ny = 1\n",
    "no value": b"# mine\n\n# two\n",
    "no value, no last line end": b"# mine",
    "bom alone": b"\xef\xbb\xbf",
    "bank_er": b'[mcp_servers.banker]\ncommand = "b"\n[mcp_servers."x.y"]\ncommand = "c"\n',
}
MARKDOWN: dict[str, bytes] = {
    "servers": "# Rules\n\nWrite tests. Kürze.\n".encode(),
    "crlf, tabs, no last line end": b"# Rules\r\n\r\nWrite tests.",
    "empty": b"",
    "blank": b"\n\n",
    "bom": b"\xef\xbb\xbf# Rules\n",
    "one line": b"@AGENTS.md",
    "no value": b"<!-- mine -->\n",
    "bom alone": b"\xef\xbb\xbf",
}
CASES = ["missing", *JSON]
WAYS = [(name, scope) for name, client in CLIENTS.items() for scope in client.scopes]


class Setup(NamedTuple):
    """A machine with a project, a home folder and the user's own folder of banks."""

    root: Path
    request: Request
    bank_home: Path

    def files(self) -> dict[str, bytes | None]:
        """Return every file and folder of the project and the home folder."""
        return {
            each.relative_to(self.root).as_posix(): each.read_bytes() if each.is_file() else None
            for each in sorted(self.root.rglob("*"))
        }


def setup(root: Path, scope: str, *, hooks: bool = True, environ: dict[str, str] | None = None) -> Setup:
    """Make a machine below a folder."""
    for name in ("files/project", "files/home"):
        (root / name).mkdir(parents=True)
    machine = Machine(
        root / "files" / "project", root / "files" / "home", environ or {}, "linux", ("/opt/venv/bin/bank",)
    )
    return Setup(root / "files", Request(machine, scope, hooks), root / "bank-home")


def put_users_files(client: Client, request: Request, case: str) -> None:
    """Write what a user has in the files that a client shares with others."""
    for piece in pieces_of(client, request):
        match piece:
            case JsonKey() | JsonItems() | JsonDefault():
                data = JSON.get(case)
            case TomlTable():
                data = TOML.get(case)
            case Block():
                data = MARKDOWN.get(case)
            case OwnFile():
                data = None
        if data is not None and not piece.file.exists():
            piece.file.parent.mkdir(parents=True, exist_ok=True)
            piece.file.write_bytes(data)
