"""A week of deletions: additions, answers, edits, deletions, prunes and searches against a model of what must be there.

    python benchmarks/soak_store.py [--operations N] [--newer]

Prints memory, descriptors, threads, the file and whether database and index are sound, a tenth of the way at a time;
ends with 1 where anything grows that must not, or the database says something else than the model. `--newer` runs on
the SQLite of the pysqlite3 wheel instead of Python's own.
"""

import argparse
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = [f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ne", "su") for b in range(40) for c in "abcd"]


class Model:
    """What was said in each conversation, by message."""

    def __init__(self) -> None:
        self.conversations: dict[str, dict[str, str]] = {}

    def holding(self, word: str) -> set[str]:
        return {id for said in self.conversations.values() for id, text in said.items() if word in text.split()}


class Soak:
    """One store under use, and the model beside it. Everything follows from the seed."""

    def __init__(self, file: Path, seed: int) -> None:
        from chatmodes.store import open_store

        self.file, self.rng, self.model = file, random.Random(seed), Model()
        self.open_store = open_store
        self.store = open_store(file)
        self.runs = 0

    def text(self) -> str:
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(1, 40)))

    def some(self) -> str:
        return self.rng.choice(list(self.model.conversations))

    def add(self) -> None:
        from chatmodes.messages import user

        if self.model.conversations and self.rng.random() < 0.5:
            conversation = self.some()
        else:
            conversation = self.store.new_conversation()
            self.model.conversations[conversation] = {}
        text = self.text()
        parent = self.rng.choice([None, *self.model.conversations[conversation]])
        message = self.store.add_message(conversation, parent, user(text))
        self.model.conversations[conversation][message] = text

    def answer(self) -> None:
        from chatmodes import events as ev

        conversation, text = self.some(), self.text()
        self.runs += 1
        run = f"run{self.runs}"
        parent = self.rng.choice([None, *self.model.conversations[conversation]])
        writer = self.store.begin_run(run, conversation, parent, mode="instant", model="m")
        for piece in text.split(" "):
            writer.add(ev.AnswerDelta(run=run, at=1, text=f"{piece} "))
        writer.flush()
        writer.end()
        self.model.conversations[conversation][writer.message] = text

    def delete_message(self) -> None:
        conversation = self.some()
        said = self.model.conversations[conversation]
        if said:
            entry = self.store.delete_message(self.rng.choice(list(said)))
            if self.rng.random() < 0.2:
                self.store.undelete(entry)
            left = {message.id for message in self.store.tree(conversation)}
            self.model.conversations[conversation] = {id: text for id, text in said.items() if id in left}

    def delete_conversation(self) -> None:
        conversation = self.some()
        if self.rng.random() < 0.2:
            self.store.undelete(self.store.delete_conversation(conversation))
        elif self.rng.random() < 0.5:
            self.store.delete_conversation(conversation)
            del self.model.conversations[conversation]
        else:
            self.store.erase_conversations([conversation])
            del self.model.conversations[conversation]

    def prune(self) -> None:
        kept = self.store.conversations(limit=30)
        plan = self.store.plan_prune(before=kept[-1].updated)
        self.store.prune(plan)
        for conversation in plan.conversations:
            del self.model.conversations[conversation.id]

    def search(self) -> None:
        word = self.rng.choice(WORDS)
        found = {hit.message for hit in self.store.search(word, limit=100_000)}
        assert found == self.model.holding(word), f"{word!r}: {found ^ self.model.holding(word)}"

    def purge(self) -> None:
        self.store.purge()

    def reopen(self) -> None:
        self.store.close()
        self.store = self.open_store(self.file)

    def step(self) -> None:
        """One operation, chosen as people do: most add, many delete, some look."""
        if len(self.model.conversations) < 5:
            self.add()
            return
        choices: list[tuple[Callable[[], None], int]] = [
            (self.add, 38), (self.answer, 15), (self.delete_message, 14), (self.delete_conversation, 14),
            (self.search, 15), (self.purge, 2), (self.prune, 1), (self.reopen, 1),
        ]  # fmt: skip
        (chosen,) = self.rng.choices([call for call, _ in choices], [weight for _, weight in choices])
        chosen()

    def verify(self) -> None:
        """All that is stored is what the model holds, and both database and index are sound."""
        stored = {c.id: {m.id for m in self.store.tree(c.id)} for c in self.store.conversations(limit=-1)}
        assert stored == {id: set(said) for id, said in self.model.conversations.items()}
        for word in WORDS[::40]:
            found = {hit.message for hit in self.store.search(word, limit=100_000)}
            assert found == self.model.holding(word), (word, found ^ self.model.holding(word), found)
        with self.store.writing() as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")


def soak(file: Path, operations: int, seed: int = 1, told: Callable[[int, Soak], None] | None = None) -> None:
    """Use a store and verify it at the end; `told` hears of every tenth of the way."""
    under_use = Soak(file, seed)
    try:
        for number in range(operations):
            under_use.step()
            if told is not None and number % max(operations // 10, 1) == 0:
                told(number, under_use)
        under_use.verify()
    finally:
        under_use.store.close()


def resident() -> int:
    """Kilobytes of memory this process occupies now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def descriptors() -> int:
    """Files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--newer", action="store_true")
    args = parser.parse_args()
    if args.newer:
        sys.modules["sqlite3"] = __import__("pysqlite3")
    import sqlite3

    rows: list[tuple[int, int]] = []

    def tell(number: int, under_use: Soak) -> None:
        under_use.verify()
        sizes: Any = under_use.store.sizes()
        rows.append((resident(), descriptors()))
        print(
            f"{number:>9,} {resident() / 1e3:7.1f} MB {descriptors():>4} open {threading.active_count()} threads"
            f" {sizes.messages:>6,} messages {sizes.file / 1e6:6.2f} MB on disk, sound",
            flush=True,
        )

    print(f"SQLite {sqlite3.sqlite_version}, {args.operations:,} operations")
    with tempfile.TemporaryDirectory() as folder:
        soak(Path(folder) / "chatmodes.db", args.operations, told=tell)
        left = sorted(path.name for path in Path(folder).iterdir())
    print(f"the database is sound and says what the model says; left on disk: {', '.join(left)}")
    settled = rows[len(rows) // 2]
    return int(rows[-1][0] > 1.5 * settled[0] or rows[-1][1] > settled[1])


if __name__ == "__main__":
    sys.exit(main())
