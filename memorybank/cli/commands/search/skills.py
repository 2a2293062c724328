"""`bank skills`: the skills of a project."""

from __future__ import annotations

import click

from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, tell
from memorybank.facade.loading import Loading

_WIDTH = 60


@click.command("skills")
@reads
def skills_command(app: App) -> None:
    """List the skills of the project

    First those that patterns.md lists under Project SKILL_HINTS: load each of them that is installed. Then those that
    are installed, in .claude/skills and .agents/skills of the project and of your home folder, and not listed. A name
    that has the name of a package of the project's manifest in it comes first, with the command that lists it.

    \b
    Examples:
      bank skills
      bank note react-best-practices --as skill
    """
    skills = app.face(Loading).skills()
    if app.as_json:
        answer(skills)
        return
    for skill in skills:
        state = ("listed" if skill.is_listed else "installed") if skill.place else "listed, not found"
        about = skill.description if len(skill.description) <= _WIDTH else f"{skill.description[: _WIDTH - 1]}…"
        say("  ".join(each for each in (f"{state:18}", skill.name, about) if each).rstrip())
        if skill.signal and skill.command:
            say(f"{'':20}the project uses {skill.signal}: {skill.command}")
    if not skills:
        say("no skills")
        tell("bank note NAME --as skill lists one")
