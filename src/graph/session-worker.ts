/** The thread behind `createRemoteSession`: one session, whose runs are processed in the order of the requests. */
import { parentPort, workerData } from "node:worker_threads";
import { openModel } from "./onnx-session.ts";
import {
  type RunOrder,
  type SessionAnswer,
  type SessionOrder,
  sizeOf,
  valuesIn,
} from "./session-messages.ts";

const { model, signature, options, inputs, outputs, shared } = workerData as SessionOrder;
const say = (answer: SessionAnswer): void => parentPort!.postMessage(answer);

// ONNX Runtime does not accept shared memory: values are copied in and out.
const given = new Float32Array(sizeOf(inputs));
const made = new Float32Array(sizeOf(outputs));
const [givenValues, madeValues] = [valuesIn(given, inputs), valuesIn(made, outputs)];
const resident = new Set(outputs.map(({ name }) => name));

try {
  const session = await openModel(model, signature, options);
  const run = async (order: RunOrder): Promise<void> => {
    try {
      given.set(new Float32Array(shared));
      const results = await session.run({ ...order.inputs, ...givenValues }, madeValues);
      new Float32Array(order.into).set(made);
      say({ values: Object.fromEntries(Object.entries(results).filter(([name]) => !resident.has(name))) });
    } catch (error) {
      say({ failed: (error as Error).message });
    }
  };
  // One after the other. A thread that is stopped within ONNX Runtime takes the process with it: it ends by itself.
  let last = Promise.resolve();
  parentPort!.on("message", (order: RunOrder | "release") => {
    last = last.then(async () => {
      if (order !== "release") return run(order);
      await session.release();
      parentPort!.close();
    });
  });
  say({ values: null });
} catch (error) {
  say({ failed: (error as Error).message });
}
