"""The tree against a simple model of it: whatever is done in whatever order, both hold the same."""

from dataclasses import dataclass, field

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from chatmodes.messages import Message, assistant, user
from chatmodes.store import Store, open_store
from chatmodes.store.archive import Archive, dump, restore
from chatmodes.store.importing import to_json
from tests.store.content import rewrite


@dataclass(frozen=True)
class Node:
    """Frozen, since an export and the tree it was taken back into share theirs."""

    parent: str | None
    message: Message


@dataclass
class Model:
    """A conversation: its messages in the order they came, and the current one."""

    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    leaf: str | None = None
    title: str = ""

    def below(self, id: str) -> set[str]:
        found = {id}
        for other, node in self.nodes.items():  # children come after their parents
            if node.parent in found:
                found.add(other)
        return found

    def children(self, parent: str | None) -> list[str]:
        return [id for id, node in self.nodes.items() if node.parent == parent]

    def path(self) -> list[str]:
        at, path = self.leaf, list[str]()
        while at is not None:
            path.append(at)
            at = self.nodes[at].parent
        return path[::-1]

    def deepest(self, id: str | None) -> str | None:
        while children := self.children(id):
            id = children[-1]
        return id


words = st.sampled_from(["kept", "anew", "the", "tree", "東京", "Kept"])
texts = st.lists(words, max_size=4).map(" ".join) | st.text(st.characters(codec="utf-8"), max_size=20)
messages = st.builds(user, texts) | st.builds(assistant, texts)


class TreeMachine(RuleBasedStateMachine):
    conversations = Bundle("conversations")

    def __init__(self) -> None:
        super().__init__()
        self.store: Store = open_store(None)
        self.model: dict[str, Model] = {}
        self.exports: dict[str, tuple[bytes, Model]] = {}

    def teardown(self) -> None:
        self.store.close()

    @rule(target=conversations, title=texts)
    def begin(self, title: str) -> str:
        id = self.store.new_conversation(title)
        self.model[id] = Model(title=title)
        return id

    @rule(conversation=conversations, message=messages, data=st.data(), leaf=st.booleans())
    def say(self, conversation: str, message: Message, data: st.DataObject, leaf: bool) -> None:
        """Under any message or none: an answer, an edit, a regeneration are all this."""
        model = self.model[conversation]
        parent = data.draw(st.sampled_from([None, *model.nodes]))
        id = self.store.add_message(conversation, parent, message, leaf=leaf)
        model.nodes[id] = Node(parent, message)
        model.leaf = id if leaf else model.leaf

    @rule(conversation=conversations, message=messages, data=st.data())
    def rewrite(self, conversation: str, message: Message, data: st.DataObject) -> None:
        model = self.model[conversation]
        if model.nodes:
            id = data.draw(st.sampled_from(sorted(model.nodes)))
            rewrite(self.store, id, message)
            model.nodes[id] = Node(model.nodes[id].parent, message)

    @rule(conversation=conversations, data=st.data())
    def step(self, conversation: str, data: st.DataObject) -> None:
        """To a sibling: its newest descendant becomes the leaf."""
        model = self.model[conversation]
        if model.nodes:
            id = data.draw(st.sampled_from(sorted(model.nodes)))
            self.store.set_leaf(conversation, self.store.leaf_below(id))
            model.leaf = model.deepest(id)

    @rule(conversation=conversations, data=st.data())
    def delete_message(self, conversation: str, data: st.DataObject) -> None:
        model = self.model[conversation]
        if model.nodes:
            id = data.draw(st.sampled_from(sorted(model.nodes)))
            self.store.delete_message(id)
            gone, parent = model.below(id), model.nodes[id].parent
            for each in gone:
                del model.nodes[each]
            if model.leaf is None or model.leaf in gone:
                model.leaf = model.deepest(parent)

    @rule(conversation=conversations, data=st.data())
    def change_ones_mind(self, conversation: str, data: st.DataObject) -> None:
        """Deleting a message, what is above it or all, and taking it back in any order, leaves all as it was."""
        model = self.model[conversation]
        if model.nodes and model.leaf is not None:
            first, second = (data.draw(st.sampled_from(sorted(model.nodes))) for _ in range(2))
            entries = [self.store.delete_message(first)]
            if first not in model.below(second) and second not in model.below(first):
                entries.append(self.store.delete_message(second))
            entries.append(self.store.delete_conversation(conversation))
            for entry in reversed(entries):
                self.store.undelete(entry)

    @rule(conversation=consumes(conversations))
    def delete(self, conversation: str) -> None:
        self.store.delete_conversation(conversation)
        del self.model[conversation]

    @rule()
    def empty_the_trash(self) -> None:
        self.store.purge()

    @rule(conversation=conversations)
    def export(self, conversation: str) -> None:
        model = self.model[conversation]
        nodes = {id: Node(node.parent, node.message) for id, node in model.nodes.items()}
        file = to_json((dump(self.store, conversation),))
        self.exports[conversation] = (file, Model(nodes, model.leaf, model.title))

    @precondition(lambda self: self.exports)
    @rule(target=conversations, data=st.data())
    def take_in(self, data: st.DataObject) -> str | MultipleResults[str]:
        """Into a store that has lost all, some or nothing of it since."""
        id = data.draw(st.sampled_from(sorted(self.exports)))
        file, exported = self.exports[id]
        (archived,) = msgspec.json.decode(file, type=Archive).conversations
        here = self.model.get(id)
        missing = [each for each in exported.nodes if here is None or each not in here.nodes]
        assert restore(self.store, archived) == len(missing)
        if here is None:
            self.model[id] = Model(dict(exported.nodes), exported.leaf, exported.title)
            return id
        for each in missing:
            here.nodes[each] = exported.nodes[each]
        if missing:
            here.leaf = exported.leaf or here.leaf
            self.reorder(id, here)
        return multiple()

    def reorder(self, id: str, model: Model) -> None:
        """Where a merge puts old messages among newer siblings is the store's to say; the model takes it over."""
        order = [message.id for message in self.store.tree(id)]
        assert set(order) == set(model.nodes)
        model.nodes = {each: model.nodes[each] for each in order}

    @invariant()
    def both_hold_the_same(self) -> None:
        assert {c.id: c.name for c in self.store.conversations(limit=-1)}.keys() == self.model.keys()
        for id, model in self.model.items():
            stored = self.store.conversation(id)
            assert stored is not None
            assert (stored.title, stored.leaf) == (model.title, model.leaf)
            tree = self.store.tree(id)
            assert {m.id: (m.parent, m.message) for m in tree} == {
                each: (node.parent, node.message) for each, node in model.nodes.items()
            }
            seen: set[str | None] = {None}
            for message in tree:
                assert message.parent in seen, "parents come first"
                seen.add(message.id)
                row = model.children(message.parent)
                assert (row[message.position - 1], message.siblings) == (message.id, len(row))
            if model.leaf is not None:
                assert [m.id for m in self.store.path(model.leaf)] == model.path()

    @invariant()
    def the_index_is_what_one_made_anew_would_be(self) -> None:
        columns = "fts5(text, tags, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2')"
        with self.store.writing() as db:
            db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")
            db.execute(f"CREATE VIRTUAL TABLE temp.anew USING {columns}")
            db.execute(
                "INSERT INTO anew (rowid, text, tags)"
                " SELECT seq, index_text(parts), index_tags(mode, model) FROM messages"
                " WHERE parts <> '[]' AND trash IS NULL"
            )
            for schema, table in (("main", "message_words"), ("temp", "anew")):
                db.execute(f"CREATE VIRTUAL TABLE temp.v_{table} USING fts5vocab ('{schema}', '{table}', 'instance')")
            held, expected = [db.execute(f"SELECT * FROM v_{table}").fetchall() for table in ("message_words", "anew")]
            assert held == expected
            for table in ("v_message_words", "v_anew", "anew"):
                db.execute(f"DROP TABLE temp.{table}")
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []


TestTree = TreeMachine.TestCase
TestTree.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
