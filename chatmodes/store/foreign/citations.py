"""ChatGPT's citations: marks of private-use characters in the text, with what they stand for beside it.

Without their reference list the marks read as `citeturn0search3`, and where an answer is from would be lost.
"""

import re
from collections.abc import Iterator

from chatmodes.store.foreign.fields import Fields
from chatmodes.store.foreign.intake import Intake, source_list

_MARK = re.compile("\ue200([^\ue200\ue201]*)(?:\ue201|$)")
"""U+E200 kind U+E202 field … U+E201; an answer that was cut may end within one."""
_LOOSE = re.compile("[\ue200-\ue206]")
"""What is left where a mark is no whole one; U+E203 and U+E204 only say which words the next one is for."""
_OLD = re.compile("【[^】]*†[^】]*】")


def cited(text: str, metadata: Fields, intake: Intake) -> str:
    """The text with numbers for its marks and what they stand for in a list under it."""
    if not (_LOOSE.search(text) or _OLD.search(text)):
        return text
    sources: dict[str, str] = {}
    for reference in metadata.objects("content_references"):
        found = dict(_sources(reference))
        sources |= {address: title for address, title in found.items() if address not in sources}
        if mark := reference.text("matched_text").strip():
            text = text.replace(mark, _numbers(found, sources) or _shown(reference, mark))
    text = _old(text, metadata, sources)
    text = _LOOSE.sub("", _MARK.sub(lambda mark: _unknown(mark[1], intake), text))
    return "\n\n".join(filter(None, (text.rstrip(), source_list(sources))))


def _sources(reference: Fields) -> Iterator[tuple[str, str]]:
    """The addresses that a reference names, with their titles, in their order."""
    for each in (reference, *reference.objects("items"), *reference.objects("sources")):
        if address := each.text("url"):
            yield address, each.text("title", "attribution")
        for more in each.objects("supporting_websites"):
            if address := more.text("url"):
                yield address, more.text("title", "attribution")
    if reference.text("type") == "file" and (name := reference.text("name")):
        yield name, ""


def _numbers(found: dict[str, str], sources: dict[str, str]) -> str:
    places = list(sources)
    return "".join(f" [{places.index(address) + 1}]" for address in found).lstrip()


def _shown(reference: Fields, mark: str) -> str:
    """What stands in the place of a mark that names no source: a company's name, a link's words."""
    words = reference.text("name", "alt", "prompt_text")
    return words if words and not _LOOSE.search(words) else mark


def _old(text: str, metadata: Fields, sources: dict[str, str]) -> str:
    """The marks of older answers, 【3†source】, which their list finds by place."""
    replaced: dict[str, str] = {}
    for citation in metadata.objects("citations"):
        start, end = citation.whole_number("start_ix"), citation.whole_number("end_ix")
        about = citation.object("metadata")
        address = about.text("url", "name", "title")
        if start is None or end is None or not address or not _OLD.fullmatch(mark := text[start:end]):
            continue
        sources.setdefault(address, about.text("title"))
        replaced[mark] = f"[{list(sources).index(address) + 1}]"
    return _OLD.sub(lambda mark: replaced.get(mark[0], mark[0]), text)


def _unknown(fields: str, intake: Intake) -> str:
    """What can be read of a mark that no reference explains."""
    kind, *rest = fields.split("\ue202")
    if kind == "url" and rest:
        return rest[0]
    if kind == "entity" and rest and (name := re.search(r'"[^"]*"\s*,\s*"([^"]*)"', rest[0])):
        return name[1]
    if kind in ("cite", "filecite"):
        intake.left_out("citation")
    return ""
