/** Slices that `--slice` named, as text. */
import type { AuditResult } from "../audit/index.ts";
import { pEquals, points, share } from "../statistics/index.ts";
import { columns } from "./format.ts";

const UNKNOWN = "–";
const known = <T>(value: T | null | undefined, show: (value: T) => string): string =>
  value === null || value === undefined ? UNKNOWN : show(value);
const change = (value: number): string => points(value).replace(" points", "");

/** A table of each slice: accuracies, and differences to own latents on its examples. */
export function slicesText(slices: NonNullable<AuditResult["namedSlices"]>): string {
  const tables = Object.entries(slices).map(([name, { n, missing, interventions, comparisons }]) => {
    const rows = Object.entries(interventions).map(([intervention, { accuracy }]) => {
      const row = comparisons.find((each) => each.intervention === intervention && each.reference === "own");
      return [
        `  ${intervention}`,
        share(accuracy),
        ...(row
          ? [
              known(row.difference, change),
              known(row.interval, ([low, high]) => `[${change(low)}, ${change(high)}]`),
              known(row.holmP, (value) => pEquals(value).replace(/^p (= )?/, "")),
              String(row.wrongToRight),
              String(row.rightToWrong),
            ]
          : []),
      ];
    });
    const lacking = missing > 0 ? `; ${missing} more are not in this audit` : "";
    return [
      `slice ${name}: ${n} examples${lacking}`,
      columns([
        ["  intervention", "accuracy", "− own", "95 % interval", "p (Holm)", "gained", "lost"],
        ...rows,
      ]),
    ].join("\n");
  });
  return tables.join("\n\n");
}
