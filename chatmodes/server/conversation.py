"""A conversation as a request tells it, in the program's own words: the system prompt and the path to be answered."""

from typing import Any

from chatmodes.messages import File, Image, Message, Part, Role, Text, ToolCall, ToolResult
from chatmodes.server.errors import RequestError
from chatmodes.server.parts import parts

GO_ON = "Go on with your last answer exactly where it ends. Write what follows and repeat nothing of it."
"""What is asked where a client sends the beginning of an answer and wants the rest."""


class Conversation:
    """A conversation as it is read, message by message."""

    def __init__(self) -> None:
        self._system: list[str] = []
        self._path: list[tuple[Role, list[Part]]] = []
        self._called: dict[str, str] = {}
        """The calls of the last answer: a tool's name by the call's id."""

    def instruct(self, text: str) -> None:
        """A system prompt, or behind the first message a word of the developer's in its place."""
        if self._path:
            self._path.append(("system", [Text(text)]))
        else:
            self._system.append(text)

    def ask(self, parts: tuple[Part, ...]) -> None:
        """What the user says."""
        self._path.append(("user", list(parts)))

    def answer(self, parts: tuple[Part, ...]) -> None:
        """What the assistant said or called. Calls join what was said before them, and what follows a tool's result
        goes on with the same message."""
        last = self._answer
        calls = [part for part in parts if isinstance(part, ToolCall)]
        if last is not None and ((calls and len(calls) == len(parts)) or (last and isinstance(last[-1], ToolResult))):
            last += parts
        else:
            self._path.append(("assistant", list(parts)))
            self._called = {}
        self._called.update((call.id, call.name) for call in calls)

    def result(self, call: object, content: object, where: str) -> None:
        """What a tool brought: it joins the message that called it. Raises `RequestError` where none did."""
        last = self._answer
        if last is None or not isinstance(call, str) or call not in self._called:
            raise RequestError("A tool's result must follow the assistant's call that it answers.", param=where)
        said = parts(content, where)
        brought = tuple(part for part in said if isinstance(part, Text | Image))
        if len(brought) < len(said):
            raise RequestError("A tool's result has texts and pictures, and no other file.", param=where)
        last.append(ToolResult(call, self._called[call], brought))

    def read(self, where: str) -> tuple[str, tuple[Message, ...]]:
        """The system prompt and the path. Instructions alone are asked as what they are: all that is said. An answer
        that stands last is gone on with, which every model understands when it is told. Raises `RequestError` where
        nothing waits for an answer."""
        system = "\n\n".join(self._system)
        if not self._path and system.strip():
            return "", (Message("user", (Text(system),)),)
        for _, told in self._path:
            _check_answered(told, where)
        last = self._answer
        if last is not None and not (last and isinstance(last[-1], ToolResult)):
            if _says_nothing(last):
                self._path.pop()
            else:
                self.ask((Text(GO_ON),))
        if not self._path or _says_nothing(self._path[-1][1]):
            raise RequestError("There is no message to answer: the last one is empty.", param=where)
        return system, tuple(Message(role, tuple(told)) for role, told in self._path)

    @property
    def _answer(self) -> list[Part] | None:
        """The parts of the last message, where it is the assistant's."""
        role, told = self._path[-1] if self._path else (None, [])
        return told if role == "assistant" else None


def take_message(
    into: Conversation, message: dict[str, Any], where: str, calls: tuple[ToolCall, ...] = (), speaker: str = ""
) -> None:
    """A message by its role. `speaker` is who says it, where several do in the same role. Raises `RequestError`."""
    said, role = parts(message.get("content"), where), message.get("role")
    if speaker:
        said = (Text(f"{speaker}: "), *said)
    match role:
        case "system" | "developer":
            into.instruct("".join(part.text for part in _texts(said, role, where)))
        case "user":
            into.ask(said)
        case "assistant":
            into.answer((*_texts(said or parts(message.get("refusal"), where), role, where), *calls))
        case _:
            raise RequestError(f"There is no role {role!r}.", param=f"{where}.role")


def tool_call(id: object, name: object, arguments: object, where: str) -> ToolCall:
    """A call that was made before. Raises `RequestError` for what is none."""
    if not isinstance(id, str) or not isinstance(name, str) or not id or not name:
        raise RequestError("A tool call has an id and the name of a function.", param=where)
    if arguments is not None and not isinstance(arguments, str):
        raise RequestError(f"The arguments of a call of {name!r} are a text of JSON.", param=where)
    return ToolCall(id, name, arguments or "")


def _texts(said: tuple[Text | File | Image, ...], role: str, where: str) -> tuple[Text, ...]:
    """The parts of a message that can only be text. Raises `RequestError` for another."""
    texts = tuple(part for part in said if isinstance(part, Text))
    if len(texts) < len(said):
        raise RequestError(f"Pictures and files are the user's: a message of the {role} has text.", param=where)
    return texts


def _says_nothing(parts: list[Part]) -> bool:
    return not any(not isinstance(part, Text) or part.text.strip() for part in parts)


def _check_answered(parts: list[Part], where: str) -> None:
    """Raise `RequestError` for a call without a result: every provider would refuse the conversation."""
    answered = {part.call for part in parts if isinstance(part, ToolResult)}
    for part in parts:
        if isinstance(part, ToolCall) and part.id not in answered:
            raise RequestError(f"The call {part.id!r} of {part.name!r} has no result behind it.", param=where)
