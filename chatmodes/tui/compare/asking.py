"""The question before something costly is sent: one wording for a comparison, another column and a summary."""

from chatmodes.tui import figures
from chatmodes.tui.dialogs.confirm import Confirm


def cost_question(bound: float, limit: float) -> Confirm:
    """Whether to send what may cost `bound` US dollars, more than the `limit` of the settings."""
    question = (
        f"It may cost up to {figures.cost(bound)} if every answer is as long as it may be; the limit is "
        f"{figures.cost(limit)} (cost_limit under [compare])."
    )
    return Confirm("Send this to the models?", question, "Send")
