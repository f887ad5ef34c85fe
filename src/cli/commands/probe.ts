import { Option } from "commander";
import type { AddCommand } from "../program.ts";

/**
 * `lintel probe DEVICE`, for `doctor`: whether a device runs a graph. In a process of its own, because drivers write to
 * standard error past us and may take the process down.
 */
export const probe: AddCommand = (program, context) => {
  program
    .command("probe", { hidden: true })
    .description("Tries a device and prints the result as JSON (for `lintel doctor`).")
    .addOption(
      new Option("--device <device>", "device to try")
        .choices(["cpu", "cuda", "webgpu"])
        .makeOptionMandatory(),
    )
    .option("--seconds <s>", "measure matrix products for so long", Number, 0)
    .action(async ({ device, seconds }: { device: "cpu" | "cuda" | "webgpu"; seconds: number }) => {
      const { tryDevice } = await import("../devices.ts");
      context.out(`${JSON.stringify(await tryDevice(device, seconds))}\n`);
    });
};
