import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, release } from "node:os";
import type { EngineRequest } from "../../reasoning/index.ts";
import {
  ensure,
  libcName,
  lintelVersion,
  packageVersion,
  usableCores,
  usableMemory,
} from "../../util/index.ts";
import { type AddCommand, engineOptions, examples, option, threads } from "../command.ts";
import type { DeviceReport } from "../devices.ts";
import { type EngineFlags, engineRequest } from "../engine-request.ts";
import { bytes, columns, duration, figure } from "../format.ts";
import { namesWithValues, whole } from "../options.ts";
import { perform, type Tools } from "../perform.ts";

interface Options extends EngineFlags {
  model?: string;
  family?: string;
  data?: string;
  map?: string;
  limit?: number;
  interventions?: string[];
  threads?: number;
}

/** Seconds for which matrix products are measured. */
const MEASURE = 0.5;

/** The line of a device that works. */
function workingText({ gflops, compared }: DeviceReport): string {
  const rate = gflops === null ? [] : [`${figure(gflops)} GFLOP/s in matrix products`];
  if (!compared) return ["works", ...rate].join(", ");
  const { cases, worst, seconds } = compared;
  return [
    "works",
    ...rate,
    `${cases} cases of operators and a small model as on the CPU (within ${worst.toExponential(0)}, compared in ${duration(seconds)})`,
  ].join(", ");
}

/** One line for what works; otherwise the reason and the advice. */
const trialRows = (
  name: string,
  { available, reason, attempt }: { available: boolean; reason?: string; attempt?: string },
  working: string,
): string[][] =>
  available
    ? [[name, working]]
    : [[name, `not available: ${reason}`], ...(attempt ? [["", `try ${attempt}`]] : [])];

/** What `--engine torch` asks for: the Python that it names, and a model there. */
async function engineReport(request: EngineRequest, { model, ...trial }: Options, tools: Tools) {
  const { comparePrecision, engineMachine, machineRows, precisionText } = await import("../engine-doctor.ts");
  const here = { lintel: lintelVersion(), node: process.versions.node };
  const engine = await engineMachine(request, tools);
  const precision = model === undefined ? null : await comparePrecision(request, { model, ...trial }, tools);
  const text = columns([
    ...Object.entries(here),
    ["python command", request.command],
    ...machineRows(engine),
  ]);
  return {
    text: precision ? `${text}\n\n${precisionText(precision)}` : text,
    json: { ...here, engine: { command: request.command, ...engine }, ...(precision && { precision }) },
  };
}

/** `lintel doctor` */
export const doctor: AddCommand = (program, context) => {
  const command = program
    .command("doctor")
    .summary("check this machine: cores, memory, devices, versions")
    .description(
      "Prints cores, memory, disk and versions, runs a small test graph on each device and compares its numbers with the " +
        "CPU's. For a device that does not work it prints the reason and what to install. With --engine torch it prints the " +
        "versions and devices of the Python of --python; with --model as well, it audits the checkpoint in float32 and in " +
        "half precision, and prints for each intervention how many answers agree.",
    )
    .optionsGroup("Agreement of two precisions (with --engine torch):")
    .option(
      "--model <dir>",
      "checkpoint to audit in float32 and in the half precision --dtype (here by default bfloat16), an absolute path on the machine of --python",
    )
    .option(
      "--family <name|file>",
      "published method that the checkpoint was trained with, as in lintel audit (default: detected)",
    )
    .addOption(
      option("--data <dir>", "dataset to audit it on", {
        usual: "tetris, generated",
      }),
    )
    .option("--map <name|file>", "how to read the records of --data, as in lintel audit")
    .addOption(option("--limit <n>", "use at most n examples", { parse: whole(1), usual: "20" }))
    .addOption(
      option("--interventions <list>", "comma-separated interventions to compare", {
        parse: namesWithValues,
        usual: "the 13 of the standard set",
      }),
    )
    .addOption(threads("with --engine torch: ").argParser(whole(1)))
    .optionsGroup("Engine:");
  for (const each of engineOptions()) command.addOption(each);
  command
    .addHelpText(
      "after",
      examples(
        "lintel doctor --json",
        "lintel doctor --engine torch --python /env/bin/python --model /models/mine-7b",
      ),
    )
    .action((options: Options, command) =>
      perform(context, command, async (tools) => {
        const { onProgress, signal } = tools;
        const request = engineRequest(options);
        if (request) return engineReport(request, options, tools);
        const alone = (["model", "data", "map", "family", "limit", "interventions", "threads"] as const).find(
          (name) => options[name] !== undefined,
        );
        ensure(alone === undefined, "usage", () => ({
          where: `--${alone}`,
          expected: "--engine torch beside it",
          got: "the engine in this process, whose devices are tried without a model",
        }));
        const { devices } = await import("../../graph/index.ts");
        const { probeDecoder, probeDevice } = await import("../devices.ts");
        const disk = await statfs(".");
        const found: DeviceReport[] = [];
        const trying = (done: number, note: string): void =>
          onProgress({ label: "trying", done, total: devices.length + 1, unit: "parts", note });
        for (const [done, device] of devices.entries()) {
          trying(done, device);
          found.push(await probeDevice(device, { seconds: MEASURE, prove: true, signal }));
        }
        trying(devices.length, "images");
        const images = await probeDecoder(signal);
        const report = {
          lintel: lintelVersion(),
          node: process.versions.node,
          onnxruntime: packageVersion("onnxruntime-node"),
          sharp: packageVersion("sharp"),
          system: `${process.platform} ${release()} ${process.arch}`,
          libc: libcName(),
          processor: cpus()[0]?.model.trim() ?? "unknown",
          cores: { usable: usableCores(), logical: availableParallelism() },
          memory: { usable: usableMemory(), free: freemem() },
          disk: { directory: process.cwd(), free: disk.bavail * disk.bsize },
          images,
          devices: found,
        };
        const rows = [
          ["lintel", report.lintel],
          ["node", report.node],
          ["onnxruntime", report.onnxruntime ?? "not installed"],
          ["sharp", report.sharp ?? "not installed"],
          ["system", report.libc ? `${report.system}, ${report.libc}` : report.system],
          ["processor", report.processor],
          ["cores", `${report.cores.usable} usable, ${report.cores.logical} logical`],
          ["memory", `${bytes(report.memory.usable)} usable, ${bytes(report.memory.free)} free`],
          ["disk", `${bytes(report.disk.free)} free in ${report.disk.directory}`],
          ...trialRows("images", images, "JPEG, WebP, GIF, TIFF, AVIF and rare PNGs are read"),
          ...found.flatMap((device) => trialRows(device.device, device, workingText(device))),
        ];
        return { text: columns(rows), json: report };
      }),
    );
};
