"""What a process tells about itself: logs without personal data, and metrics with one list of names."""
