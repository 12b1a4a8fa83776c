"""`chatmodes eval`: accuracy, tokens, time and cost of each mode over a file of items."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec

from chatmodes.cli import CANCELLED, FAILED, complain, say
from chatmodes.cli.evaluated import figures_table, tags_table
from chatmodes.cli.options import Commands, add_model_options, base_url_of, settings_of
from chatmodes.cli.session import cancelled_by_signals, run_async
from chatmodes.cli.streams import piped_text, writable
from chatmodes.cli.table import counted
from chatmodes.dollars import money
from chatmodes.evaluating.arms import Arm, PromptUsed, arm_named, prompts_used
from chatmodes.evaluating.items import load_items
from chatmodes.evaluating.journal import Journal, Record
from chatmodes.evaluating.picture import draw
from chatmodes.evaluating.questions import Item, repeated
from chatmodes.evaluating.report import Graded, as_json, figures, named, points
from chatmodes.evaluating.run import check, evaluate, matched
from chatmodes.evaluating.scoring import clipped_mean
from chatmodes.evaluating.tagged import tag_rows
from chatmodes.opening import open_runs
from chatmodes.providers.gateway import Gateway
from chatmodes.sanitize import escape_controls
from chatmodes.settings import ConfigError, Settings

TOLD = 20
"""Lines that are no items and are told one by one: a file of another form may have any number."""


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "eval",
        help="accuracy, tokens, time and cost of each mode over a file of items",
        description="Answer the items of FILE, {input, target} or {input, rubric} a line, in each mode and compare. "
        "An item's attachments are a list of files in the folder of FILE. "
        "The lines of HealthBench, GPQA, MMLU, ARC, HellaSwag, GSM8K, AIME, MATH and SimpleQA are read as they are "
        "published.",
        epilog="Answers are kept in --out as they come; the same command goes on where it was stopped.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="items as JSON lines or a table; - reads stdin")
    parser.add_argument(
        "--modes",
        metavar="A,B",
        default="instant,thinking,contemplating",
        help="modes to compare; also answer-only (no reasoning) and maj@N (N drafts, counted)",
    )
    parser.add_argument("--no-matched", action="store_true", help="leave out the vote at Contemplating's token spend")
    parser.add_argument(
        "--grader",
        metavar="PROVIDER/MODEL",
        help="the model that grades rubrics and free text (default: the first mode's)",
    )
    parser.add_argument(
        "--judge", action="store_true", help="let the grader compare answers with their targets, as free text"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N items")
    parser.add_argument("--repeats", type=int, metavar="N", default=1, help="ask every item N times (default: 1)")
    parser.add_argument(
        "--seed", type=int, metavar="N", default=0, help="of the order in which choices are laid out (default: 0)"
    )
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="runs at once (default: up to 4, as long as no call of theirs must wait for a place at its endpoint; more "
        "than that measures the queue. Most endpoints have 5 places: 1 run of Contemplating's 5 agents)",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="the journal (default: FILE.eval.jsonl)")
    parser.add_argument("--json", action="store_true", help="all figures and every answer as JSON")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="a picture, PNG or SVG")
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate, and return the exit code."""
    settings = settings_of(args)
    if args.concurrency is not None and args.concurrency < 1:
        raise ConfigError("--concurrency must be at least 1.")
    if args.limit is not None and args.limit < 1:
        raise ConfigError("--limit must be at least 1.", "Leave it out for all items.")
    if args.repeats < 1:
        raise ConfigError("--repeats must be at least 1.")
    # Each once: an arm beside itself has nothing to say.
    modes: list[str] = list(dict.fromkeys(name.strip() for name in str(args.modes).split(",") if name.strip()))
    if not modes:
        raise ConfigError("--modes names no mode.", "As in --modes instant,maj@5")
    if args.plot and args.plot.suffix.lower() not in (".png", ".svg"):
        raise ConfigError(f"{args.plot} is neither .png nor .svg.")
    data = None
    if str(args.file) == "-":
        args.file, data = Path("stdin"), piped_text().encode()
    if args.out is None and (data is not None or args.file.is_fifo()):
        raise ConfigError("What is piped in needs --out FILE.", "Answers are kept there, so that a run can go on.")
    args.out = args.out or args.file.with_name(args.file.name + ".eval.jsonl")
    writable(args.out, args.plot)
    items, problems = load_items(args.file, judged=args.judge, data=data)
    for problem in problems[:TOLD]:
        complain(problem)
    if untold := len(problems[TOLD:]):
        complain(f"{counted(untold, 'more line')} of {args.file} cannot be asked.", "--json tells each.")
    return run_async(_eval, args, settings, modes, repeated(items[: args.limit], args.repeats), problems)


async def _eval(
    args: argparse.Namespace, settings: Settings, modes: list[str], items: list[Item], problems: list[str]
) -> int:
    from chatmodes.evaluating.pacing import fitting

    journal = Journal(args.out)
    used = prompts_used()
    results: dict[Arm, list[Record]] = {}
    async with open_runs(settings, base_url=base_url_of(args)) as (running, gateway):
        for note in gateway.notes:
            complain(note)
        arms = [arm_named(name, running.settings, running.model_for) for name in modes]
        # One for all arms: what two graders find cannot be compared.
        prefix = "endpoint/" if base_url_of(args) else ""
        grader = prefix + args.grader if args.grader else arms[0].model
        await check(gateway, arms, grader, items[0].input)
        if any(file.picture for item in items for file in item.attachments):
            _check_eyes(gateway, arms)
        # Ahead of the first run, whose time they would count to.
        await gateway.warm()
        await gateway.warm_prices()

        async def measure(some: list[Arm]) -> None:
            at_once = args.concurrency or fitting(gateway, some, items, grader)
            bar = _bar(len(items) * len(some), quiet=args.json and not sys.stderr.isatty())
            async for arm, records in evaluate(
                running, items, some, journal, grader=grader, endpoint=base_url_of(args) or "",
                seed=args.seed, folder=args.file.parent, concurrency=at_once, progress=bar,
            ):  # fmt: skip
                results[arm] = records  # noqa: PERF403 - an arm that is done stays when a later one is cancelled

        with anyio.CancelScope() as scope:
            async with cancelled_by_signals(lambda _: scope.cancel()):
                await measure(arms)
                if not args.no_matched and (extra := matched(results)):
                    await measure([extra])
    graded = Graded(grader, running.aside_cost) if any(item.graded for item in items) else None
    if graded and graded.cost != 0:
        say(f"Grading cost {'an unknown amount' if graded.cost is None else money(graded.cost)} besides.")
    _show(args, len(items), problems, used, graded, results)
    if scope.cancelled_caught:
        kept = (
            f"; what was answered is in {journal.path}, and the same command goes on" if journal.path.exists() else ""
        )
        say(f"Stopped{kept}.")
        return CANCELLED
    errors = Counter(record.error for records in results.values() for record in records if record.error)
    if errors:
        complain(f"{sum(errors.values())} runs failed, most often: {errors.most_common(1)[0][0]}")
    if ungraded := sum(
        not record.error and points(record) is None for records in results.values() for record in records
    ):
        complain(
            f"{counted(ungraded, 'answer')} could not be graded: what {grader} replied was no verdict.",
            "They are left out of the means, and the same command has them graded again; --grader names another model.",
        )
    # An arm without one answer, or without one grade, has no figure to compare, whatever the others found.
    bare = (all(record.error or points(record) is None for record in records) for records in results.values())
    return FAILED if any(bare) else 0


def _check_eyes(gateway: Gateway, arms: list[Arm]) -> None:
    """Raise `ConfigError` where items' pictures would go to a model that is known to take none."""
    from chatmodes.providers.available.eyes import is_blind, refusal

    for arm in arms:
        if is_blind(gateway, arm.model):
            raise ConfigError(*refusal(arm.model, gateway.catalog))


def _bar(total: int, *, quiet: bool) -> Callable[[Arm, Record], None]:
    """A progress bar on stderr with an estimate of the time left."""
    from tqdm import tqdm  # 25 ms that only this command needs

    bar: Any = tqdm(total=total, unit="run", file=sys.stderr, disable=quiet, dynamic_ncols=True)
    graded, total_points = Counter[str](), dict[str, float]()

    def progress(arm: Arm, record: Record) -> None:
        if (value := points(record)) is not None:
            graded[arm.name] += 1
            total_points[arm.name] = total_points.get(arm.name, 0.0) + value
        if so_far := graded[arm.name]:
            mean = clipped_mean([total_points[arm.name] / so_far])
            bar.set_description(f"{arm.name}: {mean:.0%} after {so_far}", refresh=False)
        bar.update()
        if bar.n == total:
            bar.close()

    return progress


def _show(
    args: argparse.Namespace,
    items: int,
    problems: list[str],
    used: list[PromptUsed],
    graded: Graded | None,
    results: dict[Arm, list[Record]],
) -> None:
    found = figures(results)
    if args.plot and found:
        try:
            draw(found, args.plot)
        except ImportError:
            complain("Pictures need the extra `eval`.", "Run `uv run --extra eval chatmodes eval …`.")
    if args.json:
        print(escape_controls(msgspec.json.encode(as_json(items, problems, used, graded, results)).decode()))
    elif found:
        print(figures_table(found))
        if by_tag := tag_rows({named(each): each.tags for each in found}):
            print()
            print(tags_table(by_tag))
