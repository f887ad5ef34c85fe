"""Errors that the protocol tells apart."""


class EngineError(Exception):
    """`kind`: memory, missing, checkpoint, remote-code, input, unsupported or python, as the protocol calls them."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def need(condition: bool, message: str) -> None:
    """Raises an error of kind "input" unless `condition`."""
    if not condition:
        raise EngineError("input", message)
