"""Goldens of the readers of replies: what each family's own evaluation extracts from the replies of test/goldens/replies.

    FAMILY_CODE=DIR python -m lintel_reference.goldens.replies

FAMILY_CODE holds a checkout of each public repository under the folder named in REPOSITORIES (commits as in
docs/published-families.md; `open-compass/VLMEvalKit` e8e78f0 as `vlmevalkit`). A file COMMIT beside a checkout without git names its
commit. Only the named functions are taken out of their files and executed; nothing of them is kept. Needs fuzzywuzzy,
Levenshtein (LanteRn's code imports it, so that fuzzywuzzy uses it) and mathruler. Writes test/goldens/replies/exact.json.
"""

import ast
import contextlib
import copy
import io
import json
import os
import random
import re
import string
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Optional

from lintel_reference.common import GOLDENS

ROOT = GOLDENS / "replies"
REPOSITORIES = {
    "lantern": "GuilhermeViveiros/LanteRn",
    "lvr": "VincentLeebang/lvr",
    "ilvr": "XD111ds/ILVR",
    "covt": "Wakals/CoVT",
    "swimbird": "Accio-Lab/SwimBird",
    "vlmevalkit": "open-compass/VLMEvalKit",
    "livr": "Zyvpeng/Latent-Implicit-Visual-Reasoning-Reproduction",
    "coconut": "facebookresearch/coconut",
    "wm-vlm": "yuh-zha/WM-VLM",
}


def code():
    root = os.environ.get("FAMILY_CODE")
    if not root:
        sys.exit(f"FAMILY_CODE is not set\n{__doc__}")
    return Path(root).resolve()


def commit_of(folder):
    stated = folder / "COMMIT"
    if stated.exists():
        return stated.read_text().strip()
    return subprocess.check_output(["git", "-C", str(folder), "rev-parse", "HEAD"], text=True).strip()


def tree_of(path):
    return ast.parse((code() / path).read_text())


def taken(path, functions, assignments=(), **scope):
    """Functions and constants of a file, executed without the rest of it."""
    nodes = [
        node
        for node in tree_of(path).body
        if (isinstance(node, ast.FunctionDef) and node.name in functions)
        or (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) in assignments)
    ]
    found = {"re": re, "string": string, "os": os, "cp": copy, "Optional": Optional, **scope}
    exec(compile(ast.Module(nodes, []), path, "exec"), found)
    return found


def tag_of(path):
    """The lines of a model's `generate_inner` that take the answer out of its tags, as a function."""
    body = next(
        node.body
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and any("ANSWER_REGEX" in ast.dump(each) for each in node.body)
    )
    first = next(
        i
        for i, each in enumerate(body)
        if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", None) == "ANSWER_REGEX"
    )
    source = "def tagged(response):\n" + "\n".join(
        "    " + line for each in body[first:] for line in ast.unparse(each).split("\n")
    )
    scope = {"re": re}
    exec(source, scope)
    return scope["tagged"]


def coconut_of(path):
    """The expression that `run.py` assigns to `answer_output`."""
    value = next(
        node.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "answer_output"
    )
    source = f"lambda text_output: {ast.unparse(value)}"
    return eval(source)


def special_off(text):
    """What `skip_special_tokens` takes off."""
    return re.sub(r"<\|[^|<>]*\|>|</?abs_vis_token(?:_pad)?>|</?observation>", "", text)


def random_replies(r, count):
    """Texts of fragments that readers disagree on, for the corners that no corpus has."""
    pieces = [
        "A",
        "B",
        "C",
        "D",
        "a",
        "b",
        "c",
        "d",
        "I",
        "Z",
        "The",
        "answer",
        "Answer:",
        "final answer is:",
        "is",
        "not",
        "or",
        "yes",
        "no",
        "No",
        "Yes",
        "a red hat",
        "red hat",
        "the dog",
        "blue",
        "a cat",
        "12",
        "3",
        "three",
        "one",
        "#",
        "##",
        ",",
        ".",
        ";",
        ":",
        "(",
        ")",
        "[",
        "]",
        "**",
        "$",
        "\\boxed{",
        "{",
        "}",
        "\\text{",
        "<answer>",
        "</answer>",
        "< answer >",
        "</answer",
        "<think>",
        "</think>",
        "<|im_end|>",
        "\n",
        "  ",
        "\t",
        "é",
        "选",
        "答案是",
        "B。",
        "（B）",
        "-",
        "_",
        "'",
        '"',
        "?",
        "!",
        "/",
        "1,000",
        "3.5",
        "option",
        "BOX",
        "POINT",
        "x",
    ]
    return ["".join(r.choice(pieces) + r.choice(["", " ", " "]) for _ in range(r.randint(1, 9))) for _ in range(count)]


def main():
    from fuzzywuzzy import fuzz
    from mathruler.grader import extract_boxed_content

    sets = json.loads((ROOT / "options.json").read_text())
    rows = [
        json.loads(line)
        for name in ("corpus", "fresh", "fresh-2", "fresh-3")
        for line in (ROOT / f"{name}.jsonl").read_text().splitlines()
    ]
    r = random.Random(0)
    drawn = [
        {"options": r.choice(["hats", "lower", "numbers", "yes-no", "many"]), "reply": text}
        for text in random_replies(r, 500)
    ]
    capitals = [
        name for name, each in sets.items() if each["options"] == list(string.ascii_uppercase[: len(each["options"])])
    ]
    letters = capitals + ["lower"]

    mc = taken("lantern/src/utils.py", ["extract_mc_answer"], fuzz=fuzz)["extract_mc_answer"]
    tetris = taken("lantern/evals/generalization.py", ["_extract_answer"])["_extract_answer"]
    lvr = taken("lvr/evaluation/evaluation.py", ["accuracy_reward"])["accuracy_reward"]
    ilvr = taken("ilvr/eval.py", ["extract_final_answer", "normalize_for_match"], ["_yes_set", "_no_set"])
    kits = {
        name: taken(path, ["can_infer_option", "can_infer_text", "can_infer"], ["_VERBOSE_ANSWER_RE"])["can_infer"]
        for name, path in (
            ("covt", "covt/VLMEvalKit/vlmeval/utils/matching_util.py"),
            ("swimbird", "swimbird/VLMEvalKit/vlmeval/utils/matching_util.py"),
            ("vlmevalkit", "vlmevalkit/vlmeval/utils/matching_util.py"),
        )
    }
    tags = {
        "covt": tag_of("covt/VLMEvalKit/vlmeval/vlm/covt_qwen/model.py"),
        "swimbird": tag_of("swimbird/VLMEvalKit/vlmeval/vlm/swimbird/model.py"),
    }
    yorn = {
        name: taken(
            f"{root}/dataset/utils/yorn.py",
            ["YOrN_Extraction"],
            process_punctuation=taken(f"{root}/smp/misc.py", ["process_punctuation"])["process_punctuation"],
        )["YOrN_Extraction"]
        for name, root in (
            ("covt", "covt/VLMEvalKit/vlmeval"),
            ("swimbird", "swimbird/VLMEvalKit/vlmeval"),
            ("vlmevalkit", "vlmevalkit/vlmeval"),
        )
    }
    livr = taken("livr/livr/utils.py", ["normalize_mcq_prediction", "normalize_count_prediction"])
    coconut = coconut_of("coconut/run.py")
    patterns = ["ANSWER_TAG_RE", "ANSWER_TEXT_RE", "OPTION_RE", "BARE_RE"]
    wm_vlm = taken("wm-vlm/scripts/eval/evaluate_wm_vlm_tetris.py", ["extract_answer"], patterns)["extract_answer"]
    four = [name for name in letters if len(sets[name]["options"]) == 4]

    def choices(name):
        return dict(zip(sets[name]["options"], sets[name].get("texts", sets[name]["options"]), strict=False))

    def kit(which, text, name):
        found = kits[which](text, choices(name))
        return found or None

    def equal(name, said, normalized):
        """The option that an evaluation by equality credits, as its letter or its text; the first where several are equal."""
        options, texts = sets[name]["options"], sets[name].get("texts", [])
        for golds in (options, texts):
            for option, gold in zip(options, golds, strict=False):
                if normalized(gold) == said:
                    return option
        return None

    # name: (sets of options that it is executed on, what it says of a reply)
    readers = {
        "lantern": (capitals, lambda text, name: mc(text, list(choices(name).values()))),
        "lantern-letter": (capitals, lambda text, name: mc(text)),
        "lantern-tetris": (["lower", "hats", "colors"], lambda text, name: tetris(text) or None),
        "lvr": (letters, lambda text, name: next((o for o in sets[name]["options"] if lvr(text, o)), None)),
        "ilvr": (
            list(sets),
            lambda text, name: equal(
                name,
                ilvr["normalize_for_match"](ilvr["extract_final_answer"](special_off(text))),
                ilvr["normalize_for_match"],
            ),
        ),
        "covt": (capitals, lambda text, name: kit("covt", tags["covt"](special_off(text)), name)),
        "swimbird": (capitals, lambda text, name: kit("swimbird", tags["swimbird"](text), name)),
        "vlmevalkit": (capitals, lambda text, name: kit("vlmevalkit", special_off(text), name)),
        "covt-yes-no": (["yes-no"], lambda text, name: yorn["covt"](tags["covt"](special_off(text)))),
        "swimbird-yes-no": (["yes-no"], lambda text, name: yorn["swimbird"](tags["swimbird"](text))),
        "vlmevalkit-yes-no": (["yes-no"], lambda text, name: yorn["vlmevalkit"](special_off(text))),
        "livr": (
            ["hats", "colors", "numbers", "chinese", "none"],
            lambda text, name: equal(
                name, livr["normalize_mcq_prediction"](text.split("<|im_end|>", 1)[0].strip()), str
            ),
        ),
        "livr-count": (
            ["count"],
            lambda text, name: equal(
                name, livr["normalize_count_prediction"](text.split("<|im_end|>", 1)[0].strip()), str
            ),
        ),
        "coconut": (
            list(sets),
            lambda text, name: equal(name, coconut(special_off(text)), lambda o: o.replace(",", "").strip()),
        ),
        # Its text ends with the first end of a tag (wm_vlm/inference.py).
        "wm-vlm": (four, lambda text, name: wm_vlm(re.sub(r"(?s)(</answer>).*", r"\1", special_off(text)).strip())),
        "boxed": (["hats", "lower"], lambda text, name: extract_boxed_content(text)),
    }
    document = {
        "made_by": "python/lintel_reference/goldens/replies.py",
        "commits": {f"{REPOSITORIES[name]}": commit_of(code() / name) for name in REPOSITORIES},
        "versions": {name: version(name) for name in ("fuzzywuzzy", "Levenshtein", "mathruler")}
        | {"python": sys.version.split()[0]},
        "drawn": [[row["options"], row["reply"]] for row in drawn],
        "readers": {},
    }
    for name, (which, read) in readers.items():
        with contextlib.redirect_stdout(io.StringIO()):
            said = [read(row["reply"], row["options"]) for row in rows + drawn if row["options"] in which]
        document["readers"][name] = {"options": which, "said": said}
        print(name, len(said), sum(each is None for each in said), "name none")
    lines = ["{"]
    for key, value in document.items():
        if key != "readers":
            lines.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},")
    lines.append(' "readers": {')
    lines.append(
        ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in document["readers"].items())
    )
    lines.append(" }\n}\n")
    (ROOT / "exact.json").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
