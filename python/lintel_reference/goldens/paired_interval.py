"""Mid-p score intervals of paired differences and attainable coverage, by other means than Lintel's: every table is summed
with numpy, limits are found by brentq, and what an interval can cover at best by integer programming (HiGHS).

    python -m lintel_reference.goldens.paired_interval > test/goldens/statistics/paired-interval.json
"""

import json
import platform

import numpy as np
import scipy
from scipy.optimize import Bounds, LinearConstraint, brentq, milp
from scipy.sparse import lil_matrix
from scipy.special import gammaln, xlogy


def rates(b, c, n, d):
    """Most likely P(second only) where the difference is d."""
    B = -b - c + (2 * n - b + c) * d
    root = np.sqrt(np.maximum(0, B * B + 8 * n * c * d * (1 - d)))
    return (root - B) / (4 * n)


def statistic(b, c, n, d):
    top = b - c - n * d
    with np.errstate(all="ignore"):
        value = top / np.sqrt(n * np.maximum(0, 2 * rates(b, c, n, d) + d * (1 - d)))
    return np.where(np.abs(top) < 1e-12, 0.0, value)


def tables(n):
    b, c = np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0), indexing="ij")
    return b[b + c <= n], c[b + c <= n]


def probability(b, c, n, p, q):
    return np.exp(
        gammaln(n + 1)
        - gammaln(b + 1)
        - gammaln(c + 1)
        - gammaln(n - b - c + 1)
        + xlogy(b, p)
        + xlogy(c, q)
        + xlogy(n - b - c, max(0.0, 1 - p - q))
    )


def upper(b, c, n, alpha):
    every = tables(n)

    def excess(d):
        q = max(0.0, float(rates(b, c, n, d)))
        t = statistic(*every, n, d)
        mine = float(statistic(float(b), float(c), n, d))
        weight = (t < mine - 1e-9) + 0.5 * (np.abs(t - mine) <= 1e-9)
        return float((probability(*every, n, q + d, q) * weight).sum()) - alpha / 2

    low = (b - c) / n
    # From outside: the first crossing that is met, as the tail is small there.
    grid = np.linspace(low + 1e-9, 1 - 1e-9, 400)
    values = [excess(d) for d in grid]
    at = max(i for i, v in enumerate(values) if v >= 0)
    return brentq(excess, grid[at], grid[at + 1], xtol=1e-13)


def cells(n, gap):
    for rate in (0.05, 0.5, 0.95):
        for correlation in (0, 0.3, 0.6, 0.9):
            other = rate - gap
            both = rate * other + correlation * np.sqrt(rate * (1 - rate) * other * (1 - other))
            if rate - both >= 0 and other - both >= 0:
                yield rate, correlation, rate - both, other - both


def attainable(n, gap, most):
    """Most cells with at most `most` discordant pairs expected that any rule can have between 93.5 and 96.5 % at once.

    A rule says of every table whether the true difference is above it, below it, or inside; more pairs of one kind must
    not turn it round, and it must cover at least 93.5 % at whatever rates.
    """
    chosen = [cell for cell in cells(n, gap) if n * (cell[2] + cell[3]) <= most]
    size = int(min(n, most + 8 * np.sqrt(most) + 10))
    index = {}
    for b in range(size + 1):
        for c in range(size + 1 - b):
            index[b, c] = len(index)
    count, variables = len(index), 2 * len(index) + len(chosen)
    rows, low, high = [], [], []

    def add(terms, least, greatest):
        rows.append(terms)
        low.append(least)
        high.append(greatest)

    def rejected(p, q):
        chances = [(i, float(probability(b, c, n, p, q))) for (b, c), i in index.items()]
        return [(at + i, v) for at in (0, count) for i, v in chances if v > 1e-12]

    for (b, c), i in index.items():
        add([(i, 1), (count + i, 1)], -np.inf, 1)
        for other, sign in (((b + 1, c), 1), ((b, c + 1), -1)):
            if other in index:
                add([(index[other], sign), (i, -sign)], 0, np.inf)
                add([(count + index[other], -sign), (count + i, sign)], 0, np.inf)
    for j, (_, _, p, q) in enumerate(chosen):
        add([*rejected(p, q), (2 * count + j, -0.035)], 0, np.inf)
        add([*rejected(p, q), (2 * count + j, 0.935)], -np.inf, 1)
    for expected in np.linspace(0.3, 1.3 * most, 24):
        q = (expected / n - gap) / 2
        if q >= 0:
            add(rejected(q + gap, q), -np.inf, 0.065)
    matrix = lil_matrix((len(rows), variables))
    for at, terms in enumerate(rows):
        for i, v in terms:
            matrix[at, i] = v
    weights = np.zeros(variables)
    weights[2 * count :] = -1
    found = milp(
        weights,
        constraints=LinearConstraint(matrix.tocsr(), low, high),
        integrality=np.ones(variables),
        bounds=Bounds(0, 1),
        options={"time_limit": 300},
    )
    assert found.status == 0, found.message
    return {"n": n, "gap": gap, "most": most, "cells": len(chosen), "inside": round(-found.fun)}


CASES = [
    (0, 0, 50),
    (1, 0, 50),
    (2, 0, 50),
    (3, 1, 50),
    (5, 1, 50),
    (0, 7, 50),
    (6, 16, 120),
    (0, 0, 149),
    (2, 3, 200),
    (1, 1, 2),
    (3, 0, 3),
]
print(
    json.dumps(
        {
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
            "intervals": [
                {
                    "b": b,
                    "c": c,
                    "n": n,
                    "interval": [-1.0 if c == n else -upper(c, b, n, 0.05), 1.0 if b == n else upper(b, c, n, 0.05)],
                }
                for b, c, n in CASES
            ],
            "attainable": [
                attainable(50, 0, 12),
                attainable(50, 0.02, 12),
                attainable(200, 0, 14),
                attainable(200, 0.02, 12),
            ],
        },
        indent=1,
    )
)
