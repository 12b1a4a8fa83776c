"""Options that several commands share, and what they mean for the settings."""

import argparse
import os
from typing import Any, TypeAlias

from chatmodes.settings import MODES, Settings, load

# argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]
"""What a command's `add_parser` adds itself to."""


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """--continue and --conversation: which conversation the prompt joins; --private: leave nothing on disk."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-c", "--continue", dest="resume", action="store_true", help="go on with the last conversation")
    group.add_argument("--conversation", metavar="ID", help="go on with this conversation")
    group.add_argument("--private", action="store_true", help="leave nothing on disk")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """-m, --model, --base-url, --system and Contemplating's knobs."""
    parser.add_argument("-m", "--mode", choices=MODES, default=None, help="how to answer")
    parser.add_argument("--model", metavar="PROVIDER/MODEL", help="which model answers; NAME with --base-url")
    parser.add_argument("--base-url", metavar="URL", help="any OpenAI-compatible endpoint (key: CHATMODES_API_KEY)")
    parser.add_argument("--system", metavar="TEXT", help="the system prompt")
    knobs = parser.add_argument_group("contemplating")
    knobs.add_argument("--agents", type=int, metavar="N", help="how many agents draft at once (1 to 64)")
    knobs.add_argument("--quorum", type=int, metavar="N", help="how many drafts may settle the answer")
    knobs.add_argument("--reconcile", choices=["auto", "vote", "select", "synthesize"], help="how drafts become one")
    knobs.add_argument("--rounds", type=int, metavar="N", help="how often drafts are distilled and drafted again")


def base_url_of(args: argparse.Namespace) -> str | None:
    """The endpoint named by --base-url or CHATMODES_BASE_URL."""
    return args.base_url or os.environ.get("CHATMODES_BASE_URL") or None


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings with the command line's say on top. Raises `ConfigError`.

    With a base URL the model's name is sent as it is; it becomes `endpoint/NAME` here, the provider that URL is.
    """
    flags: dict[str, Any] = {"contemplating": {}}
    if args.mode:
        flags["mode"] = args.mode
    if args.system is not None:
        flags["system"] = args.system
    model = args.model or (os.environ.get("CHATMODES_MODEL") if base_url_of(args) else None)
    if model:
        flags["model"] = f"endpoint/{model}" if base_url_of(args) else model
        # A model named for this call is meant for every mode, whatever the files say of single ones.
        flags["instant"] = {"model": ""}
        flags["thinking"] = {"model": ""}
        flags["contemplating"] = {"panel": [], "reconciler": ""}
    for knob in ("agents", "quorum", "reconcile", "rounds"):
        if (value := getattr(args, knob)) is not None:
            flags["contemplating"][knob] = value
    return load(flags)
