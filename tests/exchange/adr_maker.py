"""Make decision records of every form, with a word of its own in each piece of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_STATUSES = (
    *("Accepted", "**Accepted**", "- Accepted", "✅ Accepted", "`accepted`", "Rejected.", "On hold", "not accepted"),
    *(
        "Draft",
        "In review",
        "Implemented",
        "Withdrawn",
        "Retired",
        "Accepted?",
        "Proposed | Accepted",
        "~~Proposed~~ Accepted",
    ),
    *(
        "Akzeptiert",
        "Acceptée",
        "Aceptado",
        "Aceito",
        "Принято",
        "已接受",
        "採用",
        "승인됨",
        "Abgelehnt am 3. Mai 2024",
    ),
    *("Accepted (2024-01-02)", "Accepted on 2 Sept 2024", "2024-03-01: Accepted", "Superseded in part", ""),
    *("- [ ] Proposed\n- [x] Accepted", "- 2024-01-01: Proposed\n- 2024-02-01: Accepted", "Accepted\n\nDeprecated"),
    *("| Date | Status |\n|---|---|\n| 2024-01-01 | Proposed |\n| 2024-02-01 | Rejected |",),
    *("![status](https://img.shields.io/badge/status-accepted-green)", "<!-- proposed --> accepted", "A bloogy woo"),
)
_DATES = (
    *(
        "2024-05-06",
        "2024-3-1",
        "2 Sept 2024",
        "1er mars 2024",
        "2024年3月1日",
        "01.03.2024",
        "2024/03/01",
        "03/04/2024",
    ),
    *(
        "2024-05-06T07:08:09+02:00",
        "2024-05-06 (changed 2024-06-07)",
        "March 2024",
        "TBD",
        "2024-02-30",
        "",
        "May 6, 2024",
    ),
)
_SECTIONS = (
    *("Context", "Context and Problem Statement", "Decision", "Decision Outcome", "Consequences", "Considered Options"),
    *("Decision Drivers", "Pros and Cons of the Options", "Positive Consequences", "Confirmation", "Validation"),
    *("Kontext", "Entscheidung", "Konsequenzen", "Contexte", "Décision", "Conséquences", "Contexto", "Decisión"),
    *(
        "Consecuencias",
        "Decisão",
        "Consequências",
        "Контекст",
        "Решение",
        "Последствия",
        "背景",
        "决策",
        "后果",
        "決定",
        "影響",
    ),
    *(
        "Links",
        "Notes",
        "More Information",
        "Related",
        "Solution",
        "Decision: {w}",
        "Decision ({w})",
        "{w}",
        "Risks {w}",
    ),
    *("Date", "Deciders", "Supersedes", "Metadata", "Rationale", "Alternatives", "Implementation"),
)
_FRONT = ("status", "date", "title", "tags", "deciders", "decision-makers", "supersedes", "superseded-by", "related")
_OTHER_FRONT = (
    "nav_order",
    "layout",
    "implemented",
    "consulted",
    "adr_number",
    "imported_id",
    "Owner",
    "created",
    "x y",
)


class Made(NamedTuple):
    """A folder of files, and the words that are in each of them."""

    files: dict[str, bytes]
    words: dict[str, list[str]]


class Maker:
    """Makes folders from a source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.words: list[str] = []

    def word(self) -> str:
        """Give a word that is nowhere else."""
        self.count += 1
        self.words.append(f"zq{self.count}w")
        return self.words[-1]

    def folder(self, count: int) -> Made:
        """Make a folder of records that refer to each other."""
        pick = self.chance.choice
        names = [
            f"{pick(('', '', 'a/', 'b c/'))}"
            f"{pick((f'{n:04}-', f'ADR-{n:03}-', f'adr_{n}_', f'2023-05-{n % 28 + 1:02}-', ''))}"
            f"file{n}{pick(('.md', '.md', '.markdown'))}"
            for n in range(1, count + 1)
        ]
        files: dict[str, bytes] = {}
        words: dict[str, list[str]] = {}
        for name in names:
            self.words = []
            text = self.record([f"{'../' if '/' in name else ''}{each.replace(' ', '%20')}" for each in names])
            text = pick((text, text, text.replace("\n", "\r\n")))
            data = text.encode("utf-8", "surrogateescape")
            files[name] = pick(
                (data, data, data, b"\xef\xbb\xbf" + data, data + b"\n\xe9 " + self.word().encode() + b"\n")
            )
            # words of choices that were not taken are in no file
            words[name] = [each for each in self.words if each.encode() in files[name]]
        return Made(files, words)

    def record(self, names: list[str]) -> str:
        """Make one record."""
        pick, chance = self.chance.choice, self.chance
        parts = [self.front(names)]
        if chance.random() < 0.2:
            parts.append(
                pick((f"<!-- {self.word()} -->\n", f"{self.word()} above\n\n", f"![{self.word()}](x.png)\n\n"))
            )
        parts.append(self.title())
        parts += [self.head(names) for _ in range(chance.randrange(4))]
        if chance.random() < 0.2:
            parts.append(
                f"\n| Status | {pick(('Accepted', 'Proposed', self.word()))} |\n"
                f"|---|---|\n| {self.word()} | {self.word()} |\n"
            )
        level = pick((2, 2, 2, 1, 3))
        if chance.random() < 0.8:
            parts.append(
                self.heading(pick(("Status", "Statut", "Estado", "状态", "1. Status", "Status:", "**Status**")), level)
            )
            parts.append(self.status(names))
        for _ in range(chance.randrange(1, 7)):
            parts.append(self.section(names, level))
        if chance.random() < 0.1:
            parts.append(
                pick((f"\n```\n{self.word()}\n", f"\n<!-- {self.word()}\n", f"\n[r]: {pick(names)} '{self.word()}'\n"))
            )
        return "".join(parts)

    def front(self, names: list[str]) -> str:
        """Make front matter, or none."""
        pick, chance = self.chance.choice, self.chance
        kind = pick(("", "", "yaml", "yaml", "toml", "broken", "scalar"))
        if not kind:
            return ""
        if kind == "scalar":
            return f"---\ntag:{self.word()} team\n---\n\n"
        keys = chance.sample(_FRONT, 4) + chance.sample(_OTHER_FRONT, 2)
        rows = [(key, self.front_value(key, names, kind)) for key in keys]
        if kind == "toml":
            lines = [f'"{key}" = {value}  # {self.word()}' for key, value in rows]
            return "+++\n" + "\n".join(lines) + "\n+++\n"
        lines = [pick((f"{key}: {value}", f"{key}: {value}  # {self.word()}")) for key, value in rows]
        lines.insert(chance.randrange(len(lines)), f"# {self.word()} {self.word()}")
        if kind == "broken":
            lines.append(
                pick(
                    (
                        f"summary: {self.word()}: {self.word()}",
                        f"- {self.word()}",
                        f"status: [{self.word()}",
                        f"  {self.word()}",
                    )
                )
            )
        return "---\n" + "\n".join(lines) + "\n---\n" + pick(("", "\n"))

    def front_value(self, key: str, names: list[str], kind: str) -> str:
        """Make the value of one key."""
        pick = self.chance.choice
        text = {
            "status": lambda: pick(("accepted", "Proposed", "superseded by ADR-0003", f"held {self.word()}")),
            "date": lambda: pick(tuple(each for each in _DATES if each)),
            "title": lambda: f"{self.word()} title",
            "supersedes": lambda: pick(("3", "ADR-0002", pick(names), "none")),
            "superseded-by": lambda: pick(("4", "ADR-0002", pick(names), "-")),
        }.get(key, lambda: f"{self.word()} {self.word()}")()
        if kind == "toml":
            return pick((f'"{text}"', f'["{text}", "{self.word()}"]', "0", "false", "2024-05-06"))
        return pick(
            (f'"{text}"', f'["{text}", {self.word()}]', "0", "false", "[]", "", "~", "yes", "1.10", f"{self.word()}")
        )

    def title(self) -> str:
        """Make a title, or none."""
        pick = self.chance.choice
        words = f"{self.word()} {self.word()}"
        number = self.chance.randrange(1, 30)
        return pick(
            (
                *(
                    f"# {words}\n",
                    f"# {number}. {words}\n",
                    f"# ADR-{number:04}: {words}\n",
                    f"{words}\n===\n",
                    f"# [{words}](x.md)\n",
                ),
                *(
                    f"# 🚀 `{words}` #\n",
                    f"## ADR {number} - {words}\n",
                    f"# {words}\n\n# Second {self.word()}\n",
                    "",
                    f"# {words} <!-- {self.word()} -->\n",
                ),
            )
        )

    def head(self, names: list[str]) -> str:
        """Make one line below the title."""
        pick = self.chance.choice
        name = pick(
            ("Status", "Date", "Deciders", "Tags", "Technical Story", "Supersedes", "Amended by", "Datum", "Décideurs")
        )
        value = {
            "Status": lambda: pick(tuple(each for each in _STATUSES if "\n" not in each)),
            "Date": lambda: pick(_DATES),
            "Datum": lambda: pick(_DATES),
            "Supersedes": lambda: pick((f"[{self.word()}]({pick(names)})", "ADR 3, ADR 4", "none")),
        }.get(name, lambda: f"{self.word()}, {self.word()}")()
        return pick(
            (
                *(
                    f"\n{name}: {value}\n",
                    f"\n* {name}: {value}\n",
                    f"\n- **{name}:** {value}  \n",
                    f"\n**{name}**: {value}<br>\n",
                ),
                *(
                    f"\n> **{name}:** {value} | **{self.word()}:** {self.word()}\n",
                    f"\n{name}: {value}\nand {self.word()} goes on\n",
                ),
                f"\n**{name}**\n\n{value}\n",
            )
        )

    def status(self, names: list[str]) -> str:
        """Make the text of a status."""
        pick = self.chance.choice
        text = pick(_STATUSES)
        more = pick(
            (
                *(
                    "",
                    "",
                    f"\n\nApproved by {self.word()}.",
                    f"\n{self.word()} on the next line",
                    f" - {self.word()}",
                    f"\n\n* {self.word()}",
                ),
                *(
                    f"\n\nSupersedes [{self.word()}]({pick(names)})",
                    f"\n\nSuperseded by [ADR-3]({pick(names)})",
                    "\n\nAmends ADR 2",
                ),
                f", superseded by [{self.word()}]({pick(names)}), {self.word()}",
            )
        )
        return f"{text}{more}\n"

    def heading(self, name: str, level: int) -> str:
        """Make a heading in one of its forms."""
        if level < 3 and self.chance.random() < 0.2:
            return f"\n{name}\n{'=---'[level - 1] * 5}\n\n"
        return f"\n{'#' * level} {name}{self.chance.choice(('', '', ' ##'))}\n\n"

    def section(self, names: list[str], level: int) -> str:
        """Make a section with a few blocks."""
        name = self.chance.choice(_SECTIONS)
        if "{w}" in name:
            name = name.replace("{w}", self.word())
        blocks = "".join(self.block(names, level) for _ in range(self.chance.randrange(3)))
        return self.heading(name, level) + blocks

    def block(self, names: list[str], level: int) -> str:
        """Make one block of text."""
        name = self.chance.choice(names)
        blocks: tuple[Callable[[], str], ...] = (
            lambda: f"{self.word()} text {self.word()}.\n\n",
            lambda: f" * {self.word()}\n * [ ] {self.word()}\n   * {self.word()}\n\n",
            lambda: f"```sh\n# {self.word()}\n[x]({name})\n```\n\n",
            lambda: f"    {self.word()} code\n\n",
            lambda: (
                f'[{self.word()}]({name}#{self.word()} "{self.word()}") and [{self.word()}](../{self.word()}.md)\n\n'
            ),
            lambda: f"![{self.word()}](img/{self.word()}.png) [[{self.word()}]] [top](#context)\n\n",
            lambda: (
                f"{'#' * (level + 1)} {self.chance.choice(('Consequences', 'Konsequenzen', self.word()))}\n\n"
                f"{self.word()}\n\n"
            ),
            lambda: f"<!-- {self.word()} -->\n\n",
            lambda: f"| {self.word()} | b |\n|---|---|\n| c | [{self.word()}](<{name}>) |\n\n",
            lambda: f'[{self.word()}][r] `{self.word()}`\n\n[r]: {name} "{self.word()}"\n\n',
            lambda: f'<a href="{name}">{self.word()}</a>\n\n---\n\n',
            lambda: f"{self.chance.choice(('2024-01-02', 'Ann, Bob'))}\n\n",
            lambda: f"<details>\n\n{self.word()}\n\n</details>\n\n",
            lambda: f"~~~\n{self.word()}\n~~~\n\n",
        )
        return self.chance.choice(blocks)()
