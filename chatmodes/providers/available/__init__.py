"""What can be had: `discover` looks at what this machine can answer with as it is, `lists` reads what servers say that
they serve, `catalog` keeps the lists and joins them with what is known, `choice` picks a model where nobody named one.
"""
