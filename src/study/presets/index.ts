/** Every preset. A new one is its file and one line here. */
import { readFile } from "node:fs/promises";
import { parseYaml } from "../../formats/index.ts";
import { LintelError, unknownName } from "../../util/index.ts";
import { parsePlan, type StudyInput, type StudyPlan } from "../plan.ts";
import type { OnNote } from "../recipe-names.ts";
import { frontier } from "./frontier.ts";
import { larger } from "./larger.ts";
import { pocket } from "./pocket.ts";
import { regimes } from "./regimes.ts";
import { smoke } from "./smoke.ts";

export const presets = { pocket, smoke, frontier, regimes, larger } as const satisfies Record<
  string,
  StudyInput
>;

/**
 * The plan of a preset's name, or of a YAML file.
 *
 * Errors: "usage" with the nearest presets for a name that is neither; "usage" naming the field of a faulty file.
 *
 * @example
 * (await loadPlan("smoke")).name; // "smoke"
 */
export async function loadPlan(presetOrFile: string, onNote?: OnNote): Promise<StudyPlan> {
  if (Object.hasOwn(presets, presetOrFile)) {
    return parsePlan(presets[presetOrFile as keyof typeof presets], `preset ${presetOrFile}`);
  }
  let text: string;
  try {
    text = await readFile(presetOrFile, "utf8");
  } catch (cause) {
    const looksLikeFile = /[./\\]/.test(presetOrFile);
    if (!looksLikeFile)
      throw unknownName("preset", presetOrFile, Object.keys(presets), {
        note: "docs/study.md lists them; a YAML file can define one",
        cause,
      });
    throw new LintelError("usage", {
      where: presetOrFile,
      expected: `a readable YAML file, or one of the presets ${Object.keys(presets).join(", ")}`,
      got: `${(cause as NodeJS.ErrnoException).code}`,
      cause,
    });
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (cause) {
    throw new LintelError("usage", {
      where: presetOrFile,
      expected: "YAML",
      got: (cause as Error).message,
      cause,
    });
  }
  return parsePlan(value, presetOrFile, onNote);
}
