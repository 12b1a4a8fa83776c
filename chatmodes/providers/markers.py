"""How models mark their reasoning in plain text: a table, since each family has marks of its own.

A server that knows its model takes these out; one that does not passes them on, and they would be shown, stored and
voted on as the answer.
"""

import re
from dataclasses import dataclass

REASONING: dict[str, str] = {
    # opening: closing
    "<think>": "</think>",  # DeepSeek R1, Qwen 3, GLM, MiniMax and most others
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",  # Gemini's compatible endpoint, Gemma fine-tunes
    "<reasoning>": "</reasoning>",
    "<reason>": "</reason>",
    "<seed:think>": "</seed:think>",  # ByteDance Seed-OSS
    "<mm:think>": "</mm:think>",  # MiniMax M3
    "<longcat_think>": "</longcat_think>",
    "<|think|>": "<|/think|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",  # Sky-T1, OpenThinker
    "<|START_THINKING|>": "<|END_THINKING|>",  # Cohere Command A Reasoning
    "<|channel>thought": "<channel|>",  # Gemma 4
    "<unused94>thought": "<unused95>",  # MedGemma
    "[THINK]": "[/THINK]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi-VL
}
ORPHANS = frozenset(
    {
        "</think>", "</thinking>", "</thought>", "</reasoning>", "</seed:think>", "</mm:think>", "</longcat_think>",
        "[/THINK]", "◁/think▷", "<|END_THINKING|>", "<|end_of_thought|>",
    }
)  # fmt: skip
"""Closings that may come without their opening, which then stood in the prompt's template."""
UNOPENED = re.compile(r"(^|[-_/.:])(r1|qwq|thinking|reasoner)([-_.:]|$)", re.IGNORECASE)
"""Names of models whose template writes the opening mark itself. A server that takes reasoning out sends it as such;
from one that does not, the text begins with it."""
FRAMES = frozenset({"<|begin_of_solution|>", "<|START_RESPONSE|>", "<|START_TEXT|>", "[BEGIN FINAL RESPONSE]"})
"""Marks before the answer itself, which mean nothing to a reader."""
ENDS = (
    "<|im_end|>", "</s>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>", "<|eom_id|>",
    "<end_of_turn>", "<eos>", "<turn|>", "<｜end▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "<|user|>", "<|im_start|>",
    "[e~[", "<|eos|>", "<|endofprompt|>", "<|end_of_solution|>", "<|END_RESPONSE|>", "<|END_TEXT|>",
    "[END FINAL RESPONSE]",
)  # fmt: skip
"""Tokens that end a turn: markup at the very end of an answer, text anywhere else."""


@dataclass(frozen=True)
class Harmony:
    """The form of gpt-oss: `<|start|>assistant<|channel|>analysis<|message|>…<|end|>`, the answer in `final`."""

    begins = ("<|start|>assistant", "<|channel|>")
    message = "<|message|>"
    ends = ("<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>")
    reasoning = ("analysis", "commentary")
    bare_begin = "analysis"
    bare_end = "assistantfinal"
    """What is left of the marks where a server strips special tokens: `analysisWe add.assistantfinal42`."""
    longest_header = 160
    """Characters between a beginning and its `<|message|>`; what is longer is no header."""


HARMONY = Harmony()
