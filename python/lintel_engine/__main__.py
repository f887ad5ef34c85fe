"""`python -m lintel_engine`: serves over standard input and output."""

from .server import serve

if __name__ == "__main__":
    serve()
