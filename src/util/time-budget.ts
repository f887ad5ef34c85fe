/** Ends synchronous work, regular expressions included, that takes too long. */
import vm from "node:vm";

/** Work that was ended. */
export class TimeBudgetError extends Error {}

let shared: { context: vm.Context; call: vm.Script } | null = null;

/**
 * The result of `work`, which may take so many milliseconds. Node ends it from another thread, so that loops and
 * expressions that never come back end too.
 *
 * Errors: `TimeBudgetError`, and those of `work`.
 *
 * @example
 * withinTime(1000, () => 2 + 2); // 4
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  // One context for all: making one takes milliseconds. Work within work replaces what has begun already.
  shared ??= { context: vm.createContext({}), call: new vm.Script("work()") };
  shared.context.work = work;
  try {
    return shared.call.runInContext(shared.context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new TimeBudgetError(`more than ${milliseconds / 1000} s`);
    throw error;
  } finally {
    shared.context.work = undefined;
  }
}
