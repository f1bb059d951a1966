"""The operator's command `tuan`."""
