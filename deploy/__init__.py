"""How the platform is installed, started and looked after; imported by no service."""
