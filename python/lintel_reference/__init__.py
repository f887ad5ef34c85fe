"""Reference implementations in Python: goldens for the tests, parity checks, and the cross-audit with LanteRn's code."""
