"""The HTTP API: writes are events, reads are of the stores that the workers fill."""
