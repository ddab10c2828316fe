"""The rules of the AI gateway: whom to ask, when to leave a target alone, what a broken stream means. No input, no output."""
