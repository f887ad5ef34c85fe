import type { AddCommand } from "../command.ts";

interface Options {
  device?: string;
  seconds: number;
  prove?: boolean;
  images?: boolean;
}

/**
 * `lintel probe`, for `doctor` and before work: tests a device or the image library in a separate process, because native
 * code writes to standard error and may crash the process.
 */
export const probe: AddCommand = (program, context) => {
  program
    .command("probe", { hidden: true })
    .description("Tries a device or the image library and prints the result as JSON (for `lintel doctor`).")
    .option("--device <name>", "device to try")
    .option("--seconds <s>", "measure matrix products for this time", Number, 0)
    .option("--prove", "compare the device's numbers with the CPU's")
    .option("--images", "try the image library")
    .action(async ({ device, seconds, prove = false, images }: Options) => {
      const { tryDecoder, tryDevice } = await import("../devices.ts");
      const say = (answer: unknown): void => context.out(`${JSON.stringify(answer)}\n`);
      if (images) say(await tryDecoder());
      if (device === undefined) return;
      const { deviceNamed } = await import("../../graph/index.ts");
      say(await tryDevice(deviceNamed(device), { seconds, prove }));
    });
};
