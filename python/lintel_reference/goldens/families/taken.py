"""Single functions of a repository, without what their modules import."""

import ast
import os
from pathlib import Path


def taken(file, name, **scope):
    """A function or method of a file of the repository, executed as it stands there; `scope` is what its module would have."""
    path = Path(os.environ["FAMILY_FOLDER"]) / file
    nodes = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef) and n.name == name)
    exec(compile(ast.Module([next(nodes)], []), str(path), "exec"), scope)
    return scope[name]
