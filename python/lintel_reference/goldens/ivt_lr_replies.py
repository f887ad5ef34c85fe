"""What IVT-LR's evaluation reads in the replies of test/goldens/replies.

    FAMILY_CODE=DIR python -m lintel_reference.goldens.ivt_lr_replies

The two statements of qwen_vl/infer.py that look for answers are executed as they stand there, on the end of a prompt without its
special tokens and a reply. A reply is right there if the right letter is among those that are found; kept is the last of them
that names an option. Writes test/goldens/replies/ivt-lr.json.
"""

import ast
import json
import os
import re
import sys
from pathlib import Path

from lintel_reference.common import made_by
from lintel_reference.goldens.replies import ROOT

PROMPT = "Answer:\nassistant\n"
SPECIAL = re.compile(r"<\|[^|<>]*\|>|</?abs_vis_token(?:_pad)?>|</?observation>")


def main():
    source = (Path(os.environ["FAMILY_CODE"]) / "ivt-lr/qwen_vl/infer.py").read_text()
    named = ("cleaned_text", "matches")
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) in named
    ]
    assert [node.targets[0].id for node in found] == list(named)
    code = compile(ast.Module(found, []), "infer.py", "exec")
    sets = json.loads((ROOT / "options.json").read_text())
    four = [name for name, each in sets.items() if each["options"] == list("ABCD")]
    rows = [
        row["reply"]
        for name in ("corpus", "fresh", "fresh-2", "fresh-3")
        for line in (ROOT / f"{name}.jsonl").read_text().splitlines()
        for row in [json.loads(line)]
        if row["options"] in four
    ]
    rows += [reply for name, reply in json.loads((ROOT / "exact.json").read_text())["drawn"] if name in four]
    said = []
    for reply in rows:
        scope = {"re": re, "output_text": PROMPT + SPECIAL.sub("", reply)}
        exec(code, scope)
        letters = [match.group(1).upper() for match in scope["matches"]]
        said.append(next((letter for letter in reversed(letters) if letter in "ABCD"), None))
    document = {
        "made_by": made_by(__spec__.name),
        "commits": {"ivt-lr": "FYYDCC/IVT-LR a47db8c"},
        "versions": {"python": sys.version.split()[0]},
        "readers": {"ivt-lr": {"options": four, "said": said}},
    }
    (ROOT / "ivt-lr.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(len(said), "replies,", said.count(None), "name none")


if __name__ == "__main__":
    main()
