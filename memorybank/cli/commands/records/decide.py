"""`bank decide` and `bank learn`: a record and its line in a memory file, as one operation."""

from __future__ import annotations

import click

from memorybank.cli.commands.records.memory import show_written
from memorybank.cli.options import App, text_from, words_of, writes
from memorybank.cli.output import answer, say
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.entries import Entries


def texts_from(**given: str | None) -> dict[str, str]:
    """Return the text of each option, "" for one that was left out."""
    return {name: text or "" for name, text in given.items()}


@click.command("decide", cls=TextCommand)
@text_words("title", metavar="TITLE...")
@click.option("--context", type=TEXT, metavar="TEXT", help="The question, and why it has to be answered.")
@click.option("--decision", type=TEXT, metavar="TEXT", help="What was decided, if the title does not say it all.")
@click.option("--why", type=TEXT, metavar="TEXT", help="The reasons.")
@click.option("--alternative", multiple=True, type=TEXT, metavar="TEXT", help="What was not chosen; can be repeated.")
@click.option(
    "--consequence",
    multiple=True,
    type=TEXT,
    metavar="[+|-] TEXT",
    help="What follows: + a good one, - a bad one; can be repeated.",
)
@click.option("--implementation", multiple=True, type=TEXT, metavar="TEXT", help="A step in the code; can be repeated.")
@click.option("--confirmation", type=TEXT, metavar="TEXT", help="How to check that the decision is followed.")
@click.option("--decider", type=TEXT, metavar="NAME", help="Who decided.")
@click.option("--status", metavar="STATUS", help="proposed or rejected; the default is accepted.")
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@click.option("--link", multiple=True, metavar="[REL:]ID", help="A related record: supersedes:ID, caused-by:ID, …")
@click.option("--supersedes", multiple=True, type=TEXT, metavar="ID", help="What this one replaces; can be repeated.")
@click.option("--anyway", is_flag=True, help="Write it even if it contradicts what the bank says.")
@writes
def decide_command(
    app: App,
    title: str,
    context: str | None,
    decision: str | None,
    why: str | None,
    alternative: tuple[str, ...],
    consequence: tuple[str, ...],
    implementation: tuple[str, ...],
    confirmation: str | None,
    decider: str | None,
    status: str | None,
    tags: str | None,
    project: str | None,
    link: tuple[str, ...],
    supersedes: tuple[str, ...],
    *,
    anyway: bool,
) -> None:
    """Record a decision

    An architecture decision record in memories/decision, and its line under Decisions of activeContext.md, as one
    operation. One of the texts may be -: it is read from standard input.

    A decision that contradicts another, a pattern, a learning or an active fact is refused. --supersedes names what it
    replaces: an id, or the words of a line. Words such as "MySQL instead of Postgres" or "Move off Heroku to Fly" do
    the same after "Use Postgres" or "Hosting: Heroku".

    \b
    Example:
      bank decide "Use JWT for authentication" --context "The API needs logins" --why "Stateless, scales" \\
        --alternative "Server sessions: state on every node" --consequence "+ no session store" \\
        --consequence "- no way to take a token back before it expires" --tags auth
    """
    texts = texts_from(context=context, decision=decision, why=why, confirmation=confirmation)
    saved = app.face(Entries).decide(
        title,
        context=texts["context"],
        decision=texts["decision"],
        why=texts["why"],
        alternatives=alternative,
        consequences=consequence,
        implementation=implementation,
        confirmation=texts["confirmation"],
        decider=decider or "",
        status=status or "",
        tags=words_of(tags),
        project=project or "",
        links=link,
        supersedes=supersedes,
        anyway=anyway,
    )
    show_written(app, saved, "decided")


@click.command("learn", cls=TextCommand)
@text_words("text", metavar="TEXT...")
@click.option("--what", type=TEXT, metavar="TEXT", help="What happened.")
@click.option("--cause", type=TEXT, metavar="TEXT", help="Why it happened.")
@click.option("--solution", type=TEXT, metavar="TEXT", help="What was done.")
@click.option("--lesson", type=TEXT, metavar="TEXT", help="What to do from now on, if TEXT is only a title.")
@click.option("--applied-to", multiple=True, type=TEXT, metavar="TEXT", help="Where it was applied; can be repeated.")
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@click.option("--link", multiple=True, metavar="[REL:]ID", help="A related record: supersedes:ID, caused-by:ID, …")
@writes
def learn_command(
    app: App,
    text: str,
    what: str | None,
    cause: str | None,
    solution: str | None,
    lesson: str | None,
    applied_to: tuple[str, ...],
    tags: str | None,
    project: str | None,
    link: tuple[str, ...],
) -> None:
    """Record a lesson

    A record in memories/learning, and its line under Learnings of activeContext.md, as one operation. TEXT is the
    lesson; with --lesson it is the title of what taught it. One of the texts may be -: it is read from standard input.

    \b
    Examples:
      bank learn "Always normalise user input before validation" --tags validation
      bank learn "Email validation was case-sensitive" --what "Two accounts for one address" \\
        --cause "No lower-casing before the check" --lesson "Normalise before validation" --applied-to "User names"
    """
    texts = texts_from(text=text, what=what, cause=cause, solution=solution, lesson=lesson)
    saved = app.face(Entries).learn(
        texts["text"],
        what=texts["what"],
        cause=texts["cause"],
        solution=texts["solution"],
        lesson=texts["lesson"],
        applied_to=applied_to,
        tags=words_of(tags),
        project=project or "",
        links=link,
    )
    show_written(app, saved, "learned")


def check_decision(app: App, text: str) -> int:
    """Report what a decision would contradict; return 1 when there is anything."""
    if not text.strip():
        raise click.UsageError('give the decision as one text: bank check decision "Cache: Redis".')
    contradictions = app.face(Entries).contradictions(text_from(text))
    if app.as_json:
        answer(contradictions)
        return 1 if contradictions else 0
    for earlier in contradictions:
        say(f"{earlier.address}: {earlier.said}")
        mark = earlier.ident or f"a {earlier.kind} line"
        say(f"  {earlier.subject}: {earlier.old!r} there, {earlier.new!r} here  [{mark}]")
    if not contradictions:
        say("nothing in the bank contradicts it")
    return 1 if contradictions else 0
