/** `lintel doctor --engine torch`: what a Python has, and how far a model agrees with itself in half precision. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Agreement } from "../audit/index.ts";
import type { EngineMachine } from "../engine/index.ts";
import type { EngineDtype, EngineRequest } from "../reasoning/index.ts";
import { ensure } from "../util/index.ts";
import { bytes, columns, duration } from "./format.ts";
import type { Tools } from "./perform.ts";

/** What is asked of `lintel doctor` about a model. */
interface ModelTrial {
  model: string;
  family?: string | undefined;
  data?: string | undefined;
  map?: string | undefined;
  limit?: number | undefined;
  interventions?: string[] | undefined;
  threads?: number | undefined;
}

/** Examples that are audited unless others are asked for. */
const EXAMPLES = 20;
const REFERENCE = "float32";

/** A model in float32 and in another type, on the same examples. */
interface PrecisionReport {
  model: string;
  reference: EngineDtype;
  dtype: EngineDtype;
  data: string;
  seconds: Record<string, number>;
  agreement: Agreement[];
}

/** Starts the engine, and says what it has. */
export async function engineMachine(request: EngineRequest, { signal, log }: Tools): Promise<EngineMachine> {
  const { readEngineMachine } = await import("../engine/index.ts");
  return readEngineMachine(request.command, { signal, onLine: (line) => log(`engine: ${line}`) });
}

/**
 * Audits a model in float32 and in `engine.dtype` (default: bfloat16) on the same examples, which are generated where no
 * data are given.
 *
 * Errors: "usage" where float32 would be compared with itself; and as `auditModel`.
 */
export async function comparePrecision(
  engine: EngineRequest,
  { model, data, map, limit = EXAMPLES, ...trial }: ModelTrial,
  { signal, log, onProgress }: Tools,
): Promise<PrecisionReport> {
  const { dtype = "bfloat16" } = engine;
  ensure(dtype === "bfloat16" || dtype === "float16", "usage", () => ({
    where: "--dtype",
    expected: `bfloat16 or float16, which is compared with ${REFERENCE}`,
    got: dtype,
  }));
  const { agreementOf, auditModel, readInterventions, readOutcomes } = await import("../audit/index.ts");
  const named = trial.interventions && (await readInterventions(trial.interventions));
  const scratch = await mkdtemp(join(tmpdir(), "lintel-doctor-"));
  try {
    const directory = data ?? join(scratch, "tetris");
    if (data === undefined) {
      const { generateDataset } = await import("../tasks/index.ts");
      await generateDataset({ task: "tetris", out: directory, train: 0, eval: limit, heldOut: 0 });
    }
    const seconds: Record<string, number> = {};
    const outcomesIn = async (type: EngineDtype) => {
      const out = join(scratch, type);
      const began = performance.now();
      await auditModel({
        data: { directory, limit, ...(map !== undefined && { map }) },
        model: {
          directory: model,
          engine: { ...engine, dtype: type },
          ...(trial.family !== undefined && { family: trial.family }),
          ...(trial.threads !== undefined && { threads: trial.threads }),
        },
        ...(named && { interventions: named }),
        output: { directory: out, label: type },
        onWarning: (warning) => log(`lintel: ${warning}`),
        onLine: (line) => log(`engine: ${line}`),
        onProgress,
        signal,
      });
      seconds[type] = (performance.now() - began) / 1000;
      return readOutcomes(join(out, "outcomes.jsonl"));
    };
    const [full, half] = [await outcomesIn(REFERENCE), await outcomesIn(dtype)];
    const agreement = agreementOf(full, half);
    return { model, reference: REFERENCE, dtype, data: data ?? "tetris, generated", seconds, agreement };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Rows of the machine of an engine. */
export const machineRows = ({ host, versions, devices, threads, attention }: EngineMachine): string[][] => [
  ["host", host],
  ...Object.entries(versions).map(([name, version]) => [name, version ?? "not installed"]),
  ["threads", String(threads)],
  ["attention", attention.join(", ")],
  ...devices.map(({ device, name, memory, bfloat16 }) => [
    device,
    `${name}, ${bytes(memory.free)} of ${bytes(memory.total)} free${bfloat16 ? "" : ", bfloat16 only emulated"}`,
  ]),
];

/** A text within a table: its end, where answers stand. */
const shortened = (text: string): string => {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length > 30 ? `…${line.slice(-29)}` : line;
};

/** The comparison as text. */
export function precisionText({
  model,
  reference,
  dtype,
  data,
  seconds,
  agreement,
}: PrecisionReport): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const head = [
    ...["intervention", "examples", "same answer", "same text"],
    ...[`accuracy ${reference}`, dtype, "first difference"],
  ];
  const rows = agreement.map(({ intervention, examples, missing, answers, texts, accuracy, first }) => [
    intervention,
    `${examples}${missing > 0 ? ` (${missing} in one only)` : ""}`,
    `${answers} (${percent(answers / Math.max(1, examples))})`,
    String(texts),
    ...accuracy.map(percent),
    first ? `${first.example}: ${first.texts.map(shortened).join(" | ")}` : "none",
  ]);
  const sum = (of: (row: Agreement) => number): number => agreement.reduce((n, row) => n + of(row), 0);
  const [answers, all] = [sum((row) => row.answers), sum((row) => row.examples)];
  return [
    `${model} in ${dtype} and in ${reference}, on ${data}`,
    columns([head, ...rows]),
    `${answers} of ${all} answers are the same (${percent(answers / Math.max(1, all))}); ` +
      Object.entries(seconds)
        .map(([type, s]) => `${type}: ${duration(s)}`)
        .join(", "),
  ].join("\n");
}
