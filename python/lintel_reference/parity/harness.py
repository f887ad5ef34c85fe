"""Reads what `lintel audit --export lm-eval` wrote with the functions of lm-evaluation-harness that read its own results.

Usage: harness.py AUDIT
"""

import json
import sys
from pathlib import Path

from lm_eval.utils import (
    get_file_datetime,
    get_file_task_name,
    get_latest_filename,
    get_results_filenames,
    get_sample_results_filenames,
    make_table,
)


def main() -> None:
    audit = Path(sys.argv[1])
    expected = json.loads((audit / "audit.json").read_text(encoding="utf-8"))["interventions"]
    files = [str(path) for path in audit.iterdir()]
    results = get_latest_filename(get_results_filenames(files))
    found = json.loads(Path(results).read_text(encoding="utf-8"))
    samples = {get_file_task_name(Path(name).name): name for name in get_sample_results_filenames(files)}
    assert samples.keys() == found["results"].keys(), (samples.keys(), found["results"].keys())
    times = {get_file_datetime(Path(name).name) for name in samples.values()}
    assert times == {Path(results).stem.removeprefix("results_")}, times
    count = 0
    for task, name in samples.items():
        intervention = expected[task.split("-", 1)[1]]
        lines = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
        count += len(lines)
        for key, accuracy in (("exact", intervention["accuracy"]), ("lenient", intervention["lenient"]["accuracy"])):
            mine = [line["acc"] for line in lines if line["filter"] == key]
            assert len(mine) == intervention["n"], (task, key)
            assert abs(sum(mine) / len(mine) - accuracy) < 1e-12, (task, key)
            assert found["results"][task][f"acc,{key}"] == accuracy, (task, key)
    table = make_table(found)
    # One row for each task and filter; the name of a task stands in its first row.
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    task = ""
    for name, _version, key, _shots, metric, sign, value, *_ in rows:
        task = name or task
        assert (metric, sign) == ("acc", "↑"), table
        assert abs(float(value) - found["results"][task][f"acc,{key}"]) < 1e-3, table
    assert len(rows) == 2 * len(samples), table
    print(table)
    print(f"harness: {count} samples of {len(samples)} tasks, and their table of results, read by lm_eval")


if __name__ == "__main__":
    main()
