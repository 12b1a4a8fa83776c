"""The version, below everything else: who tells it needs nothing of the package's public face."""

__version__ = "0.1.0"
"""The one place: the package's metadata take it from here."""
