"""What things cost, in words: one spelling, since each place of its own once showed a price as $0.0000."""


def money(cost: float | None) -> str:
    """US dollars for a person: unknown stays unknown, and a tiny cost is not shown as none."""
    if cost is None:
        return "unknown"
    if cost == 0:
        return "$0"
    return f"${cost:,.4f}" if cost >= 0.0001 else "<$0.0001"
