"""Lintel's PyTorch engine: the operations of a latent model that `lintel --engine torch` asks for, over standard input and output.

python -m lintel_engine
"""

__version__ = "0.1.0"

from .server import serve

__all__ = ["__version__", "serve"]
