"""Chat: what a message means, what is remembered of a conversation, and what is answered. All of it is pure."""
