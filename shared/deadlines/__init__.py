"""Deadlines: rows written with the facts that name them, and the worker that sends the command when one is due."""
