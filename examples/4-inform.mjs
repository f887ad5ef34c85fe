// How informative are a dataset's helper images beyond image and question? No model is needed.
//   npm run build && node examples/4-inform.mjs [DIRECTORY]
import { join } from "node:path";
import { generateDataset, inform, readSplit } from "lintel";

const directory = process.argv[2] ?? "runs/examples";
const data = join(directory, "tetris");
const parameters = { rendering: "pocket" };
await generateDataset({ task: "tetris", out: data, train: 60, eval: 0, heldOut: 0, parameters });

const { task, examples } = await readSplit(data, "train");
const { verdict, redundancy, information } = await inform(examples, { dataset: data, task, split: "train" });

console.log(`verdict: ${verdict}`);
console.log(`helpers contained in the input: ${(100 * redundancy.contained).toFixed(0)} %`);
console.log(`information about the answer: ${information.bits.toFixed(2)} bits`);
