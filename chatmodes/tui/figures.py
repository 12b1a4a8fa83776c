"""Numbers as a reader sees them: seconds, tokens, dollars.

One spelling for the status line, the panes and the summaries. An unknown figure says so; none is guessed.
"""

from chatmodes.dollars import money


def seconds(value: float) -> str:
    """A duration: tenths up to a hundred seconds, minutes above."""
    if value < 99.95:
        return f"{max(0.0, value):.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def tokens(count: int | None) -> str:
    """A token count in full."""
    if count is None:
        return "tokens unknown"
    return f"{count:,} token" if count == 1 else f"{count:,} tokens"


def short(count: int) -> str:
    """A count in at most five cells, for panes."""
    if count < 1_000:
        return str(count)
    if count < 10_000:
        return f"{count / 1_000:.1f}k"
    if count < 1_000_000:
        return f"{count // 1_000}k"
    return f"{count / 1_000_000:.1f}M"


def estimated_tokens(characters: int) -> int:
    """Tokens of a text still under way, at four characters a token. Shown with a tilde, never added to a bill."""
    return (characters + 3) // 4


def cost(dollars: float | None) -> str:
    """US dollars as the command line has them."""
    return "cost unknown" if dollars is None else money(dollars)


def plural(count: int, noun: str) -> str:
    """`1 agent`, `5 agents`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def line_count(text: str) -> int:
    """Lines as an editor numbers them: the newline at the end ends the last one and begins none."""
    return text.removesuffix("\n").count("\n") + 1
