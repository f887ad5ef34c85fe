"""Reads what `lintel outcomes --parquet` wrote with pandas and with DuckDB, and compares it with the audits of the run.

Usage: tables.py RUN OUTCOMES.parquet
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd


def audited(run: Path) -> dict[str, dict]:
    """Every audit of a run by its path below audits/."""
    root = run / "audits"
    return {
        str(path.parent.relative_to(root)): json.loads(path.read_text(encoding="utf-8"))
        for path in root.glob("**/audit.json")
    }


def main() -> None:
    run, path = Path(sys.argv[1]), Path(sys.argv[2])
    audits = audited(run)
    assert audits
    table = pd.read_parquet(path)
    assert str(table.dtypes["correct"]) in ("bool", "boolean"), table.dtypes["correct"]
    first = table.iloc[0]
    assert list(first["options"]) and isinstance(first["text"], str)
    found = table.groupby(["audit", "intervention"])["correct"].mean()
    query = "SELECT audit, intervention, avg(correct::int), count(*), sum(len(logProbabilities)) FROM read_parquet(?) GROUP BY ALL"
    rows = duckdb.execute(query, [str(path)]).fetchall()
    assert len(rows) == len(found) == sum(len(audit["interventions"]) for audit in audits.values())
    for name, intervention, accuracy, count, _ in rows:
        expected = audits[name]["interventions"][intervention]
        assert count == expected["n"], (name, intervention)
        assert abs(accuracy - expected["accuracy"]) < 1e-12, (name, intervention)
        assert abs(found[name, intervention] - accuracy) < 1e-12
    print(
        f"tables: {len(table)} outcomes of {len(audits)} audits read by pandas {pd.__version__} and DuckDB {duckdb.__version__}"
    )


if __name__ == "__main__":
    main()
