"""Choosing a model, or a provider: listed at once from what is known, completed as the servers answer."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from chatmodes.tui.dialogs.picking import PickScreen, Row, narrowed

if TYPE_CHECKING:
    from chatmodes.providers.available.catalog import Catalog, Shelf
    from chatmodes.providers.calls import ModelInfo
    from chatmodes.providers.known.profiles import Profile

SHOWN = 300
"""Rows at once. OpenRouter alone lists some 400 models, and nobody scrolls that far."""


class ModelPicker(PickScreen):
    """All models that can be called, by provider."""

    TITLE_TEXT = "Choose a model"
    PLACEHOLDER = "Type a part of its name, or a whole id as provider/model"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "refresh", "Ask the providers again", priority=True)]

    def __init__(self, catalog: "Catalog", current: str) -> None:
        super().__init__()
        self._catalog = catalog
        self._current = current
        self._shelves: dict[str, Shelf] = {}
        self._query = ""
        self._asking = False

    def on_mount(self) -> None:
        """What is on disk first; the servers' own lists as they come."""
        self._shelves = {shelf.provider: shelf for shelf in self._catalog.offline()}
        super().on_mount()
        self.run_worker(partial(self._refresh, 24 * 3600.0), exclusive=True)

    def action_refresh(self) -> None:
        """Ask all providers, whatever the age of their lists."""
        self.run_worker(partial(self._refresh, 0.0), exclusive=True)

    async def _refresh(self, max_age: float) -> None:
        self._asking = True
        self.search(self._query)
        await self._catalog.refresh(max_age=max_age, on_shelf=self._arrived)
        self._asking = False
        self.search(self._query)

    def _arrived(self, shelf: "Shelf") -> None:
        self._shelves[shelf.provider] = shelf
        self.search(self._query)

    def search(self, query: str) -> None:
        """The models that fit, or the typed id itself where none does."""
        self._query, typed = query, query.strip()
        rows = narrowed(list(self.rows()), query)
        if "/" in typed and all(row.id != typed for row in rows):
            rows.append(Row(typed, typed, "as typed"))
        if not typed:
            rows.insert(0, Row("", "Each mode's own", "what the settings say, or the best that was found"))
        more = f"{len(rows) - SHOWN} more, type to narrow · " if len(rows) > SHOWN else ""
        none = "" if rows else "No model has these words; a whole id as provider/model is taken as it is. · "
        self.show(rows[:SHOWN], f"{more}{none}{self.note()}")

    def note(self) -> str:
        """Where the list comes from, and what is missing in it."""
        troubles = [shelf.problem for shelf in self._shelves.values() if shelf.usable and shelf.problem]
        missing = sum(not shelf.usable for shelf in self._shelves.values())
        parts = ["Asking the providers…" if self._asking else "Ctrl+R asks the providers again"]
        if missing:
            parts.append(f"{missing} providers have no key here (/key adds one)")
        return " · ".join([*parts, *(one.rstrip(".") for one in troubles[:2])])

    def rows(self) -> Iterable[Row]:
        """The model in use first, also where no server lists it; the others by provider."""
        known = [info for shelf in self._shelves.values() if shelf.usable for info in shelf.models]
        about = next((_about(info) for info in known if info.model == self._current), "")
        if self._current:
            yield Row(self._current, self._current, f"current · {about}".removesuffix(" · "))
        yield from (Row(info.model, info.model, _about(info)) for info in known if info.model != self._current)


def _about(info: "ModelInfo") -> str:
    parts: list[str] = []
    if info.small:
        parts.append("small, often wrong")
    if info.reasons:
        parts.append("reasons")
    if info.context_window:
        parts.append(f"{info.context_window // 1000}k context")
    if info.input_price is not None and info.output_price is not None:
        free = info.input_price == info.output_price == 0
        parts.append("free" if free else f"${info.input_price:g} in, ${info.output_price:g} out per million")
    return " · ".join(parts)


class ProviderPicker(PickScreen):
    """The providers that take a key."""

    TITLE_TEXT = "Store a key for which provider?"
    PLACEHOLDER = "Type a part of its name"

    def __init__(self, profiles: "Iterable[Profile]") -> None:
        rows = [Row(one.id, one.name, one.key_page) for one in profiles if one.key_needed]
        super().__init__(rows, "The key goes to the system's keyring, or to a file only you can read.")
