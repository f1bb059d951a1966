"""What member decides by, as dated rows: a version id that refusals name, validity, and a region where it matters."""
