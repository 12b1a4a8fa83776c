"""Tools: what a model may have done for it, under rules that are the user's alone.

A tool's protocol, the built-in ones, approval, and servers of the Model Context Protocol. Nothing here is imported
before a run has a tool to offer.
"""
