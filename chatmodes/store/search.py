"""Finding messages again."""

from chatmodes.store import words
from chatmodes.store.database import Database
from chatmodes.store.records import Hit


class Search(Database):
    """Full-text search."""

    def search(
        self,
        query: str,
        *,
        mode: str = "",
        model: str = "",
        since: float | None = None,
        until: float | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[Hit]:
        """Messages that hold every word and "phrase" of the query, newest first; a word ending in * is a beginning.

        `mode` and `model` ask for answers made by them; part of a model's name will do. Without any words, all that
        mode's or model's answers are found. Newest first instead of by relevance, because ranking reads every match:
        seconds for a common word in a million messages.
        """
        expression = words.match_expression(query, mode, model)
        if not expression:
            return []
        earliest = int(since * 1e6) if since is not None else 0
        latest = int(until * 1e6) if until is not None else 1 << 62
        with self.reading() as db:
            # The subquery keeps the joins to the rows of the page.
            rows = db.execute(
                "SELECT c.id, c.title, c.preview, m.parts, m.created, m.id, m.role, m.mode, m.model FROM ("
                "  SELECT rowid AS seq FROM message_words WHERE message_words MATCH ? AND rowid BETWEEN ? AND ?"
                "  ORDER BY rowid DESC LIMIT ? OFFSET ?"
                ") AS found JOIN messages m ON m.seq = found.seq JOIN conversations c ON c.id = m.conversation"
                " ORDER BY m.seq DESC",
                (expression, earliest, latest, limit, offset),
            ).fetchall()
        return [
            Hit(
                id=id, title=title or preview or "Untitled", snippet=words.snippet(words.text_of(parts), query), at=at,
                message=message, role=role, mode=mode, model=model,
            )
            for id, title, preview, parts, at, message, role, mode, model in rows
        ]  # fmt: skip
