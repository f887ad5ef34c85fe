"""What all programs share: the repository's paths, JSON files, and names of parameters. Needs the standard library only."""

import json
import subprocess
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).resolve().parents[1]
ROOT = PYTHON.parent
GOLDENS = ROOT / "test" / "goldens"


def made_by(module: str) -> str:
    """The path of a module from the repository's root, as goldens record it."""
    return f"python/{module.replace('.', '/')}.py"


def write_json(path: Path, value: Any, *, compact: bool = False, ascii_only: bool = False, indent: int = 1) -> None:
    """Writes a JSON file that ends with a newline: on one line (`compact`), or indented."""
    path.parent.mkdir(parents=True, exist_ok=True)
    style: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": indent}
    path.write_text(json.dumps(value, ensure_ascii=ascii_only, **style) + "\n")


def released_name(name: str) -> str:
    """A parameter's name in transformers 4.57 -> its name in released Qwen2.5-VL checkpoints (up to 4.51)."""
    if name.startswith("model.visual."):
        return name[len("model.") :]
    if name.startswith("model.language_model."):
        return "model." + name[len("model.language_model.") :]
    return name


def run_node(script: Path, *arguments: str | Path) -> None:
    """Runs a program against the built Lintel."""
    subprocess.run(["node", str(script), *map(str, arguments)], check=True)
