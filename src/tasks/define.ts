import type { SplitRequest } from "./four-options.ts";
import { checkRequest, resolveParameters, sheetFacts } from "./parameters.ts";
import type { Example, ParameterSpec, Parameters, PocketFacts, Task } from "./types.ts";

type Specs = Task["parameters"];
/** A task's parameters with defaults filled in. */
type Resolved<S extends Record<string, ParameterSpec>> = ReturnType<typeof resolveParameters<S>>;

/** Panels that a pocket model compares, each of them one visual token. */
export const panelFacts: PocketFacts = { maxPixels: 144, latentsPerBlock: 1, start: "matching" };

interface Definition<S extends Specs>
  extends Pick<Task, "name" | "title" | "description" | "splits" | "solve" | "describe"> {
  parameters: S;
  /**
   * What a pocket model must know of the pocket rendering, where parameters matter by them; default: panels of one visual
   * token, to be compared.
   */
  pocket?: PocketFacts | ((parameters: Parameters) => PocketFacts);
  /** As `Task.generate`, of a request that was checked. */
  generate(request: SplitRequest<Resolved<S>>): Iterable<Example>;
}

/**
 * A task from what only it knows: requests are checked and parameters filled in before its generator sees them, and a
 * pocket model sees full sheets as those of any task's.
 */
export const defineTask = <S extends Specs>({
  pocket = panelFacts,
  generate,
  ...task
}: Definition<S>): Task => ({
  ...task,
  pocket: (parameters) =>
    parameters.rendering === "full" ? sheetFacts : typeof pocket === "function" ? pocket(parameters) : pocket,
  generate(split, count, seed, given, share) {
    checkRequest(task.name, task.splits, split, count, seed);
    const values = resolveParameters(task.name, task.parameters, given);
    return generate({ split, count, seed, values, share });
  },
});
