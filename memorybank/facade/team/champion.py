"""The work of whoever keeps a team's memory in order: confirm, introduce, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

SPRINT = "14d"
_OF_TAGS = ("tag-form", "tag-alias", "tag-group", "unknown-tag")

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.team.hygiene.confirm import Confirmation
    from memorybank.team.hygiene.onboard import Introduction
    from memorybank.team.hygiene.report import Report


class Champion(Face):
    """The methods of a bank for the one who keeps it in order."""

    __slots__ = ()

    def confirm(self, wanted: Sequence[str] | str, *, item: str = "") -> Confirmation:
        """Write down today as the day on which records, facts or lines were still true, as one operation.

        Each is an id, the address of a line with its `^id`, or the line's text. With `item`, the number or text of a
        line, it is the address of a section. A review asks again when its interval has passed.

        Raises:
            FieldError: nothing is named, or `item` goes with several.
            NoRecordError, NoItemError: nothing has this id or this text.
            DuplicateAnchorError: several lines have this text.
        """
        from memorybank.team.hygiene.confirm import confirm

        names = [wanted] if isinstance(wanted, str) else wanted
        return confirm(self._folder, names, self._way(), item=item)

    def onboard(
        self,
        *,
        day: int = 0,
        budget_tokens: int | None = None,
        out: Path | str = "",
        overwrite: bool = False,
    ) -> Introduction:
        """Return what a new member reads on each of five days, from what the bank holds; with `day`, on one of them.

        The days are: architecture and tech stack, development setup, key decisions, common issues, code patterns. A
        day without anything says what is missing and how it is written. Tokens are estimated. `out` is a file outside
        of the bank for the page.

        Raises:
            FieldError: there is no such day, or the budget is too small for the headings.
            ArtifactError: the file exists with another text, and `overwrite` is not set.
            OutsideError: the file is inside the bank.
        """
        from memorybank.team.hygiene.onboard import onboard

        found = onboard(self._folder, day=day, budget=budget_tokens)
        self._write_page(out, found.text, overwrite=overwrite)
        return found

    def report(self, *, since: str | datetime = SPRINT, out: Path | str = "", overwrite: bool = False) -> Report:
        """Return what happened to the memory since a day or time, and what is open, with a page of Markdown.

        It has the new memories by type, tool and author, advice on their texts and tags, gaps, what was confirmed,
        marked as outdated or archived, unresolved merges, notes that wait, and the questions of the weekly review.
        `out` is a file outside of the bank for the page.

        Raises:
            FieldError: `since` is no day or time.
            ArtifactError: the file exists with another text, and `overwrite` is not set.
            OutsideError: the file is inside the bank.
        """
        from collections import Counter

        from memorybank.check.lint import lint
        from memorybank.check.review import review
        from memorybank.team.hygiene.report import OpenQuestions, report

        now = self._caller.now()
        findings = lint(self._folder, now=now)
        merges = [each for each in findings if each.rule == "conflict-marker"]
        tags = [f"{each.file}: {each.message}; {each.hint}" for each in findings if each.rule in _OF_TAGS]
        topics = Counter(each.topic for each in review(self._folder, now))
        found = OpenQuestions(tuple(f"{each.file}:{each.line}" for each in merges), topics, tuple(tags))
        made = report(self._folder, now, since=self._moment(since, "since"), found=found)
        self._write_page(out, made.text, overwrite=overwrite)
        return made

    def _write_page(self, out: Path | str, text: str, *, overwrite: bool) -> None:
        from pathlib import Path

        from memorybank.team.hygiene.page_file import write_page

        if out:
            write_page(self._folder, Path(out), text, overwrite=overwrite)
