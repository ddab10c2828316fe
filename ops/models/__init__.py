"""Models: where they come from, which versions are here, how good and how fast they are."""
