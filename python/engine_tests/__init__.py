"""Tests of lintel_engine: python/engine.sh runs them."""
