"""The manual page, made from the parsers, so that it says what the program does: `python -m chatmodes.cli.manual`.

It is kept in `docs/chatmodes.1`, which a test holds against this, and installed with the package.
"""

import argparse
import re
import sys
from collections.abc import Iterator

from chatmodes.cli import COMMANDS, whole_parser
from chatmodes.cli.parsers import actions, commands

_HEAD = """.TH CHATMODES 1 "" "chatmodes" "User Commands"
.SH NAME
chatmodes \\- a terminal chat client with three ways of answering
.SH SYNOPSIS
.B chatmodes
.RI [ options ]
.br
.B chatmodes
.I command
.RI [ options ]
.SH DESCRIPTION
Without a command it opens the chat. Three modes answer a prompt: instant is one call, thinking a chain of thought that
is shown apart, contemplating several agents at once whose drafts are reconciled; auto chooses among them by the prompt.
.PP
Standard output is data, standard error is narration.
"""
_TAIL = """.SH EXIT STATUS
.TP
.B 0
answered
.TP
.B 1
the provider or the run failed
.TP
.B 2
wrong usage or configuration
.TP
.B 130
cancelled
.SH ENVIRONMENT
.TP
.B CHATMODES_HOME
a folder for configuration, data and cache
.TP
.BR CHATMODES_BASE_URL ", " CHATMODES_API_KEY
an endpoint, and the key for it
.TP
.BR CHATMODES_MODEL ", " CHATMODES_MODE
the model and the mode
.PP
Each provider's own key variable is heard as well; \\fBchatmodes doctor\\fR names them.
.SH FILES
.TP
.I settings.toml
your settings; \\fBchatmodes settings path\\fR says where
.TP
.I providers.toml
beside it: providers of your own
.TP
.IR templates / NAME .toml
beside it: prompts kept for reuse
.TP
.I .chatmodes.toml
in the working directory: a project's settings, which may only lower what yours allow
"""


def page() -> str:
    """The manual page in roff."""
    parser = whole_parser()
    parts = [_HEAD, ".SH OPTIONS\n", *_options(parser), ".SH COMMANDS\n"]
    for name, command in commands(parser).items():
        parts += _command(name, command)
    return "".join(parts) + _TAIL


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    arguments = [_value(action) for action in actions(parser) if not action.option_strings]
    yield f".SS {_escaped(' '.join(['chatmodes', name, *arguments]))}\n"
    yield _text(parser.description or COMMANDS.get(name, ""))
    yield from _options(parser)
    for action, inner in commands(parser).items():
        yield from _command(f"{name} {action}", inner)
    if parser.epilog:
        yield f".PP\n{_text(parser.epilog)}"


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in actions(parser):
        if action.help == argparse.SUPPRESS or action.dest == "help":
            continue
        names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in action.option_strings)
        value = f"\\fI{_escaped(_value(action))}\\fR" if action.nargs != 0 else ""
        yield f".TP\n{' '.join(filter(None, (names, value)))}\n"
        yield _text(_help(action))


def _help(action: argparse.Action) -> str:
    choices = ", ".join(map(str, action.choices)) if action.choices is not None else ""
    return (action.help or "").replace("%(choices)s", choices).replace("%%", "%")


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    if action.metavar:
        return action.metavar
    return "|".join(map(str, action.choices)) if action.choices is not None else action.dest.upper()


def _text(text: str) -> str:
    """A paragraph; what stands between backquotes is bold."""
    escaped = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", _escaped(" ".join(text.split())))
    return f"{escaped}\n" if escaped else ""


def _escaped(text: str) -> str:
    """Text in which roff finds nothing to do."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


if __name__ == "__main__":
    sys.stdout.write(page())
