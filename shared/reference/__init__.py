"""Public reference data that is nobody's own: two services decide or count by it."""
