"""Decisions, lessons and bugs: a record each, with its line in a memory file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face, check_limit
from memorybank.facade.memories import RecordList, parse_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.memories.memories import SavedRecord
    from memorybank.records.record import Record
    from memorybank.workflow.contradictions.earlier import ContradictionList
    from memorybank.workflow.entries.bugs import BugFix


class BugList(RecordList):
    """Bugs without their text, newest first."""

    __slots__ = ()
    plural = "bugs"


class Entries(Face):
    """The methods of a bank for decisions, lessons and bugs."""

    __slots__ = ()

    def decide(
        self,
        title: str,
        *,
        context: str = "",
        decision: str = "",
        why: str = "",
        alternatives: Sequence[str] = (),
        consequences: Sequence[str] = (),
        implementation: Sequence[str] = (),
        confirmation: str = "",
        decider: str = "",
        status: str = "",
        summary: str = "",
        tags: Sequence[str] = (),
        project: str = "",
        links: Sequence[str] = (),
        supersedes: Sequence[str] = (),
        anyway: bool = False,
    ) -> SavedRecord:
        """Record a decision, with its line under Decisions of activeContext.md, as one operation.

            bank.decide("Use JWT for authentication", why="Stateless", alternatives=["Server sessions"])

        Without `decision` the title is what was decided. A consequence that begins with `+` is a good one, with `-` a
        bad one. A link is an id, or `REL:ID`. `supersedes` is what this one replaces: the id of a record or of an
        architectural fact, or the text of a line that has no record. What its words name as replaced, as `MySQL
        instead of Postgres` does, is superseded too.

        Raises:
            NotFoundError: `supersedes` names nothing.
            ContradictionError: it contradicts a decision, pattern, learning or fact that it does not replace, and
                `anyway` is not set.
            BankError: a text, a field or the line is refused; nothing is written.
        """
        from memorybank.workflow.entries.decide import NewDecision, decide

        new = NewDecision(
            title,
            context=context,
            decision=decision,
            why=why,
            alternatives=alternatives,
            consequences=consequences,
            implementation=implementation,
            confirmation=confirmation,
            decider=decider,
            status=status,
            summary=summary,
            tags=tags,
            project=project,
            links=parse_links(links),
        )
        return self._saved(decide(self._folder, new, self._way(), supersedes=supersedes, anyway=anyway))

    def contradictions(self, decision: str) -> ContradictionList:
        """Return the decisions, patterns, learnings and active facts that a decision would contradict.

        Nothing is written.

        Raises:
            BankError: the text is empty or invalid, or a file cannot be read.
        """
        from memorybank.workflow.contradictions.earlier import contradictions

        return contradictions(self._folder, decision)

    def learn(
        self,
        text: str,
        *,
        what: str = "",
        cause: str = "",
        solution: str = "",
        lesson: str = "",
        applied_to: Sequence[str] = (),
        tags: Sequence[str] = (),
        project: str = "",
        links: Sequence[str] = (),
    ) -> SavedRecord:
        """Record a lesson, with its line under Learnings of activeContext.md, as one operation.

        The text is the lesson; with `lesson` it is the title of what taught it. A link is an id, or `REL:ID`.

        Raises:
            BankError: a text, a field or the line is refused; nothing is written.
        """
        from memorybank.workflow.entries.decide import NewLearning, learn

        new = NewLearning(
            text,
            what=what,
            cause=cause,
            solution=solution,
            lesson=lesson,
            applied_to=applied_to,
            tags=tags,
            project=project,
            links=parse_links(links),
        )
        return self._saved(learn(self._folder, new, self._way()))

    @property
    def bugs(self) -> Bugs:
        """The bugs: `report`, `fix`, `deployed`, `list`, `show`."""
        return Bugs(self._folder, self._caller)


class Bugs(Face):
    """Bugs. One is named by its number (`7` or `#7`), its id, or a prefix that only it has."""

    __slots__ = ()

    def report(
        self,
        title: str,
        *,
        severity: str = "medium",
        description: str = "",
        steps: Sequence[str] = (),
        expected: str = "",
        actual: str = "",
        reported_by: str = "",
        number: int = 0,
        tags: Sequence[str] = (),
        project: str = "",
    ) -> SavedRecord:
        """Report a bug; without a `number` it gets the bank's next, without a `description` the title is one.

        Raises:
            FieldError: the number is taken.
            BankError: a text or a field is refused; nothing is written.
        """
        from memorybank.workflow.entries.bugs import report_bug

        saved = report_bug(
            self._folder,
            title,
            self._way(),
            severity=severity,
            description=description,
            steps=steps,
            expected=expected,
            actual=actual,
            reported_by=reported_by,
            number=number,
            tags=tags,
            project=project,
        )
        return self._saved(saved)

    def fix(
        self,
        bug: str,
        *,
        cause: str = "",
        fix: str = "",
        lesson: str = "",
        testing: Sequence[str] = (),
        commit: str = "",
        deployed: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> BugFix:
        """Close a bug that is fixed, with a line under Recent Changes, as one operation.

        A `lesson` becomes a learning that names the bug as its cause; `tags` are those of the learning, the bug's when
        they are left out. `commit` is the commit that fixed it, `deployed` where it runs: "production 2026-11-21".

        Raises:
            NoRecordError: no bug matches, or several do.
            FieldError: it is fixed already, or its status cannot become that.
            BankError: a text is refused; nothing is written.
        """
        from memorybank.workflow.entries.bugs import fix_bug

        return fix_bug(
            self._folder,
            bug,
            self._way(),
            cause=cause,
            fix=fix,
            lesson=lesson,
            testing=testing,
            commit_id=commit,
            deployed=deployed,
            tags=tags,
        )

    def deployed(self, bug: str, where: str, *, commit: str = "") -> SavedRecord:
        """Write down where a bug's fix was deployed: a place, with a day at its end or without.

        Raises:
            NoRecordError: no bug matches, or several do.
            FieldError: no place is named, or the day does not exist.
        """
        from memorybank.workflow.entries.bugs import deploy_bug

        return self._saved(deploy_bug(self._folder, bug, [where], self._way(), commit_id=commit))

    def list(self, *, status: str = "", severity: str = "", limit: int = 20) -> BugList:
        """Return the newest bugs, of a status and a severity if they are named; all of them with a `limit` of 0.

        Raises:
            FieldError: there is no such status or severity, or `limit` is below 0.
        """
        from memorybank.workflow.entries.bugs import list_bugs

        check_limit(limit, least=0)
        bugs = list_bugs(self._folder, status=status, severity=severity)
        newest = bugs.records[:limit] if limit else bugs.records
        return BugList(newest, total=len(bugs.records), broken=bugs.broken)

    def show(self, bug: str) -> Record:
        """Return one bug.

        Raises:
            NoRecordError: no bug matches, or several do.
        """
        from memorybank.workflow.entries.bugs import find_bug

        return find_bug(self._folder, bug).record

    @staticmethod
    def number_of(bug: Record) -> int:
        """Return a bug's number; 0 when it has none."""
        from memorybank.workflow.entries.bugs import number_of

        return number_of(bug)
