"""What the services promise one another, written down: events, routes, and who reads what."""
