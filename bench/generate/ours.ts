/** Our side of `npm run bench:generate`: bench/generate/ours.ts DIR EXAMPLES. Prints one JSON line. */
import { generateDataset } from "../../src/tasks/index.ts";

const [out, examples] = [process.argv[2]!, Number(process.argv[3])];
const started = performance.now();
await generateDataset({
  task: "tetris",
  out,
  train: examples,
  eval: 0,
  heldOut: 0,
  workers: 2,
  parameters: { sheet: "lantern" },
});
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    seconds,
    examples,
    perSecond: examples / seconds,
    pixelsPerExample: 872 * 794 + 622 * 332,
    cpuSeconds: (user + system) / 1e6,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }),
);
