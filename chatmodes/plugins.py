"""What other packages bring, modes and tools: found by entry point, loaded when asked for, held to their protocol.

A stranger's module may do anything when it is imported. Whatever goes wrong there is one sentence that names the
package, and nothing of it is imported before somebody asks for what it brings by name.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint


class Named(Protocol):
    """What can be asked for by name."""

    @property
    def name(self) -> str: ...


Plugin = TypeVar("Plugin", bound=Named)


class Plugins(Generic[Plugin]):
    """What there is of one kind: what ships, by dotted path, and what packages bring under one entry point group."""

    def __init__(self, kind: str, shipped: Mapping[str, str], protocol: type[Plugin], parts: tuple[str, ...]) -> None:
        """`kind` in the singular ("mode"); `shipped` gives `module:Class` for each name; `parts` are what `protocol`,
        which is checkable at run time, wants of an object."""
        self._kind, self._shipped, self._protocol, self._parts = kind, shipped, protocol, parts

    @cached_property
    def foreign(self) -> Mapping[str, EntryPoint]:
        """The entry points of other packages by name; a shipped name is not theirs to take. 20 ms the first time."""
        from importlib.metadata import entry_points  # 30 ms that what ships has no use for

        points = entry_points(group=f"chatmodes.{self._kind}s")
        return {point.name: point for point in points if point.name not in self._shipped}

    def forget(self) -> None:
        """Look through the installed packages again when next asked: one was installed meanwhile."""
        self.__dict__.pop("foreign", None)

    def names(self) -> tuple[str, ...]:
        """All there are, the shipped ones first."""
        return (*self._shipped, *self.foreign)

    def exists(self, name: str) -> bool:
        """Whether there is one of this name; it need not be one that can be loaded."""
        return name in self._shipped or name in self.foreign

    def unknown(self, name: str) -> ConfigError:
        """The error for a name that is nobody's; it says which there are."""
        return ConfigError(
            f"There is no {self._kind} {one_line(name, 60)!r}.", f"The {self._kind}s are {', '.join(self.names())}."
        )

    def load(self, name: str) -> Plugin:
        """The one of that name, made anew. Raises `ConfigError` for a name that is nobody's, and for a package's that
        cannot be loaded or is no such thing."""
        if name in self._shipped:
            module, _, kind = self._shipped[name].partition(":")
            return cast("Plugin", getattr(import_module(module), kind)())
        point = self.foreign.get(name)
        if point is None:
            raise self.unknown(name)
        try:
            loaded = point.load()
            plugin: object = loaded() if isinstance(loaded, type) else loaded
        except Exception as error:  # whatever a stranger's module does when it is imported
            raise self._unusable(point, f"{type(error).__name__}: {one_line(str(error), 200)}") from error
        if not isinstance(plugin, self._protocol):
            missing = [part for part in self._parts if not hasattr(plugin, part)]
            raise self._unusable(point, f"it is no {self._kind}: it lacks {', '.join(missing)}")
        if plugin.name != name:
            raise self._unusable(point, f"it calls itself {one_line(str(plugin.name), 60)!r}")
        return plugin

    def maker(self, name: str) -> str:
        """Who made it: "chatmodes", or the package that brings it."""
        point = None if name in self._shipped else self.foreign.get(name)
        return "chatmodes" if point is None else f"the package {_package(point)}"

    def _unusable(self, point: EntryPoint, why: str) -> ConfigError:
        package = _package(point)
        return ConfigError(
            f"The {self._kind} {point.name!r} of the package {package} cannot be used: {why}.",
            f"Update the package, or remove it: pip uninstall {package}.",
        )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
