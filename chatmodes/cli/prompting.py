"""From the words of a command line, stdin and a template to the prompt that is sent."""

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from chatmodes.cli.options import base_url_of
from chatmodes.cli.streams import piped_text
from chatmodes.settings import ConfigError, Settings

_HINT = 'Write it behind `{command}`, as in chatmodes {command} "What is 2+2?", or pipe it in.'


class Prompting(NamedTuple):
    """What is sent, and the settings it is sent with."""

    prompts: list[str]
    settings: Settings


def add_template_options(parser: argparse.ArgumentParser) -> None:
    """--template and -p, for `apply_template` and `with_template`."""
    group = parser.add_argument_group("templates")
    group.add_argument("--template", metavar="NAME", help="a prompt kept for reuse; `chatmodes templates` lists them")
    group.add_argument(
        "-p", "--param", nargs=2, metavar=("NAME", "VALUE"), action="append", default=[], help="a template's variable"
    )


def apply_template(args: argparse.Namespace) -> None:
    """Let the template that the line names say what the line does not: mode, model and how models are asked.

    Call it before the settings are made. An endpoint given by hand has models of its own, so the template's is left
    out. Raises `ConfigError` for a template that cannot be used.
    """
    if not args.template:
        if args.param:
            raise ConfigError("-p is for templates.", "Name one: --template NAME")
        return
    from chatmodes.settings.templates import load_template

    template = load_template(args.template)
    args.mode = args.mode or template.mode or None
    if not base_url_of(args):
        args.model = args.model or template.model or None
    asked = template.sampling
    for name, value in (("temperature", asked.temperature), ("max_tokens", asked.max_tokens or None),
                        ("effort", asked.effort or None), ("stop", list(asked.stop) or None)):  # fmt: skip
        if getattr(args, name) is None:
            setattr(args, name, value)


def with_template(args: argparse.Namespace, settings: Settings, typed: Sequence[str]) -> Prompting:
    """The prompts as the template of the line has them, and the settings with its system prompt, said as by the line.

    Without a template they are what was typed. Raises `ConfigError` for a variable that lacks its value, and where
    nothing is left to send.
    """
    prompts, system = list(typed), settings.system
    if args.template:
        from chatmodes.settings.templates import filled, load_template

        template, values = load_template(args.template), dict[str, str](args.param)
        made = [filled(args.template, template, each, values) for each in typed]
        prompts = [each.prompt for each in made]
        if len({each.system for each in made}) > 1:
            raise ConfigError(f'The system prompt of the template "{args.template}" differs from prompt to prompt.',
                              "Take $input out of it, or send one prompt.")  # fmt: skip
        args.system = args.system if args.system is not None else made[0].system or None
        system = system if args.system is None else args.system
    if not all(prompts):
        raise ConfigError("The prompt is empty.", _HINT.format(command=args.command))
    return Prompting(prompts, msgspec.structs.replace(settings, system=system))


def typed_prompt(args: argparse.Namespace) -> str:
    """The prompt from the argument and from stdin, which is appended where both are there.

    Empty only where a template may say it all. Raises `ConfigError` where a person gave none.
    """
    word: str | None = args.prompt
    typed = "" if word in (None, "-") else str(word)
    piped = ""
    attached: list[str] = getattr(args, "attach", [])
    if "-" in attached and word != "-":  # stdin is an attachment, and no part of the prompt
        return typed.strip()
    if word == "-" or not sys.stdin.isatty():
        piped = piped_text(quiet=args.quiet)
    elif word is None and not args.template:
        raise ConfigError("There is no prompt.", _HINT.format(command=args.command))
    return "\n\n".join(part for part in (typed.strip(), piped.strip()) if part)
