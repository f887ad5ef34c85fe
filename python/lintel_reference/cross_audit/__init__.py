"""An audit by Lintel and by LanteRn's own code on the same examples: python/cross-audit.sh runs it."""
