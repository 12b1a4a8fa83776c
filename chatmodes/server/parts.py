"""What a message holds, as both APIs write it.

Chat completions and Responses say the same in other shapes. Each is read here once, and each spelling taken by both,
since clients mix them. Nothing is fetched: a client might name an address that only this machine can reach.
"""

import base64
import binascii
import hashlib
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from chatmodes.messages import File, Image, Text
from chatmodes.providers.shapes import table
from chatmodes.server import fields
from chatmodes.server.errors import RequestError

_DETAILS = ("auto", "low", "high")


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
            told = given if isinstance(url, str) else table(url)
            detail = fields.word(told, "detail", _DETAILS, where)
            return picture(url if isinstance(url, str) else told.get("url"), detail if detail != "auto" else "", where)
        case {"type": "file" | "input_file"}:
            named = table(given.get("file")) or given
            return attachment(named.get("file_data"), named.get("filename"), where)
        case _:
            message = f"Parts of type {given.get('type')!r} are not taken: texts, images and files are."
            raise RequestError(message, param=where)


def picture(url: object, detail: str, where: str) -> Image:
    """An image from a data URL. Raises `RequestError`; an address is never fetched for a client, who might name one
    that only this machine can reach."""
    if not isinstance(url, str) or not _is_data(url):
        raise RequestError("Images are taken as data URLs (data:image/png;base64,…) and not fetched.", param=where)
    media_type, data = _data(url, where)
    return Image("image", media_type, _hash(data), 0, 0, len(data), data, detail=detail)


def attachment(url: object, name: object, where: str) -> File:
    """A file from a data URL: a PDF, or a text. Raises `RequestError`."""
    if not isinstance(url, str) or not _is_data(url):
        raise RequestError("Files are taken as data URLs (data:application/pdf;base64,…).", param=where)
    media_type, data = _data(url, where)
    return File(name if isinstance(name, str) and name else "file", media_type, _hash(data), len(data), data)


def _is_data(url: str) -> bool:
    return url[:5].lower() == "data:"


def _data(url: str, where: str) -> tuple[str, bytes]:
    """The media type and the bytes of a URL that holds them, in any form that RFC 2397 allows."""
    head, comma, payload = url[5:].partition(",")
    media_type, *options = (each.strip().lower() for each in head.split(";"))
    data = unquote_to_bytes(payload)
    try:
        if "base64" in options:
            data = base64.b64decode(data.translate(None, b" \t\r\n"), validate=True)
    except binascii.Error as error:
        raise RequestError("A data URL holds no valid base64.", param=where) from error
    if not comma or not data:
        raise RequestError("A data URL holds nothing.", param=where)
    return media_type or "text/plain", data


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
