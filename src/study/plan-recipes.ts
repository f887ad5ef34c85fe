/** Recipes of a study's own: a known one with other parts, so that a combination needs no file. */
import { z } from "zod";
import { currentRecipeName, type Recipe, recipeOf, recipes } from "../training/index.ts";
import { unknownName } from "../util/index.ts";

const share = z.number().min(0).max(1);

const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  z.strictObject({ kind: z.literal("linear"), from: z.number(), to: z.number() }),
  z.strictObject({ kind: z.literal("step"), at: share, before: z.number(), after: z.number() }),
]);

const lossSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mse") }),
  z.strictObject({ kind: z.literal("cosine") }),
  z.strictObject({ kind: z.literal("smooth-l1"), beta: z.number().positive() }),
  z.strictObject({
    kind: z.literal("infonce"),
    temperature: z.number().positive(),
    hardNegatives: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("cells") }),
  z.strictObject({ kind: z.literal("codes") }),
  z.strictObject({ kind: z.literal("flow") }),
  z.strictObject({ kind: z.literal("distillation") }),
]);

const positive = z.int().positive();

const headSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("linear") }),
  z.strictObject({ kind: z.literal("mlp"), hidden: positive }),
  z.strictObject({ kind: z.literal("glu"), hidden: positive }),
  z.strictObject({ kind: z.literal("merger"), hidden: positive }),
  z.strictObject({
    kind: z.literal("codebook"),
    codes: positive,
    groups: positive,
    fed: z.enum(["straight-through", "soft"]),
  }),
  z.strictObject({ kind: z.literal("flow"), hidden: positive, steps: positive }),
  z.strictObject({ kind: z.literal("placeholder"), distinct: z.boolean() }),
]);

const slotsSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("oracle") }),
  z.strictObject({
    kind: z.literal("own"),
    share: scheduleSchema,
    gradient: z.boolean(),
    passes: z.enum(["one", "each"]),
  }),
]);

const viewSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  z.strictObject({ kind: z.literal("hidden-image"), from: z.enum(["answer", "question"]), share }),
]);

export const variantSchema = z.strictObject({
  /** The recipe that is changed. */
  of: z.string(),
  latentWeight: z.number().nonnegative().optional(),
  latentsPerBlock: z.int().positive().optional(),
  loss: lossSchema.optional(),
  head: headSchema.optional(),
  plan: z.enum(["given", "dropped", "required", "bare"]).optional(),
  space: z.strictObject({ kind: z.enum(["raw", "standardised", "whitened"]) }).optional(),
  /** Of every stage that has latents. */
  slots: slotsSchema.optional(),
  view: viewSchema.optional(),
});

export type Variant = z.infer<typeof variantSchema>;

/**
 * The recipe of a name: one of the plan's own, else a known one.
 *
 * Errors: code "usage" with the nearest names for an unknown one.
 *
 * @example
 * recipeIn({ recipes: { strong: { of: "joint", latentWeight: 1 } } }, "strong").latentWeight; // 1
 */
export function recipeIn(
  plan: { recipes?: Readonly<Record<string, Variant>> | undefined },
  name: string,
): Recipe {
  const own = plan.recipes ?? {};
  if (!Object.hasOwn(own, name)) {
    if (Object.hasOwn(recipes, currentRecipeName(name))) return recipeOf(name);
    throw unknownName("recipe", name, [...Object.keys(own), ...Object.keys(recipes)], {
      note: "list: docs/recipes.md",
    });
  }
  const { of, slots, view, ...parts } = own[name]!;
  const base = recipeOf(of);
  const stages = base.stages.map((stage) =>
    stage.response === "latents" ? { ...stage, ...(slots && { slots }), ...(view && { view }) } : stage,
  );
  // Zod says `undefined` of keys that may be left out; those are left out.
  return { ...base, ...(definedOnly(parts) as Partial<Recipe>), stages };
}

const definedOnly = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

/**
 * What `trainModel` is told of a recipe of a plan: its name where it is known, else the recipe itself and its name.
 *
 * @example
 * recipeFor({ recipes: { strong2: { of: "joint", latentWeight: 2 } } }, "strong2").recipeName; // "strong2"
 */
export const recipeFor = (
  plan: { recipes?: Readonly<Record<string, Variant>> | undefined },
  name: string,
): { recipe: string } | { recipe: Recipe; recipeName: string } =>
  Object.hasOwn(plan.recipes ?? {}, name)
    ? { recipe: recipeIn(plan, name), recipeName: name }
    : { recipe: name };
