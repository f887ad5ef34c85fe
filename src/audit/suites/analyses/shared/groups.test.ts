import { describe, expect, test } from "vitest";
import { jackknife } from "../../../../statistics/index.ts";
import { random } from "../../../../util/index.ts";
import { adjustedRandIndex } from "../../../measurements/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import type { Evidence } from "../../evidence.ts";
import { prism } from "../../prism.ts";
import { clusters } from "../clusters.ts";
import { groupsOf, meanInterval } from "./groups.ts";

interface Pair {
  label: number;
  cluster: number;
}

/** Examples whose cluster is their label with probability `share`, else any; all equally frequent. */
const drawn = (n: number, k: number, share: number, seed: number): Pair[] => {
  const r = random(seed, "partitions");
  return Array.from({ length: n }, () => {
    const label = r.integer(k);
    return { label, cluster: r.uniform() < share ? label : r.integer(k) };
  });
};

const index = (pairs: readonly Pair[]): number =>
  adjustedRandIndex(
    pairs.map(({ cluster }) => cluster),
    pairs.map(({ label }) => label),
  );

/** The index of infinitely many such examples. */
const population = (k: number, share: number): number => {
  const [same, other] = [(share + (1 - share) / k) / k, (1 - share) / k / k];
  return (k * (same ** 2 + (k - 1) * other ** 2) - k ** -2) / (1 / k - k ** -2);
};

/** What `clusters` reads: latents in k places far apart, the answers in words behind letters. */
const context = (pairs: readonly Pair[], k: number, more: { images?: (i: number) => string } = {}) => {
  const r = random(0, "places");
  const examples = pairs.map(({ label }, i) => {
    // The letter says nothing: the right word is at another place in every example.
    const optionTexts = Array.from({ length: k }, (_, at) => `word ${(at + i) % k}`);
    const options = optionTexts.map((_, at) => String.fromCharCode(65 + at));
    return {
      id: String(i),
      answer: optionTexts.indexOf(`word ${label}`),
      options,
      optionTexts,
      attributes: {},
    };
  });
  return {
    latents: {
      examples: examples.map(({ id }) => id),
      ...{ slots: 1, width: k, hasOwn: pairs.map(() => 1), hasOracle: pairs.map(() => 0) },
      own: Float32Array.from(
        pairs.flatMap(({ cluster }) =>
          Array.from({ length: k }, (_, j) => (j === cluster ? 10 : 0) + 0.1 * r.normal()),
        ),
      ),
      oracle: new Float32Array(pairs.length * k),
    },
    session: { examples },
    outcomes: examples.map(({ id }, i) => ({ example: id, ...(more.images && { images: more.images(i) }) })),
    planner: { seed: 0 },
  } as unknown as SuiteContext;
};

describe("interval of the adjusted Rand index", () => {
  test.each([
    [100, 10, 0],
    [50, 4, 0],
    [100, 4, 0.5],
    [100, 10, 0.5],
    [200, 4, 0.8],
  ])("%i examples, %i classes, related by %f: it contains the population value", (n, k, share) => {
    const truth = population(k, share);
    let [inside, above] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const [low, high] = jackknife(drawn(n, k, share, seed), null, index).value!;
      if (low <= truth && truth <= high) inside++;
      if (low > truth) above++;
    }
    // 95 % of 200 is 190, with a standard error of 3. Of unrelated partitions the jackknife is on the safe side.
    expect(inside).toBeGreaterThanOrEqual(181);
    expect(above).toBeLessThanOrEqual(12);
  });

  test("in the analysis: around the index, 0 in it where there is nothing, the population value where there is", () => {
    let [none, some] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      for (const share of [0, 0.6]) {
        const pairs = drawn(80, 4, share, seed);
        const { ari, interval } = clusters(context(pairs, 4)).own.answer as unknown as {
          ari: number;
          interval: [number, number];
        };
        // k-means finds the places, so that the index is that of the pairs, by word and not by letter.
        expect(ari).toBeCloseTo(index(pairs), 9);
        expect(interval[0]).toBeLessThan(ari);
        expect(interval[1]).toBeGreaterThan(ari);
        const truth = population(4, share);
        if (interval[0] <= truth && truth <= interval[1]) share === 0 ? none++ : some++;
      }
    }
    expect(none).toBeGreaterThanOrEqual(18);
    expect(some).toBeGreaterThanOrEqual(17);
  });

  test("examples of one image count once; one of all has none, with a reason", () => {
    const once = drawn(60, 4, 0.5, 3);
    const twice = [...once, ...once];
    const width = (found: unknown): number => {
      const { interval } = found as { interval: [number, number] };
      return interval[1] - interval[0];
    };
    const [alone, shared] = [context(twice, 4), context(twice, 4, { images: (i) => `image ${i % 60}` })];
    const found = clusters(shared).own.answer;
    expect(found).toMatchObject({ groups: 60 });
    expect(width(found)).toBeGreaterThan(1.25 * width(clusters(alone).own.answer));
    const one = clusters(context(once, 4, { images: () => "one image" })).own.answer;
    expect(one).toMatchObject({
      ...{ interval: null, p: null },
      reasons: {
        interval: expect.stringMatching(/1\.0 equal ones/),
        p: expect.stringMatching(/of their size/),
      },
    });
  });

  test("where only letters are known, there is no index by answer", () => {
    const given = context(drawn(60, 4, 0.5, 0), 4);
    const examples = given.session.examples.map(({ optionTexts: _, ...each }) => each);
    const bare = { ...given, session: { examples } } as unknown as SuiteContext;
    expect(clusters(bare).own.answer).toMatchObject({
      ...{ ari: null, interval: null },
      reason: expect.stringMatching(/60 of 60 examples are letters/),
    });
  });
});

test("the interval of a mean over groups is as wide as that of the groups", () => {
  const r = random(0, "gain");
  const once = Array.from({ length: 40 }, () => r.normal());
  const four = [...once, ...once, ...once, ...once];
  const groups = four.map((_, i) => String(i % 40));
  const width = ([low, high]: readonly [number, number]): number => high - low;
  const alone = width(meanInterval(four, null, 0).value!);
  expect(width(meanInterval(four, groups, 0).value!) / alone).toBeCloseTo(2, 0);
  for (const [at, limit] of meanInterval(once, null, 0).value!.entries())
    expect(meanInterval(four, groups, 0).value![at]).toBeCloseTo(limit, 9);
});

test("a group of a benchmark is a group, and examples without images are alone", () => {
  const examples = ["1", "2", "3"].map((id) => ({ id }));
  const of = (outcomes: object[]) =>
    groupsOf({ outcomes, session: { examples } } as unknown as SuiteContext, [0, 1, 2]);
  expect(
    of([
      { example: "1", images: "x" },
      { example: "2", images: "y" },
    ]),
  ).toBeNull();
  const grouped = [
    { example: "3", images: "x", group: "g" },
    { example: "1", images: "y", group: "g" },
  ];
  expect(of(grouped)).toEqual(["group g", "row 1", "group g"]);
});

test("prism: a probe on few images that many examples share is not better than chance", () => {
  const slots = { accuracy: 0.45, n: 200, majority: 0.3 };
  const conclude = (more: object) => {
    const holds = { state: "holds" as const, text: "falls" };
    const evidence = {
      result: () => ({ answer: { slots: { ...slots, ...more } } }),
      ...{ beats: () => holds, alike: () => ({ state: "refuted" as const, text: "differs" }) },
    } as unknown as Evidence;
    return prism.conclude(evidence);
  };
  expect(conclude({}).conclusion).toBe("read");
  expect(conclude({ groups: 12, effective: 10.5 })).toMatchObject({
    conclusion: "inconclusive",
    reason: expect.stringMatching(/n = 200, counted as 10 for 12 groups of shared images/),
  });
  expect(conclude({ groups: 190, effective: 180 }).conclusion).toBe("read");
});
