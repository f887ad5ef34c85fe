/**
 * Sample logs of lm-evaluation-harness (`samples_TASK_TIME.jsonl`, lm_eval/loggers/evaluation_tracker.py) and of lmms-eval
 * (`TIME_samples_TASK.jsonl`, lmms_eval/loggers/evaluation_tracker.py at 0716c69, which leaves out `doc`, and `resps` where
 * they equal `filtered_resps`). One file is one intervention.
 */
import { LintelError } from "../../../util/index.ts";
import { type LocatedRow, parseRow, type Row } from "../row.ts";
import { type FormatOptions, interventionOfFile, type LocatedRecord, type OutcomeFormat } from "./format.ts";

/** Metrics that say whether a reply is right, the usual first. */
const METRICS = ["acc", "exact_match", "acc_norm", "em", "accuracy", "score"] as const;
/** What lm-eval writes where a filter finds no answer. */
const INVALID = "[invalid]";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Options of a document: a list of texts, or ARC's `{ text, label }`. */
function optionsOf(doc: Record<string, unknown>): string[] | null {
  const given = doc.options ?? doc.choices;
  const list = isObject(given) ? given.text : given;
  return Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === "string")
    ? list
    : null;
}

/** 0 or 1 of a metric's value, which may be inside an object (`{ score: 1 }`); null where it is neither. */
function truth(value: unknown): boolean | null {
  if (isObject(value)) return truth(value.score ?? value.correct ?? value.acc);
  if (typeof value === "boolean") return value;
  return value === 0 || value === 1 ? value === 1 : null;
}

function metricOf({ record, where }: LocatedRecord, metric: string | undefined): boolean {
  const own = Array.isArray(record.metrics) ? record.metrics.map(String) : [];
  const keys = Object.keys(record).filter((key) => truth(record[key]) !== null && key !== "doc_id");
  const named =
    metric ??
    [...own, ...METRICS].find((key) => keys.includes(key)) ??
    (keys.length === 1 ? keys[0] : undefined);
  const value = named === undefined ? null : truth(record[named]);
  if (value !== null) return value;
  throw new LintelError("input", {
    where,
    expected:
      metric === undefined
        ? `a metric of 0 or 1, such as ${METRICS.slice(0, 3).join(", ")}`
        : `${metric} of 0 or 1`,
    got:
      named === undefined
        ? `the fields ${Object.keys(record).join(", ")}`
        : `${JSON.stringify(record[named])?.slice(0, 60)}`,
    attempt: "--metric NAME",
  });
}

const firstText = (value: unknown): string | undefined => {
  const first = Array.isArray(value) ? value.flat(3)[0] : value;
  return typeof first === "string" ? first : undefined;
};

/** Position of the option that a filter found: null for none, undefined where it is no option. */
function optionFound(found: string | undefined, options: readonly string[]): number | null | undefined {
  if (found === undefined || found === INVALID) return found === INVALID ? null : undefined;
  const at = options.indexOf(found);
  return at < 0 ? undefined : at;
}

/** A log's record as a row, with its choice where the log says which option it is. */
function rowOf(
  located: LocatedRecord,
  intervention: string,
  options: FormatOptions,
  lenient?: LocatedRecord,
): Row {
  const { record, where } = located;
  const doc = isObject(record.doc) ? record.doc : {};
  const listed = optionsOf(doc);
  const id = doc.id ?? record.doc_id;
  const text = firstText(record.resps) ?? firstText(record.filtered_resps);
  const answer = typeof doc.answer === "number" ? doc.answer : listed?.indexOf(String(record.target));
  const choice = listed ? optionFound(firstText(record.filtered_resps), listed) : undefined;
  const known =
    listed && answer !== undefined && listed[answer] !== undefined ? { options: listed, answer } : null;
  const second =
    lenient && known ? optionFound(firstText(lenient.record.filtered_resps), known.options) : undefined;
  const { row } = parseRow(
    {
      example: id,
      intervention,
      ...(known ?? (listed && { chance: 1 / listed.length })),
      ...(known && choice !== undefined ? { choice } : { correct: metricOf(located, options.metric) }),
      ...(second !== undefined && { lenient: second }),
      ...(text !== undefined && { text }),
      ...(typeof doc.question === "string" && { question: doc.question }),
      ...(typeof doc.group === "string" && { group: doc.group }),
      ...(isObject(doc.attributes) && { attributes: doc.attributes }),
    },
    where,
  );
  return row;
}

export const lmEval: OutcomeFormat = {
  title: "sample logs of lm-evaluation-harness and lmms-eval, one file for each intervention",
  fits: (record) => "doc_id" in record && ("resps" in record || "filtered_resps" in record),
  rows(records, file, options) {
    const intervention = interventionOfFile(file, options);
    const filters = [...new Set(records.map(({ record }) => record.filter as string | undefined))];
    const filter = options.filter ?? (filters.includes("exact") ? "exact" : filters[0]);
    if (!filters.includes(filter))
      throw new LintelError("usage", {
        where: file,
        expected: `a filter of the log: ${filters.join(", ")}`,
        got: String(filter),
        attempt: `--filter ${filters[0]}`,
      });
    const other = new Map(
      records.flatMap((each) =>
        each.record.filter === "lenient" ? [[each.record.doc_id, each] as const] : [],
      ),
    );
    const rows = records
      .filter(({ record }) => record.filter === filter)
      .map((each): LocatedRow => {
        const lenient = filter === "lenient" ? undefined : other.get(each.record.doc_id);
        return { row: rowOf(each, intervention, options, lenient), where: each.where };
      });
    // One reply that is no option makes all of them a matter of right and wrong.
    if (
      rows.every(({ row }) => row.choice !== undefined) ||
      rows.every(({ row }) => row.correct !== undefined)
    )
      return rows;
    const byWhere = new Map(records.map((each) => [each.where, each]));
    return rows.map(({ row: { choice: _, lenient: __, ...row }, where }) => ({
      row: { ...row, correct: metricOf(byWhere.get(where)!, options.metric) },
      where,
    }));
  },
};
