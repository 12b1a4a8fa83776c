"""The question before something costly is sent: one wording for a comparison, another column and a summary."""

from typing import TYPE_CHECKING

from chatmodes.tui import figures
from chatmodes.tui.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from chatmodes.tui.app import ChatApp


async def agreed(app: "ChatApp", bound: float, limit: float) -> bool:
    """Whether the user sends what may cost `bound` US dollars, more than the `limit` of the settings."""
    question = (
        f"It may cost up to {figures.cost(bound)} if every answer is as long as it may be; the limit is "
        f"{figures.cost(limit)} (cost_limit under [compare])."
    )
    return bool(await app.push_screen_wait(Confirm("Send this to the models?", question, "Send")))
