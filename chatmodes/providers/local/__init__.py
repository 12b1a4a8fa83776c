"""The embedded model: weights on this machine, served by llama.cpp in a process of its own.

`server` has what makes it answer, `weights` what there is, `pull` what fetches more. Nothing is imported here: to list
the weights at start-up takes 4 ms, to load what starts processes 20.
"""
