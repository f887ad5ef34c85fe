"""What the readers of the families since November 2026 extract from the replies of test/goldens/replies.

    FAMILY_CODE=DIR python -m lintel_reference.goldens.more_replies

The corpus and the random replies are those of lintel_reference.goldens.replies, which has the earlier families and needs their
repositories. Writes test/goldens/replies/exact-more.json.
"""

import contextlib
import io
import json
import re
import sys

from lintel_reference.common import made_by
from lintel_reference.goldens.replies import ROOT, taken

COMMITS = {
    "laser": "ybb6/laser 204163e",
    "realvr": "xixiaouab/ReaLVR-code cc314b7",
    "lavit": "Svardfox/LaViT 26bf182",
}


def prompt_of(options, texts):
    """Options as ReaLVR's prompts have them."""
    return "\n".join(f"{letter}. {text}" for letter, text in zip(options, texts, strict=True))


def main():
    sets = json.loads((ROOT / "options.json").read_text())
    rows = [
        (row["options"], row["reply"])
        for name in ("corpus", "fresh", "fresh-2", "fresh-3")
        for line in (ROOT / f"{name}.jsonl").read_text().splitlines()
        for row in [json.loads(line)]
    ]
    rows += [tuple(row) for row in json.loads((ROOT / "exact.json").read_text())["drawn"]]
    four = [name for name, each in sets.items() if each["options"] == list("ABCD")]
    spelled = [name for name in four if "texts" in sets[name]]

    laser = taken("laser/evaluation/bench_func.py", ["accuracy_reward"])["accuracy_reward"]
    realvr = taken(
        "realvr/eval/evaluate.py",
        ["normalize_option", "match_option_content", "extract_answer_text", "extract_answer"],
    )

    lavit = taken("lavit/evaluation/utils/answer_checker.py", ["extract_answer_letter"])["extract_answer_letter"]

    def right(name, is_right):
        """The option that an evaluation by a gold calls right."""
        return next((option for option in sets[name]["options"] if is_right(option)), None)

    def by_realvr(text, name):
        prompt = prompt_of(sets[name]["options"], sets[name]["texts"])
        said = realvr["normalize_option"](realvr["extract_answer"](text, prompt))
        return right(name, lambda option: realvr["normalize_option"](option) == said)

    readers = {
        "laser": (four, lambda text, name: right(name, lambda option: laser(text, option))),
        "realvr": (spelled, by_realvr),
        "lavit": (four, lambda text, name: lavit(text)),
    }
    document = {
        "made_by": made_by(__spec__.name),
        "commits": COMMITS,
        "versions": {"python": sys.version.split()[0]},
        "readers": {},
    }
    for name, (which, read) in readers.items():
        with contextlib.redirect_stdout(io.StringIO()):
            said = [read(reply, options) for options, reply in rows if options in which]
        document["readers"][name] = {"options": which, "said": said}
        print(name, len(said), sum(each is None for each in said), "name none")
    text = json.dumps(document, ensure_ascii=False)
    (ROOT / "exact-more.json").write_text(re.sub(r'(, |\{)("[a-z-]+": \{"options")', r"\1\n\2", text) + "\n")


if __name__ == "__main__":
    main()
