import { tasks } from "./registry.ts";
import type { Example, Task } from "./types.ts";

/**
 * An example with what its task knows of it beyond its columns: where the subject of the question is in the images, and the
 * images in words. What it says itself stays; of unknown tasks nothing is known.
 */
export function described(task: string, example: Example): Example {
  const known: Task | undefined = Object.hasOwn(tasks, task) ? tasks[task as keyof typeof tasks] : undefined;
  return { ...known?.describe?.(example), ...example };
}
