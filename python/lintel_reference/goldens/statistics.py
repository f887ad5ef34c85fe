"""Makes test/goldens/statistics/statistics.json: what src/statistics must agree with to 1e-10 (relative).

SciPy's own function is taken wherever it has one; where SciPy has none (Tango, TOST, Holm, BCa from given replicates)
or loses digits (tails near 1e-300), the published formula is evaluated by mpmath with 60 digits.
Run: python -m lintel_reference.goldens.statistics
"""

import sys

import mpmath as mp
import numpy as np
import scipy
from scipy import stats

from lintel_reference.common import GOLDENS, write_json

mp.mp.dps = 60
OUT = GOLDENS / "statistics/statistics.json"


def normal_cdf(z):
    return mp.erfc(-mp.mpf(z) / mp.sqrt(2)) / 2


def normal_quantile(p):
    return (
        -mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(p))
        if p > 1e-10
        else mp.findroot(lambda z: mp.log(normal_cdf(z)) - mp.log(mp.mpf(p)), stats.norm.ppf(p))
    )


def normal():
    zs = [
        -40.0,
        -37.5,
        -30.0,
        -12.25,
        -8.0,
        -5.0,
        -3.0001,
        -2.9999,
        -1.5,
        -0.25,
        -1e-9,
        0.0,
        1e-3,
        0.7,
        2.5,
        3.0,
        6.5,
        9.0,
    ]
    ps = [1e-300, 1e-100, 1e-20, 1e-6, 0.001, 0.025, 0.05, 0.2, 0.4999, 0.5, 0.8, 0.95, 0.975, 0.999999]
    return {
        "cdf": [[z, float(normal_cdf(z)), float(mp.log(normal_cdf(z)))] for z in zs],
        "logCdfOnly": [[z, float(mp.log(normal_cdf(z)))] for z in [-1e4, -1000.0, -100.0]],
        "quantile": [[p, float(normal_quantile(p))] for p in ps],
    }


def gamma():
    xs = [1e-6, 0.1, 0.5, 0.9, 1.5, 3.0, 4.75, 10.0, 15.5, 16.0, 100.25, 1e4, 1e8]
    qs = [
        (0.5, 0.2),
        (0.5, 3.0),
        (1.0, 1.0),
        (2.5, 2.0),
        (2.5, 30.0),
        (10.0, 4.0),
        (10.0, 12.0),
        (50.0, 60.0),
        (1.5, 690.0),
        (200.0, 150.0),
        (0.5, 700.0),
        (20.0, 760.0),
    ]
    return {
        "logGamma": [[x, float(mp.loggamma(x))] for x in xs],
        "upper": [
            [
                a,
                x,
                float(mp.gammainc(a, x, mp.inf, regularized=True)),
                float(mp.log(mp.gammainc(a, x, mp.inf, regularized=True))),
            ]
            for a, x in qs
        ],
    }


def beta():
    cases = [
        (0.5, 0.5, 0.3),
        (1, 3, 0.2),
        (2.5, 7.25, 0.1),
        (2.5, 7.25, 0.9),
        (50, 60, 0.45),
        (300, 2, 0.97),
        (400, 10, 0.2),
        (1000, 1000, 0.5),
        (1000, 1000, 0.3),
        (5, 900, 1e-4),
    ]
    out = []
    for a, b, x in cases:
        value = mp.betainc(a, b, 0, mp.mpf(x), regularized=True)
        out.append([a, b, x, float(value), float(mp.log(value))])
    return out


def binomial_tail(k, n, p):
    """P(X <= k), exactly summed."""
    p = mp.mpf(p)
    return mp.fsum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(0, k + 1))


def binomial():
    pmf = [(0, 10, 0.3), (10, 10, 0.3), (3, 10, 0.25), (500, 1000, 0.5), (10, 1000, 0.5), (7, 100000, 1e-4)]
    tests = []
    for k, n, p in [
        (0, 20, 0.25),
        (5, 20, 0.25),
        (11, 20, 0.25),
        (20, 20, 0.25),
        (150, 500, 0.25),
        (400, 500, 0.25),
        (499, 500, 0.25),
        (2, 1000, 0.25),
        (60, 100, 0.5),
        (3, 7, 0.4),
        (90, 300, 1 / 3),
    ]:
        row = {"k": k, "n": n, "p0": p}
        upper = (
            1
            if k == 0
            else mp.fsum(mp.binomial(n, i) * mp.mpf(p) ** i * (1 - mp.mpf(p)) ** (n - i) for i in range(k, n + 1))
        )
        row["greater"] = float(upper)
        row["less"] = float(binomial_tail(k, n, p))
        row["two-sided"] = float(stats.binomtest(k, n, p).pvalue)
        # SciPy and mpmath must agree before either is believed.
        assert abs(row["greater"] - stats.binomtest(k, n, p, "greater").pvalue) <= 1e-9 * row["greater"]
        tests.append(row)
    return {
        "logPmf": [
            [k, n, p, float(mp.log(mp.binomial(n, k)) + k * mp.log(mp.mpf(p)) + (n - k) * mp.log1p(-mp.mpf(p)))]
            for k, n, p in pmf
        ],
        "tests": tests,
    }


def mcnemar():
    rows = []
    for b, c in [
        (0, 0),
        (0, 1),
        (1, 0),
        (5, 5),
        (3, 9),
        (6, 16),
        (1, 7),
        (40, 20),
        (120, 60),
        (0, 40),
        (2, 1001),
        (0, 1000),
        (5, 1050),
        (700, 2400),
        (49000, 51000),
        (0, 5000),
        (3, 20000),
    ]:
        n = b + c
        k = min(b, c)
        p = (
            mp.mpf(1)
            if b == c
            else min(mp.mpf(1), 2 * mp.fsum(mp.binomial(n, i) for i in range(0, k + 1)) / mp.mpf(2) ** n)
        )
        if 0 < n < 1000:
            assert abs(float(p) - stats.binomtest(k, n, 0.5).pvalue) < 1e-12
        rows.append([b, c, float(p), float(mp.log(p))])
    return rows


def wilson():
    rows = []
    for k, n in [(0, 10), (8, 10), (10, 10), (1, 2), (50, 200), (333, 1000), (999, 1000), (5, 100000)]:
        for alpha in [0.05, 0.1, 0.001]:
            ci = stats.binomtest(k, n).proportion_ci(1 - alpha, method="wilson")
            rows.append([k, n, alpha, ci.low, ci.high])
    return rows


def tango_z(b, c, n, delta):
    """Tango 1998, Statistics in Medicine 17:891, the score statistic of H0: difference = delta."""
    b, c, n, delta = mp.mpf(b), mp.mpf(c), mp.mpf(n), mp.mpf(delta)
    A = 2 * n
    B = -b - c + (2 * n - b + c) * delta
    C = -c * delta * (1 - delta)
    q = (mp.sqrt(B * B - 4 * A * C) - B) / (2 * A)
    v = n * (2 * q + delta * (1 - delta))
    top = b - c - n * delta
    return mp.mpf(0) if top == 0 and v == 0 else top / mp.sqrt(v)


def bisect(f, lo, hi):
    """f falls from >= 0 at lo to <= 0 at hi."""
    for _ in range(180):
        mid = (lo + hi) / 2
        if f(mid) > 0:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def tango_interval(b, c, n, alpha):
    z = -normal_quantile(alpha / 2)
    d = mp.mpf(b - c) / n
    tiny = mp.mpf(10) ** -50
    low = mp.mpf(-1) if c == n else bisect(lambda x: tango_z(b, c, n, x) - z, mp.mpf(-1) + tiny, d)
    high = mp.mpf(1) if b == n else bisect(lambda x: tango_z(b, c, n, x) + z, d, mp.mpf(1) - tiny)
    return float(low), float(high)


PAIRED = [
    (40, 0, 0, 10),
    (0, 0, 0, 2),
    (30, 3, 9, 8),
    (59, 6, 16, 80),
    (1, 1, 7, 12),
    (0, 25, 0, 0),
    (0, 0, 25, 0),
    (5, 20, 0, 0),
    (0, 0, 7, 0),
    (100, 40, 20, 0),
    (900, 30, 28, 42),
    (1300, 34, 33, 0),
    (0, 4000, 30, 100),
    (1, 1, 0, 0),
    (9990, 1, 9, 0),
    (200, 1, 0, 99),
]


def tango():
    rows = []
    for n11, n10, n01, n00 in PAIRED:
        n = n11 + n10 + n01 + n00
        for alpha in [0.05, 0.1, 0.01]:
            low, high = tango_interval(n10, n01, n, alpha)
            rows.append({"counts": [n11, n10, n01, n00], "alpha": alpha, "interval": [low, high]})
    return rows


def tost():
    rows = []
    for n11, n10, n01, n00 in PAIRED:
        n = n11 + n10 + n01 + n00
        for margin in [0.02, 0.1]:
            lower = normal_cdf(-tango_z(n10, n01, n, -margin))
            upper = normal_cdf(tango_z(n10, n01, n, margin))
            p = max(lower, upper)
            rows.append({"counts": [n11, n10, n01, n00], "margin": margin, "p": float(p), "logP": float(mp.log(p))})
    return rows


def holm():
    def adjust(ps):
        order = sorted(range(len(ps)), key=lambda i: ps[i])
        out, running = [0.0] * len(ps), 0.0
        for rank, i in enumerate(order):
            running = max(running, min(1.0, (len(ps) - rank) * ps[i]))
            out[i] = running
        return out

    sets = [[0.01, 0.04, 0.03, 0.005], [0.05], [0.2, 0.2, 0.2], [1e-300, 0.9, 0.04, 0.04, 1.0], [0.6, 0.7]]
    return [[ps, adjust(ps)] for ps in sets]


def chi_square():
    rows = []
    for counts, expected in [
        ([10, 12, 9, 9], None),
        ([250, 250, 250, 250], None),
        ([900, 50, 30, 20], None),
        ([5, 10], [0.25, 0.75]),
        ([1, 400], None),
        ([30, 14, 34, 45, 57, 20], None),
    ]:
        total = sum(counts)
        f = [total / len(counts)] * len(counts) if expected is None else [total * e for e in expected]
        got = stats.chisquare(counts, f)
        p = mp.gammainc(mp.mpf(len(counts) - 1) / 2, mp.mpf(float(got.statistic)) / 2, mp.inf, regularized=True)
        rows.append({"counts": counts, "expected": expected, "statistic": float(got.statistic), "p": float(p)})
    return rows


def bootstrap():
    """BCa limits from given replicates: Efron 1987; percentiles by numpy's linear rule."""
    rng = np.random.default_rng(0)
    data = rng.gamma(2.0, size=40)
    replicates = np.sort(rng.choice(data, (500, 40)).mean(axis=1))
    observed = float(data.mean())
    jack = np.array([np.delete(data, i).mean() for i in range(40)])
    z0 = stats.norm.ppf(np.mean(replicates < observed))
    u = jack.mean() - jack
    a = (u**3).sum() / (6 * ((u**2).sum()) ** 1.5)
    limits = []
    for q in [0.025, 0.975]:
        z = stats.norm.ppf(q)
        level = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        limits.append(float(np.quantile(replicates, level)))
    return {
        "replicates": replicates.tolist(),
        "observed": observed,
        "jackknife": jack.tolist(),
        "bca": limits,
        "percentile": [float(np.quantile(replicates, 0.025)), float(np.quantile(replicates, 0.975))],
    }


def power():
    z = stats.norm.ppf
    rows = []
    for n, p10, p01, margin in [(1353, 0.025, 0.025, 0.02), (500, 0.02, 0.03, 0.02), (200, 0.01, 0.01, 0.05)]:
        d, psi = p10 - p01, p10 + p01
        se = np.sqrt((psi - d * d) / n)
        value = stats.norm.cdf((margin - d) / se - z(0.95)) + stats.norm.cdf((margin + d) / se - z(0.95)) - 1
        rows.append({"n": n, "p10": p10, "p01": p01, "margin": margin, "tost": float(max(0.0, value))})
    for n, p10, p01 in [(100, 0.2, 0.05), (500, 0.06, 0.03), (2000, 0.05, 0.04)]:
        d, psi = abs(p10 - p01), p10 + p01
        value = stats.norm.cdf((n * d - 1 - z(0.975) * np.sqrt(n * psi)) / np.sqrt(n * (psi - d * d)))
        rows.append({"n": n, "p10": p10, "p01": p01, "mcnemar": float(value)})
    return rows


def mid_p():
    """Roots of the mid-p tails by mpmath; for fractional counts too (design effects)."""

    def upper(k, n, p):  # P(X >= k)
        return mp.betainc(k, n - k + 1, 0, p, regularized=True)

    def lower(k, n, alpha):
        if k == 0:
            return mp.mpf(0)

        def tail(p):
            return (upper(k, n, p) + (upper(k + 1, n, p) if k < n else 0)) / 2 - alpha / 2

        lo, hi = mp.mpf(0), mp.mpf(k) / n
        for _ in range(90):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if tail(mid) < 0 else (lo, mid)
        return (lo + hi) / 2

    mp.mp.dps = 30
    rows = []
    for k, n in [(0, 10), (8, 10), (10, 10), (1, 2), (50, 200), (333, 1000), (999, 1000), (5, 20000), (12.5, 41.25)]:
        for alpha in [0.05, 0.001]:
            a = mp.mpf(alpha)
            rows.append(
                [
                    k,
                    n,
                    alpha,
                    float(lower(mp.mpf(k), mp.mpf(n), a)),
                    float(1 - lower(mp.mpf(n) - mp.mpf(k), mp.mpf(n), a)),
                ]
            )
    mp.mp.dps = 60
    return rows


def student():
    def cdf(t, df):
        tail = mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, mp.mpf(df) / (df + mp.mpf(t) ** 2), regularized=True) / 2
        return tail if t < 0 else 1 - tail

    points = [
        (-40.0, 3),
        (-2.5, 1),
        (-1.0, 10),
        (-1e-3, 7),
        (0.7, 2),
        (2.2, 199),
        (-300.0, 12),
        (-37.0, 999),
        (6.0, 30),
    ]
    quantiles = [(0.025, 1), (0.025, 10), (0.975, 10), (0.05, 199), (1e-10, 3), (1e-300, 40), (0.4, 5)]
    for p, df in quantiles[:6]:
        if p > 1e-20:
            assert abs(float(cdf(stats.t.ppf(p, df), df)) / p - 1) < 1e-8

    def refine(p, df):
        x = mp.mpf(float(stats.t.ppf(p, df)))
        return float(mp.findroot(lambda t: mp.log(cdf(t, df)) - mp.log(mp.mpf(p)), x))

    return {
        "cdf": [[t, df, float(mp.log(cdf(t, df)))] for t, df in points],
        "quantile": [[p, df, refine(p, df)] for p, df in quantiles],
    }


def unconditional():
    """P(table at least as far out by Tango's statistic) summed over every table, in 30 digits; and a dense maximum."""

    def tail(b, c, n, margin, first):
        observed = tango_z(b, c, n, -mp.mpf(margin)) - mp.mpf(10) ** -9
        p1, p2 = mp.mpf(first), mp.mpf(first) + mp.mpf(margin)
        rest = 1 - p1 - p2
        total = mp.mpf(0)
        for i in range(n + 1):
            for j in range(n + 1 - i):
                if tango_z(i, j, n, -mp.mpf(margin)) >= observed:
                    total += (
                        mp.factorial(n)
                        / (mp.factorial(i) * mp.factorial(j) * mp.factorial(n - i - j))
                        * p1**i
                        * p2**j
                        * rest ** (n - i - j)
                    )
        return total

    mp.mp.dps = 30
    tails = []
    for b, c, n, margin, first in [
        (0, 0, 40, 0.1, 0.0),
        (2, 3, 40, 0.1, 0.05),
        (10, 4, 50, 0.05, 0.2),
        (20, 1, 60, 0.1, 0.01),
        (0, 9, 40, 0.1, 0.3),
        (30, 0, 60, 0.2, 0.001),
    ]:
        value = tail(b, c, n, margin, first)
        tails.append([b, c, n, margin, first, float(mp.log(value))])
    suprema = []
    for b, c, n, margin in [(0, 0, 60, 0.1), (1, 2, 80, 0.1), (6, 4, 90, 0.1), (3, 3, 150, 0.05), (8, 20, 120, 0.2)]:
        i = np.arange(n + 1)[:, None].astype(float)
        j = np.arange(n + 1)[None, :].astype(float)

        def z(i, j):
            B = -i - j + (2 * n - i + j) * -margin
            C = -j * -margin * (1 + margin)
            q = (np.sqrt(np.maximum(0, B * B - 8 * n * C)) - B) / (4 * n)
            v = n * np.maximum(1e-300, 2 * q - margin * (1 + margin))
            return (i - j + n * margin) / np.sqrt(v)

        inside = (i + j <= n) & (z(i, j) >= z(np.float64(b), np.float64(c)) - 1e-9)
        best = 0.0
        for first in (1 - margin) / 2 * np.linspace(0, 1, 1501) ** 2:
            pmf = stats.binom.pmf(i, n, first) * stats.binom.pmf(
                j, np.maximum(n - i, 0), min(1.0, (first + margin) / (1 - first))
            )
            best = max(best, float(pmf[inside].sum()))
        suprema.append([b, c, n, margin, best])
    mp.mp.dps = 60
    return {"tails": tails, "suprema": suprema}


def clustered():
    """Cluster-robust error of a mean as statsmodels' OLS(cov_type="cluster") has it: G/(G-1) * (n-1)/(n-1)."""
    rng = np.random.default_rng(5)
    rows = []
    for groups, size in [(5, 3), (12, 4), (40, 3)]:
        ids = np.repeat(np.arange(groups), size)
        values = (rng.random(groups)[ids] < rng.random(groups * size)).astype(float)
        mean, n = values.mean(), len(values)
        meat = sum((values[ids == g] - mean).sum() ** 2 for g in range(groups))
        error = float(np.sqrt(groups / (groups - 1) * meat) / n)
        t = stats.t.ppf(0.975, groups - 1)
        naive = values.var(ddof=1) / n
        assert naive > 0
        rows.append(
            {
                "values": values.tolist(),
                "clusters": [f"g{g}" for g in ids],
                "mean": float(mean),
                "error": error,
                "interval": [float(mean - t * error), float(mean + t * error)],
                "designEffect": float(max(1, error**2 / naive)),
            }
        )
    return rows


def main():
    golden = {
        "madeBy": "python/lintel_reference/goldens/statistics.py",
        "versions": {
            "python": sys.version.split()[0],
            "scipy": scipy.__version__,
            "numpy": np.__version__,
            "mpmath": mp.__version__,
        },
        "normal": normal(),
        "gamma": gamma(),
        "beta": beta(),
        "binomial": binomial(),
        "mcnemar": mcnemar(),
        "wilson": wilson(),
        "tango": tango(),
        "tost": tost(),
        "holm": holm(),
        "chiSquare": chi_square(),
        "bootstrap": bootstrap(),
        "power": power(),
        "midP": mid_p(),
        "student": student(),
        "unconditional": unconditional(),
        "clustered": clustered(),
    }
    write_json(OUT, golden, compact=True, ascii_only=True)
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
