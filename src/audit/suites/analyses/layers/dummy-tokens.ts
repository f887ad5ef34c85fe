import { concatenated, cosine, matrix, mean } from "../../../../numeric/index.ts";
import { engineOf, replay } from "../../../../reasoning/index.ts";
import { measurements } from "../../../measurements/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";

/** Examples that are looked at, at most. */
const MOST = 64;

/**
 * How alike would states be without any content? Behind the same prefix the slots are read with own latents, and with the
 * embedding of their placeholder token (as under `marker-repeat`): mean cosine of the states at adjacent slots, between
 * examples (means over slots), and between the two readings, slot by slot. Own latents that are no less alike than dummies
 * are as collapsed as tokens without content. Of at most 64 examples.
 *
 * Source: docs/published-families.md §19.3 (10), same-prefix dummy tokens; ReaLVR (adjacent steps, dummies), §15.6.
 */
export const dummyTokens = async (context: SuiteContext) => {
  const { model } = context.session;
  const { width } = context.latents;
  const left: Record<string, number> = {};
  const states: { own: Float32Array[]; dummy: Float32Array[] } = { own: [], dummy: [] };
  for await (const { prefix, rows } of replayable(context, "dummy tokens", left)) {
    const ids = [...new Set(rows.flatMap(({ row }) => row.slots.map((slot) => row.ids[slot]!)))];
    const embedded = await engineOf(model.network).embed(ids);
    const dummyOf = (id: number) => embedded.slice(ids.indexOf(id) * width, (ids.indexOf(id) + 1) * width);
    for (const kind of ["own", "dummy"] as const) {
      const read = rows.map(({ row }) =>
        kind === "own"
          ? row
          : { ...row, latents: concatenated(row.slots.map((slot) => dummyOf(row.ids[slot]!))) },
      );
      const { hidden } = await replay(model, prefix, read);
      for (const [i, { row }] of rows.entries())
        states[kind].push(
          concatenated(row.slots.map((slot) => hidden[i]!.slice(slot * width, (slot + 1) * width))),
        );
    }
    if (states.own.length >= MOST) break;
  }
  if (states.own.length === 0) return nothingReplayed(left);
  const [own, dummy] = [states.own.slice(0, MOST), states.dummy.slice(0, MOST)];
  const slotsOf = (z: Float32Array): Float32Array[] =>
    Array.from({ length: z.length / width }, (_, slot) => z.subarray(slot * width, (slot + 1) * width));
  const some = (values: readonly number[]): number | null => {
    const finite = values.filter(Number.isFinite);
    return finite.length > 0 ? mean(finite) : null;
  };
  const alike = (all: readonly Float32Array[]) => {
    const means = all.flatMap((z) =>
      Array.from({ length: width }, (_, d) => mean(slotsOf(z).map((s) => s[d]!))),
    );
    return {
      adjacent: some(
        all.flatMap((z) =>
          slotsOf(z)
            .slice(1)
            .map((s, i) => cosine(slotsOf(z)[i]!, s)),
        ),
      ),
      between: measurements.pairwiseCosine.compute(matrix(means, all.length, width)).value,
    };
  };
  return {
    n: own.length,
    left,
    own: alike(own),
    dummy: alike(dummy),
    ownToDummy: some(own.flatMap((z, i) => slotsOf(z).map((s, k) => cosine(s, slotsOf(dummy[i]!)[k]!)))),
  };
};
