"""Who may read and write which topic, and having Kafka enforce it (docs/decisions/0033)."""
