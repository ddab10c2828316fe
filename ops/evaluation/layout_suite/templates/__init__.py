"""The layouts: each module has those of one origin."""
