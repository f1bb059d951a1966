"""Personal data: sealed where nothing can be deleted, found by keyed hash (architecture 4)."""
