/** Examples that share their images are one group: folds and permutations keep it together. */
import { ensure, type Random } from "../../util/index.ts";

/** Why labels could not be permuted. */
export const NOT_PERMUTED =
  "most examples are in groups of shared images that have no other of their size to exchange labels with";

/** Positions of the members of each group, in the order in which groups come; without groups everyone is alone. */
function membersOf(n: number, groups: readonly string[] | null): number[][] {
  ensure(groups === null || groups.length === n, "usage", () => ({
    where: "groups of examples",
    expected: `${n} groups, one for each example`,
    got: String(groups?.length),
  }));
  const members = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const id = groups?.[i] ?? `row ${i}`;
    const before = members.get(id);
    if (before) before.push(i);
    else members.set(id, [i]);
  }
  return [...members.values()];
}

/**
 * Labels exchanged at random between groups of equal size, each group's labels as a whole: what is alike within a group stays
 * so. Of examples that share nothing it is a plain permutation. null where fewer than half of the examples are in groups
 * that have another of their size.
 *
 * Source: Winkler et al. 2014 (whole-block exchangeability).
 *
 * @example
 * const labels = permutedBetween(["x", "y", "z", "z"], ["1", "1", "2", "2"], random(0, "any"));
 * ["x,y,z,z", "z,z,x,y"].includes(labels.join()); // true
 */
export function permutedBetween<T>(
  labels: readonly T[],
  groups: readonly string[] | null,
  draw: Random,
): T[] | null {
  const bySize = new Map<number, number[][]>();
  for (const members of membersOf(labels.length, groups)) {
    const same = bySize.get(members.length);
    if (same) same.push(members);
    else bySize.set(members.length, [members]);
  }
  let still = 0;
  const out = [...labels];
  for (const [size, same] of [...bySize].sort(([a], [b]) => a - b)) {
    if (same.length < 2) still += size;
    for (const [g, from] of draw.shuffled(same).entries())
      for (const [at, i] of same[g]!.entries()) out[i] = labels[from[at]!]!;
  }
  return still > labels.length / 2 ? null : out;
}

/**
 * Folds in which every label is as frequent as it can be. Groups stay whole; the largest are placed first, each into the fold
 * that has the fewest of its labels.
 *
 * @example
 * const folds = foldsOf([0, 0, 1, 1], ["x", "x", "y", "y"], 2, random(0, "any"));
 * folds[0] === folds[1] && folds[2] === folds[3]; // true
 */
export function foldsOf(
  labels: readonly number[],
  groups: readonly string[] | null,
  folds: number,
  draw: Random,
): number[] {
  const members = draw.shuffled(membersOf(labels.length, groups));
  const fold = labels.map(() => 0);
  if (groups === null) {
    const sorted = members.flat().sort((a, b) => labels[a]! - labels[b]!);
    for (const [at, i] of sorted.entries()) fold[i] = at % folds;
    return fold;
  }
  const filled = Array.from({ length: folds }, () => ({ size: 0, of: new Map<number, number>() }));
  for (const group of members.sort((a, b) => b.length - a.length)) {
    const common = ({ of }: (typeof filled)[number]): number =>
      group.reduce((sum, i) => sum + (of.get(labels[i]!) ?? 0), 0);
    const [best] = [...filled].sort((a, b) => common(a) - common(b) || a.size - b.size);
    for (const i of group) {
      fold[i] = filled.indexOf(best!);
      best!.of.set(labels[i]!, (best!.of.get(labels[i]!) ?? 0) + 1);
    }
    best!.size += group.length;
  }
  return fold;
}

/**
 * In how many groups each label is.
 *
 * @example
 * groupsWith([0, 0, 1], ["x", "x", "y"]); // Map { 0 → 1, 1 → 1 }
 */
export function groupsWith(labels: readonly number[], groups: readonly string[] | null): Map<number, number> {
  const found = new Map<number, number>();
  for (const members of membersOf(labels.length, groups))
    for (const label of new Set(members.map((i) => labels[i]!)))
      found.set(label, (found.get(label) ?? 0) + 1);
  return found;
}
