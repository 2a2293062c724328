"""`bank config`: the settings of the bank and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt, tell
from memorybank.facade.agents.settings import Settings, change_users_setting, users_settings, users_settings_path

if TYPE_CHECKING:
    from memorybank.store.settings.change_setting import SettingChange
    from memorybank.store.settings.in_force import SettingList

own = click.option("--user", is_flag=True, help="Your own settings, for all banks; no bank is needed.")


@click.group("config", cls=CommandGroup)
@reads
def config_command(app: App) -> None:
    """Read and change settings

    A setting is looked up in this order: an option of the command, the environment (MEMORYBANK_AGENTS_WRITES for
    agents.writes), bank.toml, your own settings (settings.toml in ~/.memorybank), its default. What concerns the whole
    team, such as scope, is read from bank.toml alone.

    \b
    Examples:
      bank config list
      bank config set agents.writes warn
      bank config set semantic true --user
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}


@config_command.command("get")
@click.argument("key")
@own
@reads
def get_setting(app: App, key: str, *, user: bool) -> None:
    """Print the value of a setting

    \b
    Example:
      bank config get agents.writes
    """
    (found,) = users_settings(app.caller(makes_bank=True), key)[:1] if user else (app.face(Settings).get(key),)
    if app.as_json:
        answer(found)
        return
    say(shown(found.value))


@config_command.command("set")
@click.argument("key")
@click.argument("value")
@own
@writes
def set_setting(app: App, key: str, value: str, *, user: bool) -> None:
    """Set a setting in bank.toml, or your own

    Only the value changes: comments, order and line endings of the file stay. A list is typed with commas.

    \b
    Examples:
      bank config set load.budget_tokens 6000
      bank config set agents.stop off --user
    """
    caller = app.caller(makes_bank=True)
    _show(app, change_users_setting(caller, key, value) if user else app.face(Settings).set(key, value))


@config_command.command("unset")
@click.argument("key")
@own
@writes
def unset_setting(app: App, key: str, *, user: bool) -> None:
    """Remove a setting, so that the default counts

    \b
    Example:
      bank config unset agents.writes
    """
    caller = app.caller(makes_bank=True)
    _show(app, change_users_setting(caller, key, None) if user else app.face(Settings).unset(key))


@config_command.command("list")
@click.argument("prefix", default="")
@own
@reads
def list_settings(app: App, prefix: str, *, user: bool) -> None:
    """List the settings: the value, where it comes from, and what it is for

    \b
    Examples:
      bank config list
      bank config list agents
    """
    found: SettingList = (
        users_settings(app.caller(makes_bank=True), prefix) if user else app.face(Settings).list(prefix)
    )
    if app.as_json:
        answer(found)
        return
    for each in found:
        say(f"{each.key} = {shown(each.value)}  ({each.source})")
        say(f"    {each.setting.text} {each.setting.kind[0].upper()}{each.setting.kind[1:]}.")


@config_command.command("path")
@own
@reads
def path_of_settings(app: App, *, user: bool) -> None:
    """Print the path of bank.toml, or of your own settings

    \b
    Example:
      bank config path --user
    """
    path = users_settings_path(app.caller(makes_bank=True)) if user else app.face(Settings).path()
    if app.as_json:
        answer({"path": str(path)})
        return
    say(str(path))


def shown(value: Any) -> str:
    """Return a value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or '""'


def _show(app: App, change: SettingChange) -> None:
    if app.as_json:
        answer(change)
        return
    done = f"{change.key} is not set" if change.value is None else f"{change.key} = {shown(_tuple(change.value))}"
    if change.receipt is not None:
        show_receipt(change.receipt, as_json=False, done=done)
        return
    say(done, fg="green")
    tell(change.path)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
