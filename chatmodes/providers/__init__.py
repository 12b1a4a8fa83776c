"""Where models live: one call to one model, and all that is peculiar about making it."""
