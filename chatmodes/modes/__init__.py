"""Strategies of answering: each turns a conversation and a panel of models into a run's events.

What a mode is stands in `base.py`, with the registry that finds it by its name; `context.py` has what a mode sees of
its run, and `run.py` conducts one to its end. A shipped mode is a file or a folder of its name.
"""
