/** What a format of outcomes is. */
import { LintelError } from "../../../util/index.ts";
import type { LocatedRow } from "../row.ts";

/** A record of a file and its place. */
export interface LocatedRecord {
  record: Record<string, unknown>;
  where: string;
}

export interface FormatOptions {
  /** Intervention of all rows of the file, where its rows name none. */
  intervention?: string | undefined;
  /** Of sample logs: the metric that says whether a reply is right, and the filter of replies. */
  metric?: string | undefined;
  filter?: string | undefined;
}

export interface OutcomeFormat {
  title: string;
  /** Whether a file with this first record is of the format. */
  fits(record: Record<string, unknown>): boolean;
  rows(records: readonly LocatedRecord[], file: string, options: FormatOptions): LocatedRow[];
}

/** The intervention of a file whose rows name none; throws "usage" where the command names none. */
export function interventionOfFile(file: string, { intervention }: FormatOptions): string {
  if (intervention !== undefined) return intervention;
  throw new LintelError("usage", {
    where: file,
    expected: "the intervention that was run, which this format does not record",
    got: "none",
    attempt: `own=${file}, one such argument for each intervention`,
  });
}
