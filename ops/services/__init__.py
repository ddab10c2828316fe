"""The AI gateway and its eight services: what they may use, who answers, and what it has cost."""
