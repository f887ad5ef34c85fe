/** Directories of audits with known outcomes, as `lintel audit --out` leaves them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExampleOutcomes, summarize } from "../../src/audit/index.ts";
import { writeLatents } from "../../src/audit/record/latents-file.ts";
import { writeResult } from "../../src/audit/record/output.ts";
import { type Question, writeQuestions } from "../../src/audit/tables/questions-file.ts";
import { sealed } from "../../src/formats/index.ts";

/** Writes journal, questions, latents and result; every second example has the attribute `size` "big". */
export async function writePlantedAudit(
  directory: string,
  outcomes: readonly ExampleOutcomes[],
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const lines = outcomes.map((each) => `${JSON.stringify(sealed(each))}\n`).join("");
  writeFileSync(join(directory, "outcomes.jsonl"), lines);
  const questions = outcomes.map(
    ({ example, options, answer }, i): Question => ({
      example,
      question: `Question ${i} of <image>, with "quotes", commas\nand lines?`,
      options,
      answer,
      attributes: { size: i % 2 === 0 ? "big" : "small", index: i },
      images: 1,
      helpers: 1,
    }),
  );
  await writeQuestions(directory, questions);
  const [n, slots, width] = [outcomes.length, 2, 3];
  const values = (shift: number) =>
    Float32Array.from({ length: n * slots * width }, (_, i) => Math.sin(1 + i * 1.7 + shift * ((i % 7) + 1)));
  const latents = {
    examples: outcomes.map(({ example }) => example),
    slots,
    width,
    own: values(0),
    oracle: values(0.3),
    hasOwn: outcomes.map((_, i) => i !== 1),
    hasOracle: outcomes.map(() => true),
  };
  latents.own.fill(Number.NaN, slots * width, 2 * slots * width);
  await writeLatents(join(directory, "latents.safetensors"), latents);
  await writeResult(directory, summarize(outcomes, latents, { split: "eval" }));
}
