"""`bank decide` and `bank learn`: a record and its line in the contract in one operation."""

from __future__ import annotations

import click

from memorybank.cli.commands.records.memory import show_saved
from memorybank.cli.options import App, text_from, writes
from memorybank.cli.output import answer, say
from memorybank.cli.text_command import TEXT, TextCommand


def words_of(value: str | None) -> list[str]:
    """Cut `a,b` into its words."""
    return [each.strip() for each in (value or "").split(",") if each.strip()]


def texts_from(**given: str | None) -> dict[str, str]:
    """Give the text of each option, "" for one that was left out."""
    return {name: text or "" for name, text in given.items()}


@click.command("decide", cls=TextCommand)
@click.argument("title", type=TEXT, metavar="TITLE")
@click.option("--context", type=TEXT, metavar="TEXT", help="The question, and what forces an answer.")
@click.option("--decision", type=TEXT, metavar="TEXT", help="What is decided, when the title does not say it all.")
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
@click.option("--confirmation", type=TEXT, metavar="TEXT", help="How one can see that it is kept.")
@click.option("--decider", type=TEXT, metavar="NAME", help="Who decided.")
@click.option("--status", metavar="STATUS", help="proposed or rejected; accepted when it is left out.")
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--project", metavar="NAME", help="The project it belongs to.")
@click.option("--link", multiple=True, metavar="[REL:]ID", help="A related record: supersedes:ID, caused-by:ID, …")
@click.option("--supersedes", type=TEXT, default="", metavar="ID", help="The earlier decision that gives way.")
@click.option("--anyway", is_flag=True, help="Although an earlier decision says otherwise.")
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
    supersedes: str,
    *,
    anyway: bool,
) -> None:
    """Record a decision

    An architecture decision record in memories/decision, and its line under Decisions of activeContext.md, as one
    operation. One text of - is read from standard input.

    \b
    Example:
      bank decide "Use JWT for authentication" --context "The API needs logins" --why "Stateless, scales" \\
        --alternative "Server sessions: state on every node" --consequence "+ no session store" \\
        --consequence "- no way to take a token back before it expires" --tags auth
    """
    from memorybank.records.fields import parse_link
    from memorybank.workflow.entries.decide import decide

    texts = texts_from(context=context, decision=decision, why=why, confirmation=confirmation)
    saved = decide(
        app.bank,
        title,
        app.way(),
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
        links=[parse_link(each) for each in link],
        supersedes=supersedes,
        anyway=anyway,
    )
    show_saved(app, saved, "decided")


@click.command("learn", cls=TextCommand)
@click.argument("text", type=TEXT, metavar="TEXT")
@click.option("--what", type=TEXT, metavar="TEXT", help="What happened.")
@click.option("--cause", type=TEXT, metavar="TEXT", help="Why it happened.")
@click.option("--solution", type=TEXT, metavar="TEXT", help="What was done.")
@click.option("--lesson", type=TEXT, metavar="TEXT", help="What to do from now on, when TEXT is only a title.")
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
    lesson; with --lesson it is the title of what taught it. One text of - is read from standard input.

    \b
    Examples:
      bank learn "Always normalise user input before validation" --tags validation
      bank learn "Email validation was case-sensitive" --what "Two accounts for one address" \\
        --cause "No lower-casing before the check" --lesson "Normalise before validation" --applied-to "User names"
    """
    from memorybank.records.fields import parse_link
    from memorybank.workflow.entries.decide import learn

    texts = texts_from(text=text, what=what, cause=cause, solution=solution, lesson=lesson)
    saved = learn(
        app.bank,
        texts["text"],
        app.way(),
        what=texts["what"],
        cause=texts["cause"],
        solution=texts["solution"],
        lesson=texts["lesson"],
        applied_to=applied_to,
        tags=words_of(tags),
        project=project or "",
        links=[parse_link(each) for each in link],
    )
    show_saved(app, saved, "learned")


def check_decision(app: App, words: tuple[str, ...]) -> int:
    """Tell what a decision would speak against; gives 1 when there is something."""
    from memorybank.workflow.contradictions.earlier import contradictions

    if len(words) != 1:
        raise click.UsageError('give the decision as one text: bank check decision "Cache: Redis".')
    found = contradictions(app.bank, text_from(words[0]))
    if app.as_json:
        answer({"contradictions": found})
        return 1 if found else 0
    for each in found:
        say(f"{each.address}: {each.said}")
        say(f"  {each.subject}: {each.old!r} there, {each.new!r} here  [{each.ident or 'a line'}]")
    if not found:
        say("nothing decided speaks against it")
    return 1 if found else 0
