"""Personal data: sealed where nothing can be deleted, found by keyed hash, masked on screens (architecture 4)."""
