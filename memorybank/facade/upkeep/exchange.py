"""Export and import: a bank's memory as other tools' files, and theirs as records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.face import Face, check_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.exchange.imported import ImportResult
    from memorybank.exchange.module71.writer import ExportResult

EXPORT_FORMATS = ("module71",)
# those of `exchange.formats`, which a help page does not need to import
IMPORT_FORMATS = (
    *("module71", "conversation", "adr", "contextfs", "claude-memory"),
    *("codex", "gemini", "claude-code", "codex-memory", "copilot-memory", "gemini-memory", "substrate-config"),
)


class Exchange(Face):
    """The methods of a bank for other tools' files."""

    __slots__ = ()

    def export(
        self,
        to: Path | str,
        *,
        format: str = "module71",  # noqa: A002  the option's word
        overwrite: bool = False,
        dry_run: bool = False,
    ) -> ExportResult:
        """Write the memory as another tool's files into a folder; if a file is there with another text, none.

        Raises:
            FieldError: there is no such format.
            ArtifactError: a file is there with another text, and `overwrite` is not set.
            OutsideError: the folder is inside the bank.
        """
        from memorybank.exchange.module71.writer import export_tree

        check_choice(format, EXPORT_FORMATS, field="format")
        return export_tree(self._folder, Path(to), dry_run=dry_run or self._caller.dry_run, overwrite=overwrite)

    def import_from(
        self,
        format: str,  # noqa: A002  the option's word
        source: Path | str,
        *,
        summary: str = "",
        tags: Sequence[str] = (),
        everything: bool = False,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> ImportResult:
        """Import another tool's memory, in one of `IMPORT_FORMATS`.

        What was imported before is skipped. Secrets are redacted and reported. Conversations get `summary` and `tags`.
        With `everything`, memories of agents that belong to other projects are taken, too. `on_progress` gets what is
        done, how much of it, and of how much.

        Raises:
            ForeignError: there is no such format, or the source does not have it.
            FieldError: a summary, tags or `everything` are given for another format, or are invalid.
            BankError: it cannot be read, or the bank cannot be written.
        """
        from memorybank.exchange.formats import import_from

        return import_from(
            self._folder,
            format,
            Path(source),
            self._way(),
            summary=summary,
            tags=tags,
            everything=everything,
            on_progress=on_progress,
        )

    def import_conversation(
        self,
        json_content: str,
        *,
        summary: str = "",
        tags: Sequence[str] = (),
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> ImportResult:
        """Import conversations of Claude or ChatGPT, or [{role, content}], as sessions with this summary and tags.

        `on_progress` gets what is done, how much of it, and of how much.

        Raises:
            ForeignError: the text has no conversation in a known format.
            BankError: the bank cannot be written.
        """
        from memorybank.exchange.formats import import_conversation

        way, words = self._way(), tuple(tags)
        return import_conversation(
            self._folder, json_content, way, summary=summary, tags=words, on_progress=on_progress
        )
