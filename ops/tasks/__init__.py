"""Long work that a request begins: each task in a process of its own, with the functions that commands use."""
