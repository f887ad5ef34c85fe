import type { AddCommand } from "../program.ts";

/**
 * `lintel probe DEVICE`, for `doctor`: whether a device runs a graph. In a process of its own, because drivers write to
 * standard error past us and may take the process down.
 */
export const probe: AddCommand = (program, context) => {
  program
    .command("probe", { hidden: true })
    .description("Tries a device and prints the result as JSON (for `lintel doctor`).")
    .requiredOption("--device <name>", "device to try")
    .option("--seconds <s>", "measure matrix products for so long", Number, 0)
    .action(async ({ device, seconds }: { device: string; seconds: number }) => {
      const { deviceNamed } = await import("../../graph/index.ts");
      const { tryDevice } = await import("../devices.ts");
      context.out(`${JSON.stringify(await tryDevice(deviceNamed(device), seconds))}\n`);
    });
};
