"""What member decides by, as dated rows: each has a version id that refusals name, validity, and a region where it has one."""
