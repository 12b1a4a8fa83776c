"""The modes as an OpenAI-compatible server: one more reader of a run's events.

Whatever speaks to OpenAI's API speaks to this, and gets Instant, Thinking and Contemplating as models. Nothing is kept
between two requests, so that several workers behind any balancer do.
"""
