/** Interventions as data: a JSON file that names, parametrizes and combines those of the registry. */
import { z } from "zod";
import { largest } from "../../numeric/index.ts";
import { ensure, LintelError } from "../../util/index.ts";

import { interventionNames } from "./registry.ts";
import { type Definitions, withValues } from "./resolve.ts";
import { forBlock, type PlanContext, type Planned, type ResolvedIntervention } from "./types.ts";

const value = z.union([z.number(), z.string()]);
const places = z.array(z.int().positive()).min(1);
const part = {
  /** Name in the registry. */
  use: z.string(),
  /** Values of its parameters. */
  with: z.record(z.string(), value).optional(),
  /** Slots and blocks that it replaces, counted from 1; all by default. The others keep own latents. */
  slots: places.optional(),
  blocks: places.optional(),
};
const partSchema = z.strictObject(part);
const definitionSchema = z.union([
  z.strictObject({ description: z.string().optional(), ...part }),
  z.strictObject({ description: z.string().optional(), parts: z.array(partSchema).min(1) }),
]);

/** The form of a file of interventions. */
const interventionFileSchema = z.strictObject({
  interventions: z.record(
    z.string().regex(/^[a-z][a-z0-9.-]*$/, "a name of a–z, 0–9, - and ."),
    definitionSchema,
  ),
});

type Part = z.infer<typeof partSchema>;
interface Resolved extends Omit<Part, "use" | "with"> {
  of: ResolvedIntervention;
}

/** Blocks of latents of a part; null where it does not apply. */
function vectors(
  { of }: Resolved,
  context: PlanContext,
): { blocks: readonly Float32Array[]; from: string } | null {
  const planned = of.plan({ ...context, random: context.randomOf(of.base) });
  if (!planned) return null;
  const { plan, from } = planned;
  return { blocks: plan.kind === "fixed" ? plan.blocks : context.own, from };
}

function combined(parts: readonly Resolved[], context: PlanContext): Planned | null {
  const { own, width } = context;
  if (own.length === 0) return null;
  const blocks = own.map((latents) => latents.slice());
  const from: string[] = [];
  for (const each of parts) {
    const found = vectors(each, context);
    if (!found) return null;
    from.push(
      `${each.slots ? `slots ${each.slots.join(", ")}` : "all slots"}` +
        `${each.blocks ? ` of blocks ${each.blocks.join(", ")}` : ""}: ${found.from}`,
    );
    for (const [b, block] of blocks.entries()) {
      if (each.blocks && !each.blocks.includes(b + 1)) continue;
      const source = forBlock(found.blocks, b);
      for (let slot = 0; slot * width < block.length; slot++) {
        if (each.slots && !each.slots.includes(slot + 1)) continue;
        block.set(source.subarray(slot * width, (slot + 1) * width), slot * width);
      }
    }
  }
  return { plan: { kind: "fixed", blocks }, from: from.join("; ") };
}

function define(name: string, parts: readonly Part[], description: string | undefined): ResolvedIntervention {
  const resolved = parts.map(({ use, with: values, ...where }) => ({
    of: withValues(use, values),
    ...where,
  }));
  const [only] = resolved;
  const simple = resolved.length === 1 && !only!.slots && !only!.blocks;
  const words = description ?? resolved.map(({ of }) => of.description).join("; ");
  if (simple) {
    const { of } = only!;
    return {
      ...of,
      name,
      description: words,
      plan: (context) => of.plan({ ...context, random: context.randomOf(of.base) }),
    };
  }
  for (const { of } of resolved) {
    ensure(!of.changesForm, "usage", () => ({
      where: `intervention ${name} of the file`,
      expected: "parts that replace the contents of single slots",
      got: `${of.name}, which changes markers, length, attention or input`,
      attempt: `${of.name} as a separate intervention`,
    }));
  }
  const needs = [...new Set(["split" as const, ...resolved.flatMap(({ of }) => of.needs ?? [])])];
  return {
    name,
    base: name,
    values: {},
    description: words,
    role: "other control",
    source: [...new Set(resolved.map(({ of }) => of.source))].join("; "),
    needs,
    lacking: [
      "no latents of its own",
      ...resolved.flatMap(({ of }) => (of.lacking === undefined ? [] : [of.lacking])),
    ].join(", or "),
    changesForm: false,
    lastSlot: largest(
      resolved.flatMap(({ slots }) => slots ?? []),
      0,
    ),
    searches: resolved.flatMap(({ of }) => of.searches),
    plan: (context) => combined(resolved, context),
  };
}

/**
 * The interventions that a file defines, by name.
 *
 * Errors: "usage" naming the field; unknown interventions and parameters with the nearest names.
 */
export function parseInterventions(file: unknown, where: string): Definitions {
  const result = interventionFileSchema.safeParse(file);
  if (!result.success) {
    const faults = result.error.issues.map((i) => `${i.path.join(".") || "the file"}: ${i.message}`);
    throw new LintelError("usage", {
      where,
      expected: '{ "interventions": { "my-name": { "use": "jitter", "with": { "s": 0.1 }, "slots": [1] } } }',
      got: faults.join("; "),
      cause: result.error,
    });
  }
  const out = new Map<string, ResolvedIntervention>();
  for (const [name, { description, ...rest }] of Object.entries(result.data.interventions)) {
    ensure(!(interventionNames as readonly string[]).includes(name), "usage", () => ({
      where: `${where}, intervention ${name}`,
      expected: "a name that Lintel does not use",
      got: "the name of an intervention of Lintel",
    }));
    try {
      const made = define(name, "parts" in rest ? rest.parts : [rest], description);
      out.set(name, { ...made, definition: { ...(description !== undefined && { description }), ...rest } });
    } catch (cause) {
      if (!(cause instanceof LintelError)) throw cause;
      throw new LintelError(cause.code, {
        where: `${where}, ${name}`,
        expected: "an intervention",
        got: cause.message,
        cause,
      });
    }
  }
  return out;
}
