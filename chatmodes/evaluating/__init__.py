"""Measuring the modes against each other: items in, figures out, every answer kept.

Only paired differences inside one run of this harness mean anything: the harness alone moves a small model's score by
more than any mode does. Every arm therefore sees the same items, the same caps and the same extraction.
"""
