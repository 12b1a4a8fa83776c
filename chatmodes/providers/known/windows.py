"""Whether a conversation still fits a model's window, told before it is sent.

Nobody downstream can be trusted with it: Ollama cuts the oldest turns off without a word, LM Studio answers with
nothing, and the hosted ones refuse only after the prompt has travelled. Counting exactly would take each model's own
tokenizer (tiktoken even fetches its vocabulary from the network), so tokens are estimated from the text and the
estimate is corrected by what the servers count. Nothing is ever dropped here: the caller is told what could be.
"""

from collections.abc import Sequence

import msgspec

from chatmodes.events import Error
from chatmodes.messages import Image, Message, ToolResult
from chatmodes.providers.calls import Call, ImageLimits, ModelInfo, ProviderError

ASCII_PER_TOKEN = 4.0
"""English prose has 4.0 to 4.7 characters a token in today's vocabularies, code 3.0 to 3.5."""
OTHER_BYTES_PER_TOKEN = 3.0
"""UTF-8 bytes: a Chinese or Japanese character or half an emoji makes one token, a Cyrillic letter two thirds."""
PER_MESSAGE = 4
"""Tokens of the chat template around each message."""

CALIBRATE_FROM = 200
"""Estimates below this are mostly template, and teach nothing about the text."""
UNSURE = 0.8
"""An estimate that no server has corrected may be a quarter too high, for Japanese more; only what is too long even
then is refused here, and the server judges the rest."""
ANSWER_SHARE = 8
"""One part in so many of the window is kept free for the answer, or less where the answer's cap is lower."""

USUAL = ImageLimits()
_IN_WORDS = ImageLimits(most_tokens=24)


class Overflow(msgspec.Struct, frozen=True):
    """A conversation that does not fit. Figures are estimated tokens."""

    model: str
    tokens: int
    """What the conversation takes."""
    window: int
    reserve: int
    """What is kept free for the answer."""
    drop: tuple[int, ...]
    """Indices of the messages that would have to go, whole turns from the oldest on; the system message and the last
    prompt are never among them."""
    enough: bool
    """Dropping them suffices. False where what must stay is too long by itself."""

    @property
    def excess(self) -> int:
        """How many tokens too many there are."""
        return self.tokens + self.reserve - self.window

    def error(self) -> Error:
        """The same in a sentence, with what to do."""
        if self.drop and self.enough:
            count = len(self.drop)
            hint = (
                f"Leave out the oldest {count} messages, or begin a new conversation, or take a model with more room."
            )
        else:
            hint = "Shorten the prompt, or take a model with more room."
        return Error(
            "context_length",
            f"The conversation is about {self.excess:,} tokens too long for {self.model}: it takes about "
            f"{self.tokens:,} of {self.window:,}, and {self.reserve:,} are kept for the answer.",
            hint,
        )


class Gauge:
    """Estimates tokens, and learns from what the servers count how far off the estimate is for each model."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}
        self._rules: dict[str, ImageLimits] = {}
        """How each model counts pictures, as far as it was called."""

    def estimate(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens that `messages` take as a prompt for `model`."""
        return round(self._plain(model, messages) * self._factors.get(model, 1.0))

    def _plain(self, model: str, messages: Sequence[Message]) -> int:
        return estimate_messages(messages, self._rules.get(model, USUAL))

    def learn(self, model: str, messages: Sequence[Message], input_tokens: int | None) -> None:
        """Take in what a server counted for `messages`; nothing where it did not say."""
        estimated = self._plain(model, messages)
        if not input_tokens or estimated < CALIBRATE_FROM:
            return
        factor = min(max(input_tokens / estimated, 0.5), 3.0)  # a server that counts beyond that counts something else
        known = self._factors.get(model)
        self._factors[model] = factor if known is None else (known + factor) / 2

    def fits(self, messages: Sequence[Message], info: ModelInfo, max_tokens: int | None = None) -> Overflow | None:
        """None when `messages` and an answer fit `info`'s window, or the window is unknown."""
        self._rules[info.model] = picture_rule(info)
        window = info.context_window
        if window is None:
            return None
        reserve = min(max_tokens or window, window // ANSWER_SHARE)
        tokens = self.estimate(info.model, messages)
        sure = 1.0 if info.model in self._factors else UNSURE
        if tokens * sure + reserve <= window:
            return None
        left = tokens
        drop: list[int] = []
        for turn in _turns(messages):
            if left + reserve <= window:
                break
            left -= self.estimate(info.model, [messages[index] for index in turn])
            drop += turn
        return Overflow(info.model, tokens, window, reserve, tuple(drop), left + reserve <= window)

    def fitted(self, call: Call, info: ModelInfo) -> Call:
        """The call with a cap that its model's window has room for. Raises `ProviderError` for one that cannot fit."""
        if overflow := self.fits(call.messages, info, call.max_tokens):
            raise ProviderError(overflow.error())
        return msgspec.structs.replace(call, max_tokens=self.room(call.messages, info, call.max_tokens))

    def room(self, messages: Sequence[Message], info: ModelInfo, max_tokens: int | None) -> int | None:
        """The cap to send for the answer: `max_tokens`, or what the window leaves where that is less.

        Several servers refuse a prompt whose cap reaches beyond the window, so an 8192-token cap would make every
        prompt fail on a model of 8192 tokens.
        """
        if max_tokens is None:
            return None
        if info.max_output is not None:
            max_tokens = min(max_tokens, info.max_output)
        if info.context_window is None:
            return max_tokens
        # A tenth is what the estimate may be off by before it is calibrated.
        left = info.context_window - round(self.estimate(info.model, messages) * 1.1)
        return min(max_tokens, max(left, info.context_window // ANSWER_SHARE, 1))


def picture_rule(info: ModelInfo) -> ImageLimits:
    """How a model counts pictures: one without eyes reads a line of text in place of each."""
    return info.image_limits if info.images is not False else _IN_WORDS


def estimate_messages(messages: Sequence[Message], rule: ImageLimits = USUAL) -> int:
    """Tokens of a prompt, uncalibrated; its pictures by the rule of the model that reads it."""
    return sum(estimate_text(message.text) + _pictures(message, rule) + PER_MESSAGE for message in messages)


def _pictures(message: Message, rule: ImageLimits) -> int:
    shown = [part for part in message.parts if isinstance(part, Image)]
    shown += [
        each
        for part in message.parts
        if isinstance(part, ToolResult)
        for each in part.content
        if isinstance(each, Image)
    ]
    return sum(rule.tokens(part.width, part.height) if part.width else rule.most_tokens for part in shown)


def estimate_text(text: str) -> int:
    """Tokens of a text, uncalibrated and rounded up."""
    plain = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "surrogatepass")) - plain
    return -int(-(plain / ASCII_PER_TOKEN + other / OTHER_BYTES_PER_TOKEN) // 1)


def _turns(messages: Sequence[Message]) -> list[list[int]]:
    """The messages that may be dropped, a prompt with its answers together, oldest first."""
    turns: list[list[int]] = []
    for index, message in enumerate(messages[:-1]):
        if message.role == "system":
            continue
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(index)
    return turns
