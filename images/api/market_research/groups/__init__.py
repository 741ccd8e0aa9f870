"""Focus groups: planned, run answer by answer, followed live, and analysed as a graph."""
