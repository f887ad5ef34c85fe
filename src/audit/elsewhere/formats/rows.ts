/** Lintel's own rows: one example under one intervention. */
import { parseRow } from "../row.ts";
import type { OutcomeFormat } from "./format.ts";

export const rows: OutcomeFormat = {
  title: "rows of example, intervention and choice or correctness (docs/outcomes.schema.json)",
  fits: () => true,
  rows: (records, _file, { intervention }) =>
    records.map(({ record, where }) =>
      parseRow(intervention === undefined ? record : { intervention, ...record }, where),
    ),
};
