"""The sample: its stored files, its vocabulary, and what draws words and numbers from it."""
