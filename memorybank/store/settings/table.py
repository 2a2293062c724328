"""The settings: one row for each, with its type, its default and what it is for. Reading, checking and docs use it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

SCOPES = ("worktree", "repository")
LOCAL = "local"
LAYOUT_VERSION = 1
# a default, and the values to choose from
WRITES = ("block", ("block", "warn", "audit"))
STOPS = ("remind", ("remind", "off"))
LINE_LENGTH, STALE_DAYS = 400, 90
CHECK_SECONDS, MOST_SECONDS = 60, 3600
SEVERITIES = ("error", "warning", "notice", "off")
_WORDS_OF_BOOL = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


class Setting(NamedTuple):
    """One setting: its key as it is typed, what it is for, its default, and which values it takes.

    The type of the default is the type of the value. A key that ends with `.*` stands for any name there. `least` and
    `most` limit a number; `most` 0 is no limit. `choices` lists the only values, of a list those of its members. A
    `personal` setting may also be the user's own, or come from the environment. `fixed` says who writes a setting that
    nobody changes by hand. `named` is its variable where the name does not follow from the key.
    """

    key: str
    text: str
    default: bool | int | float | str | tuple[str, ...]
    choices: tuple[str, ...] = ()
    least: float = 0
    most: int = 0
    personal: bool = False
    fixed: str = ""
    named: str = ""

    @property
    def kind(self) -> str:
        """The type of a value, in words."""
        if self.choices:
            return f"{'some' if isinstance(self.default, tuple) else 'one'} of {', '.join(self.choices)}"
        return _KINDS[type(self.default)]

    @property
    def parts(self) -> tuple[str, ...]:
        """The tables of the key and its last name, which may hold a dot where the bank chooses it."""
        prefix = next((each for each in _FREE if self.key.startswith(each)), "")
        return (*prefix.split(".")[:-1], self.key.removeprefix(prefix)) if prefix else tuple(self.key.split("."))

    @property
    def field(self) -> str:
        """The name of the field of `Config` that has the value."""
        return self.key.replace(".", "_")

    @property
    def variable(self) -> str:
        """The environment variable that sets it; "" for a setting of the bank alone."""
        return self.named or (f"MEMORYBANK_{self.field.upper()}" if self.personal else "")


# below these the bank chooses the names
_FREE = ("headings.", "check.severity.", "paf.checks.", "tags.groups.", "tags.aliases.")
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a decimal number",
    str: "a text",
    tuple: "a list of texts",
}

SETTINGS = (
    Setting("name", "The name of the bank in lists and exports; without it, that of the folder.", ""),
    Setting("project", "The project of every record that names none.", ""),
    Setting("layout", "The version of the bank's files.", LAYOUT_VERSION, least=1, fixed="bank migrate"),
    Setting("kept_megabytes", "How much is kept for undo; the oldest goes first.", 64, least=1, personal=True),
    Setting("scope", "Who shares the bank: one for each git worktree, or one for all of them.", SCOPES[0], SCOPES),
    Setting("semantic", "Rank searches by meaning too; needs memorybank[semantic].", default=False, personal=True),
    Setting("home_is_project", "The global bank is also the bank of the home folder.", default=False),
    Setting("log.zone", "The time zone of the development log: local, utc, or Europe/Berlin.", LOCAL, personal=True),
    Setting("load.budget_tokens", "How many tokens `bank load --for` prints at most.", 0, least=1, personal=True),
    Setting("load.budget_chars", "The same in characters; set one of the two.", 0, least=1, personal=True),
    Setting("agents.inject", "Hooks put the memory into a session, not one line.", default=False, personal=True),
    Setting("agents.writes", "What a hook does when a file is written without `bank`.", *WRITES, personal=True),
    Setting("agents.stop", "Whether a hook says once what is not written yet.", *STOPS, personal=True),
    Setting("agents.mine", "Hooks find in a session's log what the user corrected.", default=True, personal=True),
    Setting("agents.prompt", "Hooks search the bank for each prompt of the user.", default=False, personal=True),
    Setting("sync.enabled", "Commands sync with the team's hub now and then.", default=False, personal=True),
)
# settings of one feature, which reads them itself; `*` is a name that the bank chooses
OTHERS: tuple[Setting, ...] = (
    Setting("headings.*", "Which kind of note a section of another tool's bank takes, by its heading; or other.", ""),
    Setting("check.line_length", "How long a line may be before `bank check` says so.", LINE_LENGTH, least=1),
    Setting("check.stale_days", "After how many days without a change `bank check` asks.", STALE_DAYS, least=1),
    Setting("check.tags", "The tags that the team agreed on.", ()),
    Setting("check.allow", "Findings to ignore, as rule:text.", ()),
    Setting("check.severity.*", "How severe a rule of `bank check` is.", "error", SEVERITIES),
    Setting("tags.required", "The groups of tags of which each memory has one.", ()),
    Setting("tags.groups.*", "The tags of a group, such as layer or domain.", ()),
    Setting("tags.aliases.*", "The tag that another name means, such as database for db.", ""),
    Setting("paf.timeout", "How many seconds the check of a fact may take.", CHECK_SECONDS, least=1, most=MOST_SECONDS),
    Setting(
        "sync.postgres_url",
        "The database of the hub: postgresql://USER@HOST/DATABASE, without a password.",
        "",
        personal=True,
        named="MEMORYBANK_POSTGRES_URL",
    ),
    Setting("sync.namespace", "Whose memory it is in the hub; its members see it.", "", personal=True),
    Setting("sync.interval", "How many seconds are between two syncs.", 300, least=1, personal=True),
    Setting("paf.checks.*", "The command that checks a fact, by its id; `bank trust` approves it.", ""),
)
# what users had to correct: the feature reads them, and each may be the user's own
TIERS = ("critical", "high", "medium", "low")
DECAYS = ("half-life", ("half-life", "steps", "none"))
RECENCIES = ("rank", ("rank", "min-max"))
LANGUAGES = ("en", "de", "fr", "es", "pt", "ru", "zh", "ja")
_WEIGHT = "How much a signal weighs in the score of a correction: "
CORRECTIONS = tuple(
    setting._replace(key=f"corrections.{setting.key}", personal=True)
    for setting in (
        Setting("log_directory", "The folder of session logs; without it, the usual one of each client.", ""),
        Setting("markers", "Words that mark a correction, beside those of the languages.", ()),
        Setting("languages", "The languages whose markers count.", LANGUAGES, LANGUAGES),
        Setting("tiers", "The tiers that are loaded, the one that weighs most first.", TIERS, TIERS),
        Setting("mixture", "Rank by all signals with a weight; false ranks by recency alone.", default=True),
        Setting("recency", "Recency by the order of time, or by the share of the time from first to last.", *RECENCIES),
        Setting("weights.recency", f"{_WEIGHT}how late it was said.", 0.5),
        Setting("weights.tier", f"{_WEIGHT}its tier.", 0.15),
        Setting("weights.repetition", f"{_WEIGHT}in how many sessions it was said.", 0.1),
        Setting("weights.density", f"{_WEIGHT}its length against that of the premise.", 0.05),
        Setting("weights.position", f"{_WEIGHT}how late in its topic it was said.", 0.05),
        Setting("weights.neighbourhood", f"{_WEIGHT}how many others correct the same.", 0.05),
        Setting("weights.misstep", f"{_WEIGHT}the predicted chance that it has to be said again.", 0.05),
        Setting("weights.label", f"{_WEIGHT}the tier that a person chose.", 0.05),
        Setting("decay", "How a correction loses weight with its age, whatever its signals are.", *DECAYS),
        Setting("half_life_days", "After how many days a correction weighs half.", 7.0, least=0.01),
        Setting("steps.day", "With the decay `steps`: the weight up to a day.", 0.91, most=1),
        Setting("steps.week", "The same up to a week.", 0.5, most=1),
        Setting("steps.month", "The same after a week.", 0.05, most=1),
        Setting("schedule", "When `bank install timer` runs it, as five fields of cron.", "0 4 * * *"),
        Setting("budget_chars", "How many characters `bank corrections load` prints at most.", 4096, least=1),
        Setting("window_tokens", "The model's window in tokens; more than 70 % of it is warned of.", 0, least=1),
        Setting(
            "auto_inject",
            "A hook puts the accepted corrections into each new session; false waits to be asked.",
            default=False,
        ),
        Setting("audit_log", "Each load of corrections is a line of `bank audit`.", default=True),
    )
)
OTHERS = (*OTHERS, *CORRECTIONS)
BY_KEY = {setting.key: setting for setting in (*SETTINGS, *OTHERS)}


def valid_value(setting: Setting, value: Any) -> Any:
    """Return a value as the setting takes it.

    Raises:
        ValueError: it does not; the text completes a sentence that begins with the key.
    """
    wanted = type(setting.default)
    if wanted is tuple:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValueError("must be a list of texts")
        if setting.choices and not set(value) <= set(setting.choices):
            raise ValueError(f"must be a list of {' or '.join(setting.choices)}")
        return tuple(value)
    if wanted is float:
        return _fraction(setting, value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ValueError(f"must be {_MUST[wanted]}")
    if setting.choices and value not in setting.choices:
        raise ValueError(f"must be {' or '.join(setting.choices)}")
    if isinstance(value, int) and setting.least and value < setting.least:
        raise ValueError(f"must be at least {setting.least}")
    if isinstance(value, int) and setting.most and value > setting.most:
        raise ValueError(f"must be at most {setting.most}")
    return value


def _fraction(setting: Setting, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value < float("inf"):
        raise ValueError("must be a number, such as 0.5")
    if value < setting.least:
        raise ValueError(f"must be at least {setting.least}")
    if setting.most and value > setting.most:
        raise ValueError(f"must be at most {setting.most}")
    return float(value)


_MUST: dict[type, str] = {bool: "true or false", int: "an integer", str: "a string"}


def parse_value(setting: Setting, text: str) -> Any:
    """Return the value that a typed text means.

    Raises:
        ValueError: it means none, or none that the setting takes.
    """
    wanted = type(setting.default)
    value: Any = text
    if wanted is bool:
        value = _WORDS_OF_BOOL.get(text.strip().casefold(), text)
    elif wanted is int and text.strip().lstrip("-").isascii() and text.strip().lstrip("-").isdecimal():
        value = int(text)
    elif wanted is float:
        with suppress(ValueError):
            value = float(text)
    elif wanted is tuple:
        value = [each.strip() for each in text.split(",") if each.strip()]
        if setting.choices:
            value = [each.casefold() for each in value]
    elif setting.choices:
        value = next((each for each in setting.choices if each.casefold() == text.strip().casefold()), text)
    return valid_value(setting, value)
