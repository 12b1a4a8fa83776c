"""What a message holds and what tools are offered, as both APIs write it.

Chat completions and Responses say the same in other shapes. Each is read here once, and each spelling taken by both,
since clients mix them. Nothing is fetched: a client might name an address that only this machine can reach.
"""

import base64
import binascii
import hashlib
from typing import Any, cast

from chatmodes.messages import File, Image, Text
from chatmodes.providers.calls import ToolSpec
from chatmodes.providers.shapes import is_table, table
from chatmodes.server.errors import RequestError

_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def objects(value: object, name: str, what: str) -> list[tuple[dict[str, Any], str]]:
    """The objects of a list that is not empty, each with the place where it stands. Raises `RequestError`."""
    if not isinstance(value, list) or not value:
        raise RequestError(f"`{name}` must be a list of at least one {what}.", param=name)
    found: list[tuple[dict[str, Any], str]] = []
    for at, each in enumerate(cast("list[Any]", value)):
        if not isinstance(each, dict):
            raise RequestError(f"A {what} is an object.", param=f"{name}[{at}]")
        found.append((cast("dict[str, Any]", each), f"{name}[{at}]"))
    return found


def parts(content: object, where: str) -> tuple[Text | File | Image, ...]:
    """A message's content. Raises `RequestError` for what is not taken."""
    if content is None:
        return ()
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise RequestError("Content is a text or a list of parts.", param=f"{where}.content")
    return tuple(_part(part, f"{where}.content[{at}]") for at, part in enumerate(cast("list[Any]", content)))


def _part(part: Any, where: str) -> Text | File | Image:
    given = table(part)
    match given:
        case {"type": "text" | "input_text" | "output_text", "text": str(text)}:
            return Text(text)
        case {"type": "refusal", "refusal": str(text)}:
            return Text(text)
        case {"type": "image_url" | "input_image"}:
            url = given.get("image_url")
            return picture(url if isinstance(url, str) else table(url).get("url"), where)
        case {"type": "file" | "input_file"}:
            named = table(given.get("file")) or given
            return attachment(named.get("file_data"), named.get("filename"), where)
        case _:
            message = f"Parts of type {given.get('type')!r} are not taken: texts, images and files are."
            raise RequestError(message, param=where)


def tools(offered: object) -> tuple[ToolSpec, ...]:
    """The caller's tools. Raises `RequestError` for what is none, or would have to be run here."""
    if not offered:
        return ()
    specs: list[ToolSpec] = []
    for each, where in objects(offered, "tools", "tool"):
        if each.get("type") != "function":
            raise RequestError("Only tools of type function are taken; none is run here.", param=where)
        named = table(each.get("function")) or each
        specs.append(tool(named.get("name"), named.get("description"), named.get("parameters"), where))
    return tuple(specs)


def tool_choice(choice: Any) -> str:
    """`auto`, `required`, `none`, a tool's name, or empty where nothing is said. Raises `RequestError`."""
    match choice:
        case None:
            return ""
        case "auto" | "required" | "none":
            return choice
        case {"function": {"name": str(name)}} | {"type": "function", "name": str(name)}:
            return name
        case _:
            raise RequestError("`tool_choice` is auto, required, none or one function.", param="tool_choice")


def tool(name: object, description: object, parameters: Any, where: str) -> ToolSpec:
    """A tool of the client's. Raises `RequestError` for one that cannot be offered."""
    if not isinstance(name, str) or not name:
        raise RequestError("A tool has no name.", param=where)
    if parameters is not None and not is_table(parameters):
        raise RequestError(f"The parameters of the tool {name!r} are no JSON Schema.", param=where)
    schema = table(parameters) or {"type": "object", "properties": {}}
    return ToolSpec(name, description if isinstance(description, str) else "", schema)


def picture(url: object, where: str) -> Image:
    """An image from a data URL. Raises `RequestError`; an address is never fetched for a client, who might name one
    that only this machine can reach."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise RequestError("Images are taken as data URLs (data:image/png;base64,…) and not fetched.", param=where)
    media_type, data = _data(url, where)
    if media_type not in _PICTURES:
        raise RequestError(f"Images are PNG, JPEG, WebP or GIF, and not {media_type!r}.", param=where)
    return Image("image", media_type, _hash(data), 0, 0, len(data), data)


def attachment(url: object, name: object, where: str) -> File | Text:
    """A file from a data URL: a PDF, or a text."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise RequestError("Files are taken as data URLs (data:application/pdf;base64,…).", param=where)
    media_type, data = _data(url, where)
    called = name if isinstance(name, str) and name else "file"
    if media_type.startswith("text/"):
        text = data.decode("utf-8", "replace")
        return File(called, media_type, _hash(data), len(data), data, f"\n\n{called}:\n{text}")
    return File(called, media_type, _hash(data), len(data), data)


def _data(url: str, where: str) -> tuple[str, bytes]:
    head, _, payload = url.removeprefix("data:").partition(",")
    media_type, *options = head.split(";")
    try:
        data = base64.b64decode(payload, validate=True) if "base64" in options else payload.encode()
    except (binascii.Error, ValueError) as error:
        raise RequestError("A data URL holds no valid base64.", param=where) from error
    if not data:
        raise RequestError("A data URL holds nothing.", param=where)
    return media_type.strip().lower(), data


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
