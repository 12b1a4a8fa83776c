"""`chatmodes models`: what each provider serves, with context, price and where the list comes from; and `models pull`.

Providers that cannot be called are named with what would help, and not listed unless asked for by name or text: nobody
looks for a model among 2,000 that need keys they do not have.
"""

import argparse
import sys
from typing import Any

import anyio
import anyio.to_thread
import msgspec

from chatmodes.cli import FAILED, USAGE, complain, say
from chatmodes.cli.options import Commands, add_endpoint_option, base_url_of
from chatmodes.cli.table import table
from chatmodes.providers.available.catalog import FRESH, Catalog, Shelf
from chatmodes.providers.calls import ModelInfo
from chatmodes.providers.known import prices
from chatmodes.providers.known.profiles import Profile, endpoint_profile, load_profiles
from chatmodes.providers.urls import check_url
from chatmodes.sanitize import escape_controls
from chatmodes.settings import ConfigError, load


def add_parser(commands: Commands) -> None:
    """`models [PROVIDER] [TEXT]` and `models pull [NAME]`."""
    parser = commands.add_parser(
        "models",
        help="providers, models, prices; `models pull NAME` downloads one",
        description="What each provider serves. Lists are kept for a day; servers on this machine are always asked.",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="PROVIDER | TEXT",
        help="only this provider, or only models with TEXT in their name; `pull` lists some worth downloading (GGUF), "
        "`pull NAME` downloads one",
    )
    parser.add_argument("--refresh", action="store_true", help="ask the providers again, however new their lists are")
    parser.add_argument("--offline", action="store_true", help="ask nobody; show what is known")
    parser.add_argument("--json", action="store_true", help="a list of providers, each with its models")
    add_endpoint_option(parser, "also the models of this endpoint")


def run(args: argparse.Namespace) -> int:
    """Print the models, or download one. Raises `ConfigError`."""
    words: list[str] = args.words
    if words[:1] == ["pull"]:
        if len(words) > 2:
            raise ConfigError("`models pull` takes one name.", "It looks like owner/repo or owner/repo/FILE.gguf.")
        from chatmodes.cli.pulling import list_downloads, pull_model

        return pull_model(words[1]) if len(words) == 2 else list_downloads()
    profiles = load_profiles()
    if url := base_url_of(args):
        profiles["endpoint"] = endpoint_profile(profiles, check_url(url)[0])
    named = [word for word in words if word in profiles]
    text = [word.lower() for word in words if word not in profiles]
    shelves = anyio.run(_collect, profiles, args, named or None, bool(text))
    shelves = [_matching(shelf, text) for shelf in shelves]
    if args.json:
        encoded = msgspec.json.format(msgspec.json.encode([_as_json(shelf) for shelf in shelves]))
        print(escape_controls(encoded.decode()))
    else:
        _print(shelves, {name for name, profile in profiles.items() if profile.local}, everything=bool(named or text))
    if text and not any(shelf.models for shelf in shelves):
        known = f"Providers: {', '.join(profiles)}."
        complain(f'No model has "{" ".join(text)}" in its name, nor is it a provider.', known)
        return USAGE
    asked = [shelf for shelf in shelves if shelf.provider in named]
    return FAILED if asked and all(shelf.problem and shelf.usable for shelf in asked) else 0


async def _collect(
    profiles: dict[str, Profile], args: argparse.Namespace, named: list[str] | None, searching: bool
) -> list[Shelf]:
    catalog = Catalog(profiles, load().local)
    await anyio.to_thread.run_sync(prices.warm)
    offline = catalog.offline(named)
    if args.offline:
        return offline
    # Public lists of providers without a key are long, and fetched only when something in them may be meant.
    wanted = [shelf.provider for shelf in offline if shelf.usable or named or searching]
    fresh = {shelf.provider: shelf for shelf in await catalog.refresh(wanted, max_age=0.0 if args.refresh else FRESH)}
    return [fresh.get(shelf.provider, shelf) for shelf in offline]


def _matching(shelf: Shelf, text: list[str]) -> Shelf:
    models = tuple(model for model in shelf.models if all(word in model.model.lower() for word in text))
    return msgspec.structs.replace(shelf, models=models)


def _print(shelves: list[Shelf], on_this_machine: set[str], *, everything: bool) -> None:
    rows: list[tuple[str, ...]] = []
    for shelf in shelves:
        if shelf.usable or everything:
            rows += [_row(model, shelf) for model in shelf.models]
    if rows:
        print(table(("model", "context", "in $/M", "out $/M", "reasons", "list"), rows, right=(1, 2, 3)))
    sys.stdout.flush()
    quiet = [] if everything else [each for each in shelves if each.provider in on_this_machine and not each.models]
    for shelf in shelves:
        if shelf.usable and shelf.problem and shelf not in quiet:
            say(f"{shelf.problem} {shelf.hint}".rstrip())
    if quiet:
        say(f"Not running: {', '.join(shelf.name for shelf in quiet)}.")
    missing = [each.name for each in shelves if not (each.usable or each in quiet or (everything and each.models))]
    if missing:
        say(f"Not set up: {', '.join(missing)}. `chatmodes doctor` says what each needs.")


def _row(model: ModelInfo, shelf: Shelf) -> tuple[str, ...]:
    return (
        model.model,
        _size(model.context_window),
        _price(model.input_price),
        _price(model.output_price),
        ("always" if model.always_reasons else "yes") if model.reasons else "",
        _age(shelf) if shelf.usable else f"{_age(shelf)}; not set up",
    )


def _size(tokens: int | None) -> str:
    """A window as people write it: 8192 is 8k, 1,048,576 is 1.05M."""
    if tokens is None:
        return "?"
    if tokens >= 1_000_000:
        return f"{tokens / 1e6:.2f}".rstrip("0").rstrip(".") + "M"
    return f"{tokens // 1000}k" if tokens >= 1000 else str(tokens)


def _price(price: float | None) -> str:
    if price is None:
        return "?"
    return "free" if price == 0 else f"{price:.2f}" if price >= 0.1 else f"{price:.3g}"


def _age(shelf: Shelf) -> str:
    if shelf.source == "known" or shelf.age is None:
        return "from the price list"
    if shelf.source == "live":
        return "live"
    hours = shelf.age / 3600
    return (
        f"{shelf.age / 60:.0f} min old"
        if hours < 1
        else f"{hours:.0f} h old"
        if hours < 48
        else f"{hours / 24:.0f} d old"
    )


def _as_json(shelf: Shelf) -> dict[str, Any]:
    fields = (
        "model", "context_window", "max_output", "input_price", "output_price", "reasons", "always_reasons", "efforts",
        "images", "pdfs", "tools",
    )  # fmt: skip
    return {
        "provider": shelf.provider,
        "name": shelf.name,
        "usable": shelf.usable,
        "source": shelf.source,
        "age": shelf.age,
        "problem": shelf.problem,
        "hint": shelf.hint,
        "models": [{field: getattr(model, field) for field in fields} for model in shelf.models],
    }
