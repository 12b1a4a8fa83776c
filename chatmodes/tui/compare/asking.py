"""The question before something costly is sent: one wording for a prompt, a comparison, a column and a summary."""

from chatmodes.tui import figures
from chatmodes.tui.dialogs.confirm import Confirm


def cost_question(bound: float, limit: float, where: str = "cost_limit under [compare]") -> Confirm:
    """Whether to send what may cost `bound` US dollars, more than the `limit` that the settings have at `where`."""
    question = (
        f"It may cost up to {figures.cost(bound)} if every answer is as long as it may be; the limit is "
        f"{figures.cost(limit)} ({where})."
    )
    return Confirm("Send this to the models?", question, "Send")
