import type { Task } from "../../src/tasks/index.ts";

/** A task whose examples are small panels unless a rendering is asked for. */
export const pocketOf = (task: Task): Task => ({
  ...task,
  generate: (split, count, seed, parameters, share) =>
    task.generate(split, count, seed, { rendering: "pocket", ...parameters }, share),
});
