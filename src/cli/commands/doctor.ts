import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, release } from "node:os";
import { lintelVersion, usableCores, usableMemory } from "../../util/index.ts";
import type { DeviceReport } from "../devices.ts";
import { bytes, columns, figure } from "../format.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

/** Matrix products are measured for so long, in seconds. */
const MEASURE = 0.5;

/** `lintel doctor` */
export const doctor: AddCommand = (program, context) => {
  program
    .command("doctor")
    .summary("what this machine offers: cores, memory, devices, versions")
    .description(
      "Prints what this machine offers, and tries each device instead of believing what is installed.",
    )
    .addHelpText("after", "\nExample:\n  $ lintel doctor --json")
    .action((_options: unknown, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
        const { devices, runtimeVersions } = await import("../../graph/index.ts");
        const { probeDevice } = await import("../devices.ts");
        const disk = await statfs(".");
        const found: DeviceReport[] = [];
        for (const [done, device] of devices.entries()) {
          onProgress({ label: "trying devices", done, total: devices.length, unit: "devices", note: device });
          found.push(await probeDevice(device, { seconds: MEASURE, signal }));
        }
        const report = {
          lintel: lintelVersion(),
          node: process.versions.node,
          ...runtimeVersions(),
          system: `${process.platform} ${release()} ${process.arch}`,
          processor: cpus()[0]?.model.trim() ?? "unknown",
          cores: { usable: usableCores(), logical: availableParallelism() },
          memory: { usable: usableMemory(), free: freemem() },
          disk: { directory: process.cwd(), free: disk.bavail * disk.bsize },
          devices: found,
        };
        const rows = [
          ["lintel", report.lintel],
          ["node", report.node],
          ["onnxruntime", report.onnxruntime],
          ["system", report.system],
          ["processor", report.processor],
          ["cores", `${report.cores.usable} usable, ${report.cores.logical} logical`],
          ["memory", `${bytes(report.memory.usable)} usable, ${bytes(report.memory.free)} free`],
          ["disk", `${bytes(report.disk.free)} free in ${report.disk.directory}`],
          ...found.map(({ device, available, reason, gflops }) => [
            device,
            available
              ? `works${gflops === null ? "" : `, ${figure(gflops)} GFLOP/s in matrix products`}`
              : `not available: ${reason}`,
          ]),
        ];
        return { text: columns(rows), json: report };
      }),
    );
};
