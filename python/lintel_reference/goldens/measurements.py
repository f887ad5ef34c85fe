"""Makes test/goldens/measurements/measurements.json: what src/audit/measurements must agree with.

Written with numpy from the definitions (SVD for spectra, loops over pairs), independently of the TypeScript.
Run: python -m lintel_reference.goldens.measurements
"""

import sys

import numpy as np
import scipy
from scipy.stats import entropy

from lintel_reference.common import GOLDENS, write_json

OUT = GOLDENS / "measurements/measurements.json"


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def pairwise(x):
    u = unit(x)
    c = u @ u.T
    n = len(x)
    return float(c[np.triu_indices(n, 1)].mean())


def spectrum(x):
    return np.linalg.svd(x - x.mean(0), compute_uv=False)


def cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return float(np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def measure(own, oracle):
    n = len(own)
    s = spectrum(own)
    s = s[s > s[0] * 1e-7]
    uo, uv = unit(own), unit(oracle)
    distinct, inverse = np.unique(oracle, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    sims = uo @ unit(distinct).T
    ranks = np.array([1 + np.sum(np.delete(sims[i], inverse[i]) > sims[i, inverse[i]] + 1e-12) for i in range(n)])
    own_oracle = (uo * uv).sum(1)
    closer = []
    for i in range(n):
        others = [j for j in range(n) if inverse[j] != inverse[i]]
        closer.append(np.mean([uo[i] @ uo[j] > own_oracle[i] for j in others]))
    return {
        "pairwiseCosine": pairwise(own),
        "centeredPairwiseCosine": pairwise(own - own.mean(0)),
        "effectiveRank": float(np.exp(entropy(s / s.sum()))),
        "participationRatio": float((s**2).sum() ** 2 / (s**4).sum()),
        "cosine": float(own_oracle.mean()),
        "mse": float(((own - oracle) ** 2).mean()),
        "usp": float(np.mean(closer)),
        "cka": cka(own, oracle),
        "r2": float(1 - ((oracle - own) ** 2).sum() / ((oracle - oracle.mean(0)) ** 2).sum()),
        "retrieval": {
            "r1": float((ranks <= 1).mean()),
            "r5": float((ranks <= 5).mean()),
            "r10": float((ranks <= 10).mean()),
            "meanRank": float(ranks.mean()),
            "mrr": float((1 / ranks).mean()),
            "gallery": len(distinct),
            "queries": n,
        },
    }


def main():
    rng = np.random.default_rng(0)
    cases = []
    for name, n, d, distinct, noise in [
        ("tall", 40, 6, 40, 0.8),
        ("wide", 14, 25, 14, 0.5),
        ("repeated oracles", 30, 8, 12, 1.0),
    ]:
        bank = rng.normal(size=(distinct, d)).astype(np.float32)
        oracle = bank[np.arange(n) % distinct]
        common = rng.normal(size=d)
        own = (0.5 * oracle + noise * rng.normal(size=(n, d)) + common).astype(np.float32)
        golden = measure(own.astype(np.float64), oracle.astype(np.float64))
        cases.append(
            {"name": name, "n": n, "d": d, "own": own.ravel().tolist(), "oracle": oracle.ravel().tolist(), **golden}
        )
    p = rng.dirichlet(np.ones(4), size=6)
    q = rng.dirichlet(np.ones(4), size=6)
    a = rng.normal(size=(9, 9))
    symmetric = a + a.T
    golden = {
        "madeBy": "python/lintel_reference/goldens/measurements.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__},
        "cases": cases,
        "options": {
            "reference": np.log(p).tolist(),
            "other": np.log(q).tolist(),
            "kl": float(np.mean([entropy(x, y) for x, y in zip(p, q, strict=False)])),
            "totalVariation": float(np.abs(p - q).sum(1).mean() / 2),
        },
        "eigenvalues": {"matrix": symmetric.ravel().tolist(), "values": np.linalg.eigvalsh(symmetric)[::-1].tolist()},
    }
    write_json(OUT, golden, compact=True, ascii_only=True)
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
