"""Other people's frameworks doing the sync path's work, each in an environment of its own."""
