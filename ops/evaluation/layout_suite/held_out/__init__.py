"""The reporting half: layouts and people by somebody who had not read the parser nor what it got wrong."""
