import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, release } from "node:os";
import { libcName, lintelVersion, packageVersion, usableCores, usableMemory } from "../../util/index.ts";
import { type AddCommand, examples } from "../command.ts";
import type { DeviceReport } from "../devices.ts";
import { bytes, columns, duration, figure } from "../format.ts";
import { perform } from "../perform.ts";

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

/** `lintel doctor` */
export const doctor: AddCommand = (program, context) => {
  program
    .command("doctor")
    .summary("check this machine: cores, memory, devices, versions")
    .description(
      "Prints cores, memory, disk and versions, runs a graph on each device and compares its numbers with the CPU's. " +
        "For a device that does not work it prints the reason and what to install.",
    )
    .addHelpText("after", examples("lintel doctor --json"))
    .action((_options: unknown, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
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
