"""How well the chat understands and answers whole dialogues: its own, and public sets with their own labels."""
