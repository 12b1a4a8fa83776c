"""What can be typed after a slash or picked in the palette: one table, so that the two cannot differ."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from chatmodes.modes import base
from chatmodes.settings import ConfigError
from chatmodes.tui.chat.actions import Actions
from chatmodes.tui.chat.message_actions import MessageAction
from chatmodes.tui.chat.sidebar import ListAction

Handler = Callable[[Actions, str], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Command:
    """One command. The handler gets what the chat can do and what was typed behind the name."""

    name: str
    about: str
    run: Handler
    argument: str = ""
    """What may follow, for the help; in capitals where it must."""
    palette: str = ""
    """Its title in the palette; empty leaves it out."""


def parse(text: str) -> tuple[str, str] | None:
    """A composer's text as command name and argument; None where it is a prompt.

    Only a known-looking word right after the slash counts, so that a path such as /etc/hosts stays a prompt.
    """
    if not text.startswith("/"):
        return None
    name, _, rest = text[1:].partition(" ")
    if "\n" in name:
        name, _, first = text[1:].partition("\n")
        rest = first
    return (name.lower(), rest.strip()) if name and all(char.isalpha() or char in "-_" for char in name) else None


def named(name: str) -> Command | None:
    """The command of that name, or the only one that begins so."""
    if name in COMMANDS:
        return COMMANDS[name]
    fitting = [command for key, command in COMMANDS.items() if key.startswith(name)]
    return fitting[0] if len(fitting) == 1 else None


def _mode(mode: str) -> Handler:
    async def choose(chat: Actions, text: str) -> None:
        if text:
            await chat.sending.send(text, mode=mode)
        else:
            chat.choices.set_mode(mode)

    return choose


async def _choose_mode(chat: Actions, text: str) -> None:
    chat.choices.choose_mode(text.lower())


async def _model(chat: Actions, text: str) -> None:
    if text:
        await chat.choices.set_model("" if text == "auto" else text)
    else:
        await chat.choices.pick_model()


async def _new(chat: Actions, text: str) -> None:
    hung = chat.sending.hung() if text else ()
    await chat.conversations.new()
    if text:
        await chat.sending.send(text, attached=hung)


async def _history(chat: Actions, text: str) -> None:
    await chat.searching.history(text)


async def _help(chat: Actions, text: str) -> None:
    del text
    await chat.program.run_action("app.show_help")


async def _tree(chat: Actions, text: str) -> None:
    del text
    await chat.searching.branches()


async def _tag(chat: Actions, text: str) -> None:
    await chat.filing.tag(text)


async def _once(chat: Actions, text: str) -> None:
    await chat.once.send(text)


async def _compare(chat: Actions, text: str) -> None:
    await chat.comparing.compare(text)


async def _blind(chat: Actions, text: str) -> None:
    await chat.comparing.compare(text, blind=True)


async def _leaderboard(chat: Actions, text: str) -> None:
    await chat.searching.leaderboard(text)


async def _system(chat: Actions, text: str) -> None:
    await chat.choices.set_system(text)


async def _export(chat: Actions, text: str) -> None:
    await chat.copying.export(text)


async def _private(chat: Actions, text: str) -> None:
    del text
    await chat.choices.toggle_private()


async def _quit(chat: Actions, text: str) -> None:
    del text
    await chat.program.run_action("app.quit")


async def _undo(chat: Actions, text: str) -> None:
    del text
    await chat.filing.undo()


async def _rename(chat: Actions, text: str) -> None:
    await chat.filing.title(text)


def _acting(action: ListAction) -> Handler:
    async def act(chat: Actions, text: str) -> None:
        del text
        await chat.filing.act_on_open(action)

    return act


def _message(action: MessageAction) -> Handler:
    async def act(chat: Actions, text: str) -> None:
        await chat.messages.act(action, text)

    return act


async def _code(chat: Actions, text: str) -> None:
    await chat.messages.act("save_code" if text else "copy_code", text)


async def _find(chat: Actions, text: str) -> None:
    chat.find_bar.open(text)


async def _theme(chat: Actions, text: str) -> None:
    await chat.choices.choose_theme(text)


async def _settings(chat: Actions, text: str) -> None:
    await chat.configuring.settings(text)


async def _set(chat: Actions, text: str) -> None:
    chat.configuring.set(text)


async def _tools(chat: Actions, text: str) -> None:
    await chat.offering.tools(text)


async def _mcp(chat: Actions, text: str) -> None:
    del text
    await chat.offering.servers()


async def _template(chat: Actions, text: str) -> None:
    await chat.templating.use(text)


async def _agents(chat: Actions, text: str) -> None:
    chat.choices.set_agents(text)


async def _key(chat: Actions, text: str) -> None:
    await chat.choices.enter_key(text)


def _mode_command(mode: str, purpose: str) -> Command:
    return Command(mode, purpose, _mode(mode), "[prompt]", f"Mode: {mode.capitalize()}")


_ALL = [
    *(_mode_command(name, shipped.purpose) for name, shipped in base.SHIPPED.items()),
    Command("mode", "choose the mode; without a name the next one", _choose_mode, "[name]"),
    Command("model", "choose the model, or name it", _model, "[PROVIDER/MODEL | auto]", "Choose a model"),
    Command("new", "start a new conversation", _new, "[prompt]", "New conversation"),
    Command("history", "search everything that was said", _history, "[words]", "Search all conversations"),
    Command("tree", "all branches of this conversation, to go to one", _tree, "", "Tree of branches"),
    Command("find", "search in this conversation", _find, "[words]", "Find in this conversation"),
    Command(
        "compare", "one prompt through several modes and models", _compare, "[prompt]", "Compare modes side by side"
    ),
    Command("blind", "compare without names until the pick", _blind, "[prompt]", "Compare blind"),
    Command("leaderboard", "who won your comparisons", _leaderboard, "[topic]", "Leaderboard of your comparisons"),
    Command("retry", "answer the last prompt again", _message("regenerate"), "[mode or model]", "Answer again"),
    Command("edit", "edit the last prompt, or the message chosen", _message("edit"), "", "Edit the last prompt"),
    Command("copy", "copy the last answer", _message("copy"), "", "Copy the last answer"),
    Command("code", "copy the last code block; with a name: save it", _code, "[file]", "Copy a code block"),
    Command("pager", "read the last code block in the pager", _message("page_code"), "", "Read code in the pager"),
    Command("quote", "quote the last answer into the composer", _message("quote"), "", "Quote the last answer"),
    Command("delete", "delete the last exchange", _message("delete"), "", "Delete the last exchange"),
    Command("undo", "bring back what was deleted last", _undo, "", "Undo the last deletion"),
    Command("system", "set the system prompt of what follows", _system, "[text]", "System prompt"),
    Command("set", "settings of this conversation: temperature…", _set, "[name] [value|default]"),
    Command("once", "settings of one prompt: temperature=0.2 stop=END", _once, "NAME=VALUE… prompt"),
    Command("settings", "all settings, and change them", _settings, "[name] [value]", "Settings"),
    Command("tools", "this conversation's tools, and what may run", _tools, "[name]", "Tools and rules"),
    Command("mcp", "servers of tools: how they stand, what they offer", _mcp, "", "Servers of tools (MCP)"),
    Command("template", "a prompt, snippet or persona of your own", _template, "[name] [text]", "Templates"),
    Command("agents", "how many agents contemplate", _agents, "N"),
    Command("title", "rename this conversation", _rename, "[name]", "Rename this conversation"),
    Command("tag", "tags of this conversation, found by #tag", _tag, "[name…|-name…]", "Tag this conversation"),
    Command("pin", "pin or unpin this conversation", _acting("pin"), "", "Pin or unpin this conversation"),
    Command("archive", "archive this conversation", _acting("archive"), "", "Archive this conversation"),
    Command(
        "export", "write this conversation to a file", _export, "[md|json|html] [file]", "Export this conversation"
    ),
    Command("private", "leave nothing on disk, and back", _private, "", "Private conversation on or off"),
    Command("key", "store a provider's API key", _key, "[provider]", "Store an API key"),
    Command("theme", "change the colours", _theme, "[name]"),
    Command("help", "keys and commands", _help, "", "Help: keys and commands"),
    Command("quit", "leave; what is under way is stored", _quit, "", "Quit"),
]
COMMANDS = {command.name: command for command in _ALL}


def learn_modes() -> str:
    """Add a command for each mode that other packages bring; why one cannot be used, empty where all can.

    Looks through the installed packages, so it is called behind the first frame. A command's name is not taken.
    """
    problems: list[str] = []
    for name in base.names():
        if name not in COMMANDS:
            try:
                COMMANDS[name] = _mode_command(name, base.get(name).purpose)
            except ConfigError as error:
                problems.append(f"{error} {error.hint}")
    return " ".join(problems)
