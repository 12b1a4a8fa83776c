"""Runs put into a transcript, stored or live, for the chat and for the columns of a comparison."""
