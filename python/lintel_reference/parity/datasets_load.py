"""Proves that a dataset written by Lintel is one to Hugging Face `datasets`.

    python -m lintel_reference.parity.datasets_load DIR

Loads DIR with `datasets.load_dataset`, asserts that splits, sizes and features are those of the card and of Lintel's
manifest, decodes the images of every example (at most 200 per split), and prints one JSON line.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import datasets
from datasets import Image, Value


def listed(feature: Any) -> Any:
    """The feature within a list, however this version of `datasets` spells lists."""
    if isinstance(feature, list):
        return feature[0]
    return feature.feature


def main(directory: str) -> None:
    datasets.disable_progress_bars()
    manifest = json.loads((Path(directory) / "lintel.json").read_text())
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(directory, cache_dir=cache)
        expected = {name.replace("-", "_"): split["examples"] for name, split in manifest["splits"].items()}
        assert {name: len(split) for name, split in loaded.items()} == expected, loaded

        images = 0
        for name, split in loaded.items():
            features = split.features
            for text in ("id", "question", "attributes", "state"):
                assert features[text] == Value("string"), (name, text, features[text])
            assert features["answer"] == Value("int32"), (name, features["answer"])
            assert listed(features["options"]) == Value("string"), (name, features["options"])
            assert listed(features["reasoning"]) == Value("string"), (name, features["reasoning"])
            assert isinstance(listed(features["images"]), Image), (name, features["images"])
            assert isinstance(listed(features["helpers"]), Image), (name, features["helpers"])
            assert isinstance(listed(listed(features["counterfactuals"])), Image), (name, features["counterfactuals"])

            edited = "edits" in features
            if edited:
                assert isinstance(listed(listed(features["edits"])), Image), (name, features["edits"])
                assert listed(features["editKinds"]) == Value("string"), (name, features["editKinds"])
                assert listed(features["editAnswers"]) == Value("int32"), (name, features["editAnswers"])

            for row in split.select(range(min(200, len(split)))):
                assert row["question"].count("<image>") == len(row["images"]), row["id"]
                assert 0 <= row["answer"] < len(row["options"]), row["id"]
                assert len(row["counterfactuals"]) == len(row["options"]), row["id"]
                assert row["counterfactuals"][row["answer"]] is None, row["id"]
                assert isinstance(json.loads(row["attributes"]), dict), row["id"]
                if row["reasoning"] is not None:
                    assert len(row["reasoning"]) == len(row["helpers"]) + 1, row["id"]
                if row["state"] is not None:
                    json.loads(row["state"])
                pictures = row["images"] + row["helpers"] + [p for c in row["counterfactuals"] if c for p in c]
                if edited:
                    assert len(row["edits"]) == len(row["editKinds"]) == len(row["editAnswers"]) > 0, row["id"]
                    assert all(0 <= answer < len(row["options"]) for answer in row["editAnswers"]), row["id"]
                    assert all(len(edit) == len(row["images"]) for edit in row["edits"]), row["id"]
                    pictures += [p for edit in row["edits"] for p in edit]
                for picture in pictures:
                    assert len(picture.convert("RGB").tobytes()) == 3 * picture.width * picture.height
                    images += 1
            ids = split["id"]
            assert len(set(ids)) == len(ids), name
        print(
            json.dumps(
                {"task": manifest["task"], "splits": expected, "images": images, "datasets": datasets.__version__}
            )
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
