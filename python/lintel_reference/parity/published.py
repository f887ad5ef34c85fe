"""Recomputes three published diagnostics by their own code on what Lintel recorded, and compares the numbers to 1e-6.

    python -m lintel_reference.parity.published RECORDS NUMBERS [--write]

RECORDS is a directory of outcomes, latents and states, NUMBERS a file of Lintel's numbers for them: both are written by
python/lintel_reference/parity/published.mjs. The code is that of checkouts named by CVRR_CODE (dmis-lab/CVRR, commit 485639d), WM_VLM_CODE (yuh-zha/WM-VLM, 7c61619) and PRISM_CODE
(xiuyuz/cosine-misleads, a5b6504; needs scikit-learn): the functions listed below are taken out of their files unchanged
and run, without what their modules import for models. Without a checkout the numbers are those that its code has given, in RECORDS/diagnostics.json;
--write writes that file, with the numbers of a code that is not there as they were. Prints one JSON line.

Without code in WM-VLM's repository, by the formulas of docs/published-families.md §15.6: accuracy with the right option retrieved and without, and φ.
"""

import ast
import json
import math
import os
import platform
import random
import sys
import warnings
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file

LETTERS = ["A", "B", "C", "D"]
# Of CVRR's bootstraps: what its code has if nothing else is said.
REPLICATES = 10_000
PATHS = {"strict": "dropped", "visual_rows_restored": "visible"}
CONDITIONS = {"clean": "own", "matched_swap": "other-own", "norm_matched_noise": "noise-matched"}
CORRUPTIONS = {
    "clean": "own",
    "truncate": "zeros",
    "noise_0.1": "noise-added(0.1)",
    "noise_0.3": "noise-added(0.3)",
    "noise_1.0": "noise-added(1)",
    "swap": "donor",
}
PLACES = {"a": "answer", "b": "lastSlot", "c": "slots"}
EXECUTED = {
    "cvrr": {
        "repository": "dmis-lab/CVRR",
        "commit": "485639d86328031e67c54fec2d11976bc4b50dbc",
        "scripts/analysis_cvrr/core/metrics.py": [
            "percentile",
            "bootstrap_mean_ci",
            "scalar_summary",
            "exact_mcnemar_p",
            "holm_adjust",
            "classification_result",
            "summarize_condition_records",
        ],
        "scripts/analysis_cvrr/causal/reliance.py": ["CONDITIONS", "_path_sensitivity", "_path_interactions"],
    },
    "wmVlm": {
        "repository": "yuh-zha/WM-VLM",
        "commit": "7c61619275f813c1ff1f026c304aa5909dbd9422",
        "scripts/eval/evaluate_wm_vlm_matched_retrieval.py": ["LETTERS", "pair_metrics", "option_scores"],
    },
    "prism": {
        "repository": "xiuyuz/cosine-misleads",
        "commit": "a5b65045c3975c015fe156faaa61589725ebfd86",
        "interpretability/probe_train.py": ["_stack_position", "_train_cell"],
        "interpretability/faithfulness_corrupt.py": ["_accuracy"],
    },
}


def taken(diagnostic: str, checkout: str, **given: Any) -> dict[str, Any]:
    """The functions and constants of EXECUTED, out of their files, in one namespace."""
    space = {"__name__": diagnostic, "Any": Any, **given}
    for path, names in EXECUTED[diagnostic].items():
        if "/" not in path or not path.endswith(".py"):
            continue
        tree = ast.parse((Path(checkout) / path).read_text(encoding="utf-8"))
        found: dict[str, ast.stmt] = {}
        for node in tree.body:
            name = node.name if isinstance(node, ast.FunctionDef) else None
            if isinstance(node, ast.Assign):
                name = getattr(node.targets[0], "id", None)
            if name in names:
                found[str(name)] = node
        assert set(found) == set(names), (path, set(names) - set(found))
        # As in their modules: annotations are not evaluated.
        body = ast.parse("from __future__ import annotations").body + list(found.values())
        exec(compile(ast.Module(body=body, type_ignores=[]), path, "exec"), space)
    return space


def cvrr(checkout: str, records: dict, _: dict) -> tuple[dict, dict]:
    code = taken("cvrr", checkout, math=math, random=random, defaultdict=defaultdict)
    rows, unlike = [], 0
    for example in records["outcomes"]:
        letters = LETTERS[: len(example["options"])]
        results: dict = {}
        for path, ours in PATHS.items():
            results[path] = {}
            for condition, name in CONDITIONS.items():
                outcome = example["outcomes"][f"{name}@{ours}"]
                scores = outcome["optionLogProbabilities"]
                result = code["classification_result"](scores, letters, letters[example["answer"]])
                # Their choice is the likeliest option, Lintel's what the reply says: the outcome here.
                said = None if outcome["choice"] is None else letters[outcome["choice"]]
                unlike += said != result["pred"]
                result.update(pred=said, correct=outcome["choice"] == example["answer"])
                results[path][condition] = result
        rows.append({"results": results})
    summary = code["summarize_condition_records"](rows, n_boot=REPLICATES, seed=0)
    sensitivity = code["_path_sensitivity"](summary)
    interactions = code["_path_interactions"](rows, n_boot=REPLICATES, seed=0)
    out = {}
    # Bootstrap intervals, with the seeds that the code gives Python's generator.
    intervals = {}
    for path, conditions in summary.items():
        for condition, found in conditions.items():
            out[f"{path}.{condition}.accuracy"] = found["accuracy"]
            intervals[f"{path}.{condition}.accuracy"] = [0, *found["accuracy_stats"]["ci95"]]
            if "vs_clean" in found:
                versus = found["vs_clean"]
                out[f"{path}.{condition}.accuracy_delta"] = versus["accuracy_delta"]["mean"]
                intervals[f"{path}.{condition}.accuracy_delta"] = [0, *versus["accuracy_delta"]["ci95"]]
                for key in ("prediction_flip_fraction", "regress_fraction", "improve_fraction"):
                    out[f"{path}.{condition}.{key}"] = versus[key]
                for key in ("mcnemar_exact_p", "mcnemar_holm_p"):
                    out[f"{path}.{condition}.{key}"] = versus[key]
    for i, (path, found) in enumerate(sorted(interactions.items())):
        clean = found["clean_vs_strict"]
        intervals[f"{path}.clean_vs_strict.accuracy_delta"] = [100 * i, *clean["accuracy_delta"]["ci95"]]
        out[f"{path}.clean_vs_strict.accuracy_delta"] = clean["accuracy_delta"]["mean"]
        out[f"{path}.clean_vs_strict.mcnemar_exact_p"] = clean["mcnemar_exact_p"]
        for j, (condition, attenuation) in enumerate(sorted(found["intervention_attenuation"].items())):
            out.update({f"{path}.{condition}.{key}": v for key, v in sensitivity[path][condition].items()})
            key = "accuracy_drop_reduction"
            out[f"{path}.{condition}.{key}"] = attenuation[key]["mean"]
            intervals[f"{path}.{condition}.{key}"] = [100 * i + 2 * j + 1, *attenuation[key]["ci95"]]
    return out, {"repliesUnlikeTheLikeliestOption": unlike, "intervals": intervals}


def wm_vlm(checkout: str, records: dict, tensors: dict) -> tuple[dict, dict]:
    code = taken("wmVlm", checkout, torch=torch, F=F)
    own, oracle, options = (torch.from_numpy(tensors[name]) for name in ("own", "oracle", "options"))
    by_id = {each["example"]: each for each in records["outcomes"]}
    out: dict = {}
    pairs, found, followed, right, margins = [], [], [], [], []
    for i, example in enumerate(records["examples"][: len(own)]):
        pairs.append(code["pair_metrics"](own[i], oracle[i]))
        scores = code["option_scores"](own[i], options[i])
        top = LETTERS.index(scores["latent_top1"])
        choice, answer = by_id[example]["outcomes"]["own"]["choice"], by_id[example]["answer"]
        out[f"example.{i}.latent_top1"] = top
        out[f"example.{i}.latent_top1_margin"] = scores["latent_top1_margin"]
        margins.append(scores["latent_top1_margin"])
        found.append(top == answer)
        followed.append(top == choice)
        right.append(choice == answer)
    for key in ("token_cosine", "mean_pool_cosine", "mse"):
        out[key] = float(np.mean([pair[key] for pair in pairs]))
    out["latent_top1_is_gold"] = float(np.mean(found))
    out["answer_matches_latent_top1"] = float(np.mean(followed))
    out["latent_top1_margin"] = float(np.mean(margins))
    # The rest by the formulas of docs/published-families.md §15.6: φ is Pearson's correlation of two yes-no variables.
    hit, correct = np.asarray(found), np.asarray(right)
    out["accuracy_if_found"] = float(correct[hit].mean())
    out["accuracy_if_missed"] = float(correct[~hit].mean())
    out["phi"] = float(np.corrcoef(hit, correct)[0, 1])
    return out, {}


def prism(checkout: str, records: dict, tensors: dict) -> tuple[dict, dict]:
    import sklearn
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    warnings.filterwarnings("ignore")
    tools = {
        "np": np,
        "LogisticRegression": LogisticRegression,
        "log_loss": log_loss,
        "StratifiedKFold": StratifiedKFold,
        "cross_val_predict": cross_val_predict,
        "cross_val_score": cross_val_score,
        "Pipeline": Pipeline,
        "StandardScaler": StandardScaler,
    }
    as_published = taken("prism", checkout, **tools)
    # scikit-learn stops where no derivative exceeds 1e-4, in single precision: the cross-entropy is then not yet that of
    # the model that is defined. `_train_cell` is run twice: as it is, and on double precision to the optimum.
    exact = taken("prism", checkout, **{**tools, "LogisticRegression": partial(LogisticRegression, tol=1e-10)})
    labels = [LETTERS[answer] for answer in records["answers"]]
    out, stopped = {}, {}
    for position, place in PLACES.items():
        samples = [{"hidden": row, "label": label} for row, label in zip(tensors[place], labels, strict=True)]
        x, y = as_published["_stack_position"](samples, "hidden")
        first = as_published["_train_cell"](x, y, 5, 1.0, 1000, 42)
        second = exact["_train_cell"](x.astype(np.float64), y, 5, 1.0, 1000, 42)
        for key in ("accuracy_mean", "accuracy_std"):
            out[f"{position}.{key}"] = first[key]
        for key in ("cross_entropy", "mi_lower_bound_nats"):
            out[f"{position}.{key}"] = second[key]
            stopped[f"{position}.{key}"] = first[key]
    out["gap"] = out["a.accuracy_mean"] - out["b.accuracy_mean"]
    gold = [LETTERS[each["answer"]] for each in records["outcomes"]]
    accuracy = {}
    for mode, name in CORRUPTIONS.items():
        choices = [each["outcomes"][name]["choice"] for each in records["outcomes"]]
        said = [None if choice is None else LETTERS[choice] for choice in choices]
        accuracy[mode], _ = as_published["_accuracy"](said, gold)
        if mode != "clean":
            out[f"{mode}.delta_vs_clean"] = accuracy[mode] - accuracy["clean"]
    return out, {"scikit-learn": sklearn.__version__, "stopped": stopped}


def main() -> None:
    directory = Path(sys.argv[1])
    golden = directory / "diagnostics.json"
    records = json.loads((directory / "records.json").read_text(encoding="utf-8"))
    for each in records["outcomes"]:
        names = ("choice", "optionLogProbabilities")
        found = [dict(zip(names, pair, strict=True)) for pair in each["found"]]
        each["outcomes"] = dict(zip(records["interventions"], found, strict=True))
    tensors = load_file(directory / "records.safetensors")
    ours = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    before = json.loads(golden.read_text(encoding="utf-8"))
    numbers, more, report = dict(before["numbers"]), {}, {}
    for name, compute, variable in (
        ("cvrr", cvrr, "CVRR_CODE"),
        ("wmVlm", wm_vlm, "WM_VLM_CODE"),
        ("prism", prism, "PRISM_CODE"),
    ):
        checkout = os.environ.get(variable)
        if checkout is None:
            theirs, more[name] = numbers[name], {"code": golden.name}
        else:
            theirs, more[name] = compute(checkout, records, tensors)
            numbers[name] = theirs
        assert set(theirs) == set(ours[name]), set(theirs) ^ set(ours[name])
        largest = max(abs(value - ours[name][key]) for key, value in theirs.items())
        worst = max(theirs, key=lambda key: abs(theirs[key] - ours[name][key]))
        assert largest <= 1e-6, (name, worst, theirs[worst], ours[name][worst])
        report[name] = {"numbers": len(theirs), "largest": largest, "at": worst, **more[name]}
    print(json.dumps(report, ensure_ascii=False))
    if sys.argv[3:] != ["--write"]:
        return
    text = {
        "madeBy": "python -m lintel_reference.parity.published, on what published.mjs wrote beside this file",
        "executed": EXECUTED,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
            "scikit-learn": more["prism"].get("scikit-learn", before["versions"]["scikit-learn"]),
        },
        "asStopped": more["prism"].get("stopped", before["asStopped"]),
        # Seed, lower and upper end.
        "intervals": {"cvrr": more["cvrr"].get("intervals", before.get("intervals", {}).get("cvrr"))},
        "numbers": numbers,
    }
    golden.write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
