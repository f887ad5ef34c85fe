import { LintelError, unknownName } from "../util/index.ts";
import { lantern } from "./lantern.ts";
import type { Family } from "./types.ts";

/** Every family. A new one is its file and one line here. */
export const families = { lantern } as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

/**
 * The family of a checkpoint, by its config.json, or by name where the user says so.
 *
 * @example
 * familyOf({ latent_size: 8, lvr_start_id: 151665 }).name; // "lantern"
 */
export function familyOf(config: Readonly<Record<string, unknown>>, name?: string): Family {
  const known: Record<string, Family> = families;
  if (name !== undefined) {
    const family = known[name];
    if (family) return family;
    throw unknownName("--family", name, Object.keys(known));
  }
  const found = Object.values(known).find((family) => family.detect(config));
  if (found) return found;
  throw new LintelError("checkpoint", {
    where: "config.json",
    expected: `the latent keys of a known family (${Object.keys(known).join(", ")})`,
    got: `keys ${Object.keys(config).join(", ")}`,
    attempt: "naming the family with --family, or a checkpoint that has latent tokens",
  });
}
