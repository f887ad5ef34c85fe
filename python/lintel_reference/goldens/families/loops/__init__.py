"""One module for each family: its checkpoint, its loop, and the cases that are recorded."""
