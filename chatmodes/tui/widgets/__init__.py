"""Widgets, one a file; the transcript is a package of its own."""
