"""The outside of identity: MongoDB, threads, pictures. Imported by app.py only."""

LEFT_OVER_SECONDS = 86_400
"""How long MongoDB leaves rows that are over: our clock decides what is over, and a demonstration may run behind."""
