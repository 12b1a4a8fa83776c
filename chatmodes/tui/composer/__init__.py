"""Where prompts are written: the editor, its completions, pastes, earlier prompts, and $EDITOR."""
