"""Backups of everything that cannot be derived, and restores that begin a new history (P15, OPS-02)."""
