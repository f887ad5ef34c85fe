import { LintelError, unknownName } from "../util/index.ts";
import { base } from "./base.ts";
import { covt } from "./covt.ts";
import { ilvr } from "./ilvr.ts";
import { coconut } from "./in-prompt/coconut.ts";
import { colt } from "./in-prompt/colt.ts";
import { cvrr } from "./in-prompt/cvrr.ts";
import { ivtLr } from "./in-prompt/ivt-lr.ts";
import { lavit } from "./in-prompt/lavit.ts";
import { livr } from "./in-prompt/livr.ts";
import { onevl } from "./in-prompt/onevl.ts";
import { rot } from "./in-prompt/rot.ts";
import { lantern } from "./lantern.ts";
import { laser } from "./laser.ts";
import { lvr } from "./lvr.ts";
import { mirage } from "./mirage.ts";
import { monet } from "./monet.ts";
import { realvr } from "./realvr.ts";
import { skila } from "./skila.ts";
import { swimbird } from "./swimbird.ts";
import type { Family, IdOf, RawConfig } from "./types.ts";
import { univlr } from "./univlr.ts";
import { wmVlm } from "./wm-vlm.ts";

/** All families. To add one, create its file and a line here. */
export const families = {
  lantern,
  lvr,
  realvr,
  univlr,
  colt,
  rot,
  onevl,
  laser,
  lavit,
  mirage,
  ilvr,
  monet,
  skila,
  covt,
  livr,
  swimbird,
  coconut,
  "ivt-lr": ivtLr,
  "wm-vlm": wmVlm,
  cvrr,
  base,
} as const satisfies Record<string, Family>;

/** Families and their dialects by name. */
export const namedFamilies: Readonly<Record<string, Family>> = Object.fromEntries(
  Object.values<Family>(families).flatMap((family) => [
    [family.name, family] as const,
    ...Object.entries(family.dialects ?? {}),
  ]),
);

/**
 * A family, or one of its dialects, by name.
 *
 * Errors: "usage" with the nearest name.
 *
 * @example
 * familyNamed("lvr-none").dialect; // "lvr-none"
 */
export function familyNamed(name: string): Family {
  const family = Object.hasOwn(namedFamilies, name) ? namedFamilies[name] : undefined;
  if (family) return family;
  throw unknownName("family", name, Object.keys(namedFamilies), {
    note: "docs/families.md lists them; a YAML file can define one",
  });
}

/**
 * The family of a checkpoint: `chosen` if given, otherwise detected from config.json and the tokenizer.
 *
 * Errors: "checkpoint" if no family or more than one matches.
 *
 * @example
 * familyOf({ latent_size: 8, lvr_start_id: 151665 }).name; // "lantern"
 */
export function familyOf(config: RawConfig, chosen?: string | Family, idOf: IdOf = () => undefined): Family {
  if (chosen !== undefined) return typeof chosen === "string" ? familyNamed(chosen) : chosen;
  const found = Object.values<Family>(families).filter((family) => family.detect(config, idOf));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new LintelError("checkpoint", {
      where: "config.json",
      expected: "the keys of one family",
      got: `the keys of ${found.map((family) => family.name).join(" and ")}`,
      attempt: found.map((family) => `--family ${family.name}`).join(" or "),
    });
  }
  throw new LintelError("checkpoint", {
    where: "config.json",
    expected: `the latent keys of a known family (${Object.keys(families).join(", ")})`,
    got: `keys ${Object.keys(config).join(", ")}`,
    attempt: "--family NAME (base: a model without latents), or a checkpoint with latent tokens",
  });
}
