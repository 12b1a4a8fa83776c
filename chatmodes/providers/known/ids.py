"""The providers that the program makes itself, by the ids that stand before the slash of a model's name.

Apart from the profiles: the first frame of the chat needs these names and none of what is known of a provider.
"""

ENDPOINT = "endpoint"
"""The provider that `--base-url` makes: the safe defaults, at an address given by hand."""
LOCAL = "local"
"""The provider whose server is the embedded model."""
