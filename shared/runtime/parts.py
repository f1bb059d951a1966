"""The parts of the system: the one list of them, and where each listens. All that goes through services reads it."""

PORT_OFFSETS = {"relay": 5, "org": 1, "identity": 2, "member": 3, "transfer": 7, "stats": 4, "web": 0}
"""Above `port_base`, in the order in which they start. 6 is the console's for /metrics, from 10 on are servers."""

PARTS = tuple(PORT_OFFSETS)
SOURCES = tuple(name for name in PARTS if name not in {"relay", "web"})
"""The services with data: each has a database of its own, and the relay sends its commits."""
