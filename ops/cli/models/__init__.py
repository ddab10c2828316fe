"""`looma models`: embedding models and their rollouts."""
