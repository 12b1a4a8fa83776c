"""Text of others laid before a model as data: between markers that it cannot know, and shortened where it is long."""


def fenced_block(what: str, text: str, nonce: str) -> str:
    """`text` between markers that say what it is. The nonce is taken out: it must not close its own fence."""
    return f"<<<{what} {nonce}>>>\n{text.replace(nonce, '')}\n<<<END OF {what} {nonce}>>>"


def shortened(text: str, most: int, *, head: float = 0.5) -> str:
    """`text` with at most `most` characters of its own: `head` is the share of its beginning, the rest its end."""
    if len(text) <= most:
        return text
    kept = int(most * head)
    return f"{text[:kept]}\n[… {len(text) - most} characters left out …]\n{text[len(text) - (most - kept) :]}"
