"""Rules of the doors: how much a caller may ask for, and who answers. Pure: time comes in, decisions go out."""
