"""Tags as they are typed, told from the words of a search, and found by SQL."""

import pytest

from chatmodes.store import open_store
from chatmodes.tags import changed, shown, split


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ((), "work", ("work",)),
        ((), "#Work, #urgent", ("work", "urgent")),
        (("work",), "WORK", ("work",)),
        (("work", "home"), "-work", ("home",)),
        (("work",), "-#work new", ("new",)),
        (("work",), "", ("work",)),
        (("work",), "-unknown # -", ("work",)),
        ((), "größe 日本", ("größe", "日本")),
    ],
)
def test_each_word_adds_a_tag_or_takes_it_away(before: tuple[str, ...], typed: str, after: tuple[str, ...]) -> None:
    assert changed(before, typed) == after


@pytest.mark.parametrize(
    ("query", "words", "tags"),
    [
        ("flour #work", "flour", ("work",)),
        ("#Work", "", ("work",)),
        ("issue #12", "issue #12", ()),
        ("#12b", "", ("12b",)),
        ('"a #phrase" and #tag', '"a #phrase" and', ("tag",)),
        ("C# or F#", "C# or F#", ()),
        ("#", "", ()),
    ],
)
def test_a_search_tells_tags_from_words(query: str, words: str, tags: tuple[str, ...]) -> None:
    assert split(query) == (words, tags)


def test_tags_are_shown_with_their_hash() -> None:
    assert shown(("work", "home")) == "#work #home"


@pytest.mark.parametrize("tag", ["work", "100%", "snake_case", 'say "hi"', "back\\slash", "größe", "日本"])
def test_a_tag_is_found_by_itself_and_by_its_beginning_and_by_no_other(tag: str) -> None:
    with open_store(None) as store:
        tagged, other = store.new_conversation("tagged"), store.new_conversation("other")
        store.configure(tagged, tags=[tag])
        store.configure(other, tags=[f"un{tag}", "wXrk", "snakeXcase"])
        assert [one.id for one in store.conversations(tags=[tag])] == [tagged]
        assert [one.id for one in store.conversations(tags=[tag[:-1]])] == [tagged]
        assert store.conversations(tags=[tag, "more"]) == []
