"""What a file may cost (X21, X23, X25). Bytes, counts, seconds."""

MIB = 1024 * 1024

FILE_BYTES = 5 * MIB
UNPACKED_BYTES = 50 * MIB
RATIO = 100
ENTRIES = 200
XML_DEPTH = 100

ROWS = 5_000
COLUMNS = 60
# The reader lays a sheet out as a full rectangle of about 32 bytes a cell.
RECTANGLE_CELLS = 1_500_000
# Rows of the header, and of blank cells with a formula that shows nothing, are not data.
ROWS_WITH_CELLS = 20_000

# Of each process: from HALVED_FROM rows on (`child.py`) there are two, in the same time and with one answer.
CHILD_MEMORY_BYTES = 512 * MIB
CHILD_CPU_SECONDS = 20
CHILD_WALL_SECONDS = 60
CHILD_OUTPUT_BYTES = 64 * MIB
