"""Language models behind OpenAI-compatible APIs: asked in order, within a deadline, and left alone while they fail."""
