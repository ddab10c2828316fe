"""Where events come from: publishers and files."""
