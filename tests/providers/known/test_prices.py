"""What a call costs agrees with the providers' published prices, and nothing is guessed."""

import subprocess
import sys
from importlib.metadata import version

import msgspec
import pytest

from chatmodes.events import NO_USAGE, Usage
from chatmodes.providers.known import prices


class Billed(msgspec.Struct, frozen=True):
    prices: str = ""
    free: bool = False


OPENAI = Billed("openai")


def test_costs_are_the_published_ones() -> None:
    """Worked out by hand from the price pages as of genai-prices 0.2.3."""
    assert version("genai_prices") == "0.2.3", "another price list: check the figures below against the price pages"
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000, reasoning_tokens=0, cached_tokens=0)
    # gpt-4o: $2.50 in, $1.25 cached, $10.00 out for a million tokens
    assert prices.cost_of(OPENAI, "gpt-4o", usage) == pytest.approx(2.50 + 1.00)
    cached = msgspec.structs.replace(usage, cached_tokens=400_000)
    assert prices.cost_of(OPENAI, "gpt-4o", cached) == pytest.approx(0.6 * 2.50 + 0.4 * 1.25 + 1.00)
    # claude-opus-5-5: $4 in, $20 out
    assert prices.cost_of(Billed("anthropic"), "claude-opus-5-5", usage) == pytest.approx(4.00 + 2.00)
    # and $5 for what is written to its cache
    written = msgspec.structs.replace(usage, cache_write_tokens=400_000)
    assert prices.cost_of(Billed("anthropic"), "claude-opus-5-5", written) == pytest.approx(0.6 * 4 + 0.4 * 5 + 2.00)
    # muse-spark-1.3: $1.25 in, $4.25 out
    assert prices.cost_of(Billed("meta"), "muse-spark-1.3", usage) == pytest.approx(1.25 + 0.425)


def test_reasoning_is_paid_as_output_and_once() -> None:
    """xAI's additive count is part of `output_tokens` by the time it gets here."""
    usage = Usage(input_tokens=1000, output_tokens=3000, reasoning_tokens=2500)
    # grok-4.7 below its long-prompt tier: $2 in, $6 out
    assert prices.cost_of(Billed("x-ai"), "grok-4.7", usage) == pytest.approx(0.002 + 0.018)


def test_what_is_not_known_is_none() -> None:
    usage = Usage(1000, 1000)
    assert prices.cost_of(OPENAI, "gpt-4o-made-up", usage) is None
    assert prices.cost_of(Billed(""), "gpt-4o", usage) is None
    assert prices.cost_of(Billed("no-such-provider"), "gpt-4o", usage) is None
    assert prices.cost_of(OPENAI, "gpt-4o", Usage(1000, None)) is None
    assert prices.cost_of(OPENAI, "gpt-4o", Usage()) is None
    assert prices.look_up(OPENAI, "gpt-4o-made-up") == prices.Listed()
    assert prices.look_up(OPENAI, "") == prices.Listed()


def test_a_model_listed_without_a_price_is_not_free() -> None:
    assert prices.cost_of(Billed("openrouter"), "deepseek/deepseek-r1:free", Usage(1000, 1000)) is None


def test_nothing_used_costs_nothing_and_neither_does_a_local_model() -> None:
    assert prices.cost_of(OPENAI, "gpt-4o", NO_USAGE) == 0.0
    assert prices.cost_of(Billed(free=True), "anything", Usage(1000, 1000)) == 0.0


def test_a_server_that_contradicts_itself_costs_no_crash() -> None:
    usage = Usage(input_tokens=10, output_tokens=10, reasoning_tokens=50, cached_tokens=99)
    # all ten input tokens cached at $1.25, ten output tokens at $10
    assert prices.cost_of(OPENAI, "gpt-4o", usage) == pytest.approx((10 * 1.25 + 10 * 10) / 1e6)


def test_windows_and_prices_come_with_the_model() -> None:
    assert prices.look_up(OPENAI, "gpt-4o") == prices.Listed(128_000, 2.5, 10.0)
    found = prices.look_up(Billed("anthropic"), "claude-opus-5-5")
    assert (found.input_price, found.output_price) == (4.0, 20.0)
    assert "claude-opus-5-5" in prices.known_models(Billed("anthropic"))
    assert prices.known_models(Billed()) == []


def test_a_local_call_is_priced_without_loading_the_list() -> None:
    """Answering out of the box must not wait 0.5 s for prices it has no use for."""
    code = (
        "import sys; from types import SimpleNamespace as N\n"
        "from chatmodes.events import Usage\n"
        "from chatmodes.providers.known import prices\n"
        "assert prices.cost_of(N(prices='', free=True), 'm', Usage(1, 1)) == 0.0\n"
        "assert not prices.is_warm() and 'genai_prices' not in sys.modules and 'pydantic' not in sys.modules\n"
        "prices.warm(); assert prices.is_warm()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
