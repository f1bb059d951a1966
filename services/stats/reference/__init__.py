"""Dated reference data that decides how figures are grouped."""
