/** A worker of `paintInParallel`: paints its share of a split, a batch whenever more is requested. */
import { parentPort, workerData } from "node:worker_threads";
import { LintelError } from "../util/index.ts";
import { within } from "./draw.ts";
import type { WorkerMessage, WorkerOrder } from "./parallel.ts";
import { taskNamed } from "./registry.ts";
import type { Example } from "./types.ts";

/** Examples in a batch: enough that messages cost little, few enough that memory stays small. */
const batch = 16;

const { task, split, count, seed, parameters, ...share } = workerData as WorkerOrder;
const say = (message: WorkerMessage): void => parentPort!.postMessage(message);

/** Its own examples, also of a task that ignores shares and makes all. */
function* ownExamples(): Generator<Example> {
  for (const example of taskNamed(task).generate(split, count, seed, parameters, share)) {
    if (within(share, Number(example.id.slice(split.length + 1)))) yield example;
  }
}

const own = ownExamples();

parentPort!.on("message", () => {
  const examples: Example[] = [];
  try {
    while (examples.length < batch) {
      const { value, done } = own.next();
      if (done) break;
      examples.push(value);
    }
    say(examples.length > 0 ? { examples } : { done: true });
  } catch (error) {
    const code = error instanceof LintelError ? error.code : null;
    say({ failed: { code, message: (error as Error).message } });
  }
});
