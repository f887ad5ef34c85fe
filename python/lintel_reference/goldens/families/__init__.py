"""What the papers' own decoding loops do with tiny random checkpoints: `make` runs them."""
