"""Writes outcomes with the block of docs/how-to/judge-outcomes.md, as a user's loop would, and lets `lintel judge` read them.

The loop replays the outcomes of an audit: what is judged must be what the audit said.
Usage: judged.py AUDIT (directory of an audit of a model that opens a block in every example)
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from safetensors import safe_open

from lintel_reference.common import ROOT


def main() -> None:
    audit = Path(sys.argv[1])
    page = (ROOT / "docs" / "how-to" / "judge-outcomes.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(block.strip().splitlines()) <= 26, "the block is no longer short"
    names: dict = {}
    exec(compile(block, "judge-outcomes.md", "exec"), names)
    lines = [json.loads(line) for line in (audit / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()]
    by_id = {line["example"]: line for line in lines}
    interventions = [name for name in lines[0]["outcomes"] if all(name in line["outcomes"] for line in lines)]
    with safe_open(audit / "latents.safetensors", framework="np") as file:
        ids = json.loads(file.metadata()["examples"])
        stored = {name: dict(zip(ids, file.get_tensor(name), strict=True)) for name in ("own", "oracle")}

    def answer(example: dict, intervention: str) -> tuple:
        line = by_id[example["id"]]
        choice = line["outcomes"][intervention]["choice"]
        reply = "I cannot tell" if choice is None else f"The answer is {line['options'][choice]}."
        return reply, stored[intervention][example["id"]] if intervention in stored else None

    examples = [{"id": line["example"], "options": line["options"], "answer": line["answer"]} for line in lines]
    with tempfile.TemporaryDirectory() as home:
        path = f"{home}/outcomes.jsonl"
        names["write_outcomes"](path, examples, interventions, answer)
        command = ["node", str(ROOT / "bin" / "lintel.js"), "judge", path, "--reader", "careful", "--json"]
        latents = ["--latents", path.replace(".jsonl", ".safetensors")]
        judged = json.loads(subprocess.run([*command, *latents], check=True, capture_output=True, text=True).stdout)
    said = json.loads((audit / "audit.json").read_text(encoding="utf-8"))
    for name in interventions:
        for key in ("accuracy", "interval", "answered", "n"):
            assert judged["interventions"][name][key] == said["interventions"][name][key], (name, key)
    assert abs(judged["geometry"]["own"]["pairwiseCosine"] - said["geometry"]["own"]["pairwiseCosine"]) < 1e-12
    assert judged["geometry"]["ownOracle"]["r1"] == said["geometry"]["ownOracle"]["r1"]
    print(f"judged: {len(interventions)} interventions of {len(lines)} examples, verdict {judged['verdict']}")


if __name__ == "__main__":
    main()
