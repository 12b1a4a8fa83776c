"""What is known of providers and models before anybody is asked: profiles, lists, prices, windows.

All of it is data with an age. `profiles` says how each API wants to be spoken to, `lists` reads what servers say that
they have, `catalog` joins the two, `prices` and `windows` say what a call costs and whether it fits.
"""
