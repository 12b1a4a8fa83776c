"""What is known of providers and models before anybody is asked: profiles, their traits, prices, windows.

All of it is data with an age. `profiles` says how each API wants to be spoken to, `traits` what is peculiar about it,
`prices` and `windows` say what a call costs and whether it fits.
"""
