"""The edge of a service: who asks, what may be asked, and how the system says no."""
