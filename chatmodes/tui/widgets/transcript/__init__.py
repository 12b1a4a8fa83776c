"""The transcript: blocks of a conversation in one virtualised widget that stays fast at any length.

How a screen uses it::

    transcript = Transcript(id="transcript")                  # fills its container; focusable
    transcript.load([prompt("m1", text), answer("m2", text, head="Instant · qwen3:4b")])
    transcript.append(prompt(id, text))                       # also: insert(block, before=id), remove(id),
    replace(id, block), clear() transcript.append(reasoning(rid, head="Thinking…", live=True))
    transcript.append(answer(aid, live=True))
    transcript.stream(aid, delta)                             # as often as deltas come: painted every 100 ms, O(1) a
    delta transcript.finish(aid)                                    # flushes what is pending
    transcript.set_head(rid, "Thought for 12 s · 345 words")  # also set_rows(id, rows), set_folded(id, bool)
    transcript.append(agents(id, "4 of 5 agents agree · opens", rows=[[("kept ", "success"), ("…", "base")]]))
    transcript.text(id)                                       # a block's source, cleaned
    transcript.scroll_to_block(id); transcript.action_follow()
    transcript.find("words"); transcript.find_next(); transcript.find_next(-1); transcript.find("")

A block is made by `prompt`, `answer`, `reasoning`, `draft`, `notice`, `agents`, or as a `Block`. All text given is
cleaned here (`chatmodes.sanitize`). It is never markup: `[bold]` is seven characters.

It posts (as `Transcript.LinkClicked` and so on): `LinkClicked(url)`, `LinkHovered(url)`, `CopyRequested(text)`,
`Toggled(id, folded)`, `FollowChanged(following)`, `CursorMoved(id)`, `SearchChanged(current, total)`. It opens and
copies nothing itself. A fold line that is clicked folds by itself and then says so.

At the end it follows what is added; a reader who has scrolled up stays where they are, and `following` is False
until they are back at the end (`action_follow`, the End key). `cursor` is the id of the block the keyboard is on
(`move_cursor`). Text is selected with the mouse by Textual's own selection: `screen.get_selected_text()`.
"""

from chatmodes.tui.widgets.transcript.blocks import Block, agents, answer, draft, notice, prompt, reasoning
from chatmodes.tui.widgets.transcript.widget import Transcript

__all__ = ["Block", "Transcript", "agents", "answer", "draft", "notice", "prompt", "reasoning"]
