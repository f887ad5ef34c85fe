"""Runs the Python blocks of the how-to pages against a finished run, as a reader would who copies them.

Usage: docs_pandas.py RUN AUDIT_A AUDIT_B (two audits of the same examples).
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from lintel_reference.common import ROOT

PAGES = {"read-results-in-pandas": 7, "compare-checkpoints": 1}


def main() -> None:
    run, first, second = (Path(path).resolve() for path in sys.argv[1:])
    how_to = ROOT / "docs" / "how-to"
    with tempfile.TemporaryDirectory() as home:
        os.chdir(home)
        os.makedirs("runs")
        os.makedirs("audits")
        os.symlink(run, "runs/pocket")
        os.symlink(first, "audits/a")
        os.symlink(second, "audits/b")
        for page, count in PAGES.items():
            blocks = re.findall(r"```python\n(.*?)```", (how_to / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
            assert len(blocks) == count, (page, len(blocks))
            names: dict = {}
            for number, block in enumerate(blocks, 1):
                exec(compile(block, f"{page}.md, block {number}", "exec"), names)
            if page == "read-results-in-pandas":
                accuracies, replies, wide = names["accuracies"], names["replies"], names["wide"]
                assert not accuracies.empty and not replies.empty and names["latents"]
                # What the page computes from replies is what the audit reports.

                audit = json.loads((names["audits"][0] / "audit.json").read_text(encoding="utf-8"))
                assert abs(wide["own"].astype(float).mean() - audit["interventions"]["own"]["accuracy"]) < 1e-9
            else:
                assert len(names["both"]) > 0
    print(f"docs: {sum(PAGES.values())} blocks of {len(PAGES)} pages run")


if __name__ == "__main__":
    main()
