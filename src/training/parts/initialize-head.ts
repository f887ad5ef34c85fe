/** How heads start: as near to feeding the state itself as they can. */
import type { ParameterStore } from "../../nn/index.ts";
import { type Feedback, PREFIX } from "../../reasoning/index.ts";
import { random } from "../../util/index.ts";

/** Standard deviation of a placeholder's numbers, about that of token embeddings in a matching start. */
const PLACEHOLDER = 0.6;

/** Fills a head's trained tensors; does nothing where there are none. */
export function initializeHead(store: ParameterStore, { head }: Feedback, seed: number): void {
  const view = (name: string): Float32Array => store.views.get(`${PREFIX}${name}`)!;
  const normal = (name: string, deviation: number): void => {
    const r = random(seed, "initialize", `${PREFIX}${name}`);
    const values = view(name);
    for (let i = 0; i < values.length; i++) values[i] = r.normal() * deviation;
  };
  const inputsOf = (name: string): number => store.shapes.get(`${PREFIX}${name}`)![1]!;
  switch (head.kind) {
    case "none":
      return;
    case "linear": {
      const width = inputsOf("proj.weight");
      for (let i = 0; i < width; i++) view("proj.weight")[i * width + i] = 1;
      return;
    }
    case "mlp":
      normal("up.weight", 1 / Math.sqrt(inputsOf("up.weight")));
      normal("proj.weight", 1 / Math.sqrt(head.hidden));
      return;
    case "glu": {
      const width = inputsOf("proj.weight");
      for (let i = 0; i < width; i++) view("proj.weight")[i * width + i] = 1;
      for (const name of ["gate.weight", "up.weight"]) normal(name, 1 / Math.sqrt(width));
      normal("down.weight", 1 / Math.sqrt(head.hidden));
      return;
    }
    case "merger": {
      for (const at of ["first.", ""]) {
        for (const name of ["gate.weight", "up.weight"])
          normal(`${at}${name}`, 1 / Math.sqrt(inputsOf(`${at}${name}`)));
        normal(`${at}down.weight`, 1 / Math.sqrt(head.hidden));
      }
      normal("proj.weight", 1 / Math.sqrt(inputsOf("proj.weight")));
      return;
    }
    case "codebook":
      // Quiet: every code is about as likely as another.
      normal("proj.weight", 0.1 / Math.sqrt(inputsOf("proj.weight")));
      return;
    case "flow":
      for (const name of ["in.weight", "mid.weight", "proj.weight"])
        normal(name, 1 / Math.sqrt(inputsOf(name)));
      return;
    case "placeholder":
      normal("vectors", PLACEHOLDER);
      return;
  }
}
