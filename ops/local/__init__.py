"""What one machine has of its own: the embedded servers, a sample, the demo."""
