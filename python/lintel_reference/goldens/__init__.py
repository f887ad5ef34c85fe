"""Programs that write test/goldens: `python -m lintel_reference.goldens.NAME`."""
