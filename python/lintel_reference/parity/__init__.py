"""Checks that Lintel and the reference implementations agree: python/parity.sh runs them."""
