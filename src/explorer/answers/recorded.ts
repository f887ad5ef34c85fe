/** The model of an audit as its record describes it: what was asked for then is asked for again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { AuditResult, ModelRequest } from "../../audit/index.ts";
import { familyNamed } from "../../families/index.ts";
import { defined } from "../../util/index.ts";
import type { AuditedModel } from "./types.ts";

/** What is read of `asked.json`. */
const askedSchema = z.object({
  inputs: z
    .object({ model: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional() })
    .optional(),
  oracle: z.object({ model: z.string().optional() }).optional(),
});
type Asked = z.infer<typeof askedSchema>;

/** `asked.json` of an audit; nothing where there is none, or one of another form. */
async function askedOf(directory: string): Promise<Asked> {
  try {
    return askedSchema.parse(JSON.parse(await readFile(join(directory, "asked.json"), "utf8")));
  } catch {
    // Audits of early versions and of other tools keep none: the check of the model says so.
    return {};
  }
}

/** A named family; undefined for those of files, which are found by config.json or `--family`. */
function known(dialect: string | undefined): string | undefined {
  try {
    return dialect === undefined ? undefined : familyNamed(dialect) && dialect;
  } catch {
    return undefined;
  }
}

/** Options that an audit recorded; those of an engine only where `given` names one. */
function optionsOf(
  { loop, weights, questions, engine }: Partial<AuditResult>,
  { oracle }: Asked,
  given: Partial<ModelRequest>,
): Partial<ModelRequest> {
  const { from, bounds, source } = questions?.pictures ?? {};
  const pixels = from === "checkpoint" && source === "as specified" ? "checkpoint" : undefined;
  return defined({
    family: known(loop?.dialect),
    repetitionPenalty: loop?.decoding.repetitionPenalty,
    maxTokens: loop?.decoding.maxTokens,
    pixels: pixels as ModelRequest["pixels"],
    minPixels: from === "options" ? bounds?.minPixels : undefined,
    maxPixels: from === "options" ? bounds?.maxPixels : undefined,
    ...(given.engine
      ? {
          engine: {
            ...defined({ dtype: engine?.dtype, attention: engine?.attention }),
            ...given.engine,
          } as ModelRequest["engine"],
        }
      : { weights, oracleModel: oracle?.model }),
  });
}

/**
 * The model of an audit in `directory`: what `given` says, else what the audit recorded, else as usual.
 */
export async function recordedModel(
  directory: string,
  result: AuditResult | null,
  task: string,
  given: Partial<ModelRequest> & Pick<ModelRequest, "directory">,
): Promise<AuditedModel> {
  const asked = await askedOf(directory);
  const options = optionsOf(result ?? {}, asked, given);
  return {
    // The engine of `options` is that of `given` with what the audit recorded of it.
    request: { ...options, ...given, ...(options.engine && { engine: options.engine }) },
    ...(task !== "" && { task }),
    ...defined({ fingerprint: asked.inputs?.model, dialect: result?.loop?.dialect }),
  };
}
