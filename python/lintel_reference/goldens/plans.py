"""Goldens of plans over maps: what Mirage's `simulate_vsp` says of random ones.

    FAMILY_CODE=DIR python -m lintel_reference.goldens.plans

FAMILY_CODE as in python/lintel_reference/goldens/families/make.py. Writes test/goldens/plans.json: [map, plan, whether it reaches the goal].
"""

import ast
import os
import random
from pathlib import Path

from lintel_reference.common import GOLDENS, write_json

OUT = GOLDENS / "plans.json"


def simulator():
    """The functions from their source: the module loads what training needs."""
    path = Path(os.environ["FAMILY_CODE"]) / "mirage" / "src" / "task.py"
    tree = ast.parse(path.read_text())
    wanted = ("parse_action_sequence", "simulate_vsp")
    nodes = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in wanted]
    nodes += [n for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "ACTION_MAP"]
    scope = {}
    exec(compile(ast.Module(nodes, []), str(path), "exec"), scope)
    return scope["simulate_vsp"]


def main():
    simulate, r, rows = simulator(), random.Random(0), []
    for _ in range(400):
        height, width = r.randint(1, 5), r.randint(2, 5)
        grid = [[-1 if r.random() < 0.2 else 0 for _ in range(width)] for _ in range(height)]
        start, goal = r.sample([(y, x) for y in range(height) for x in range(width)], 2)
        grid[start[0]][start[1]], grid[goal[0]][goal[1]] = 1, 2
        words = ["L", "R", "U", "D", "left", "Right", "UP", "down"]
        plan = r.choice([",", " ", "", " -> "]).join(r.choice(words) for _ in range(r.randint(0, 7)))
        rows.append([grid, plan, simulate(grid, plan)["success"]])
    # As many of either kind.
    good = [row for row in rows if row[2]]
    kept = good[:25] + [row for row in rows if not row[2]][:25]
    document = {
        "made_by": "python/lintel_reference/goldens/plans.py",
        "source": "UMass-Embodied-AGI/Mirage 53f26de, src/task.py simulate_vsp",
        "cases": kept,
    }
    write_json(OUT, document, compact=True, ascii_only=True)
    print(len(good), "reach the goal")


if __name__ == "__main__":
    main()
