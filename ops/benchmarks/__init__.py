"""What `looma bench` measures."""
