"""What a new deployment begins with, and the demonstration province, played through the public commands."""
