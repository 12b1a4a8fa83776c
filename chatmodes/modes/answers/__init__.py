"""What short answer a draft gives, in one canonical form, so that a vote can count it.

Kept apart from the counting (`contemplating/agree.py`): reading answers is string work that grows with every spelling
met, and counting must stay short enough to be checked by eye. Everything here is pure and quick; what needs algebra is
in `algebra.py` and runs in a process of its own.
"""
