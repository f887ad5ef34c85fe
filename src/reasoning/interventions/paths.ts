/**
 * Content × path: `own@hidden`, `zeros@dropped`. The content says what stands in the slots; the path says what of the
 * image the answer can reach besides them. Everything but the path is held fixed: the text before the block, and the
 * vectors in the slots, which are those of the run with the image in sight.
 */
import { ensure, unknownName } from "../../util/index.ts";
import { fixed, type PathName, pathNames, type ResolvedIntervention } from "./types.ts";

/** What every path takes away, in the order of how much that is. */
const paths = {
  visible: "nothing of the image is hidden: the reference of the other paths",
  hidden:
    "from the end marker on, text cannot attend to the image; slots and question still hold what they saw of it",
  dropped:
    "from the start marker on, nothing can attend to the image; the question's keys and values still hold what it saw",
  unseen:
    "neither the question nor anything after it can attend to the image: it reaches the answer through the slots alone",
  blank: "gray images are in the prompt, with the text before the block and the slots of the clear one",
} as const satisfies Record<PathName, string>;

/**
 * A content on a path.
 *
 * Errors: "usage" for an unknown path, with the nearest, and for an intervention that is no content of slots.
 *
 * Source: docs/published-families.md §19.3 (1): CVRR, arXiv 2609.06746 (content × visual cache); docs/decisions/0170.
 */
export function onPath(content: ResolvedIntervention, path: string): ResolvedIntervention {
  if (!Object.hasOwn(paths, path)) throw unknownName("path", path, pathNames);
  const where = `intervention ${content.name}@${path}`;
  ensure(!content.changesForm && !content.input, "usage", () => ({
    where,
    expected: "a content of the slots before the @, such as own, zeros or oracle",
    got: `${content.name}, which changes markers, length, attention or input`,
    attempt: `own@${path}`,
  }));
  const { base, needs = [], lacking, plan } = content;
  const blind = path === "dropped" || path === "unseen";
  return {
    ...content,
    name: `${content.name}@${path}`,
    base: `${base}@${path}`,
    path: path as PathName,
    description: `${content.description} Path: ${paths[path as PathName]}.`,
    role: path === "blank" ? "input" : "attention",
    source: "CVRR (content × visual cache)",
    needs: [...new Set([...needs, "split" as const])],
    lacking: [
      "no image",
      ...(blind ? ["blocks that read features of it again"] : []),
      lacking ?? "no latents of its own",
    ].join(", or "),
    changesForm: true,
    plan(context) {
      if (context.example.images.length === 0 || (blind && context.rules.picks)) return null;
      const planned = plan({ ...context, random: context.randomOf(base) });
      const given = planned?.plan.kind === "own" ? fixed(context.own, "its own recorded latents") : planned;
      if (given?.plan.kind !== "fixed") return null;
      const masked = path === "visible" ? [] : path === "hidden" ? (["image"] as const) : undefined;
      return {
        ...(planned?.target !== undefined && { target: planned.target }),
        plan: { ...given.plan, ...(masked && { hidden: masked }) },
        from: `${given.from}; ${path}`,
      };
    },
  };
}
