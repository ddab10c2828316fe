"""A package, so that its stack ends with it, and not with the session."""
