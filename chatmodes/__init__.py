"""A terminal chat client with three ways of answering: Instant, Thinking, Contemplating."""

__version__ = "0.1.0"
