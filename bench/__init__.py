"""Measurements, always beside the machine's own floor in the same run; read the ratios, not the figures."""
