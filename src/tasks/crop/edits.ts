import type { Random } from "../../util/index.ts";
import { type Ask, answerOf, type Item, withValue } from "./full-scene.ts";
import { colors, type PocketScene, shapes, type Thing } from "./world.ts";

/**
 * Edited versions of scenes, after ReaLVR: the marked thing in another color or shape, something taken away, two things
 * in each other's place. Some make another option right, the others leave the answer as it is.
 */

/** The marked thing after a change of its own. */
interface Change<T> {
  kind: string;
  thing: T;
}

/** A scene of either rendering, as far as edits go. */
interface EditableScene<T> {
  things: readonly T[];
  marked: number;
  masked: boolean;
  options: readonly string[];
  answer: number;
  /** What would be answered if this thing were the marked one; null where the question would not fit it. */
  answerOf(thing: T): string | null;
  changes: readonly Change<T>[];
}

interface Edited<T> {
  kind: string;
  /** null: nothing is there any more. */
  things: readonly (T | null)[];
  answer: number;
}

const swapped = <T>(things: readonly T[], i: number, j: number): T[] =>
  things.map((thing, at) => (at === i ? things[j]! : at === j ? things[i]! : thing));

function editsOf<T>(scene: EditableScene<T>, r: Random): Edited<T>[] {
  const { things, marked, masked, options, answer } = scene;
  const index = (thing: T): number => options.indexOf(scene.answerOf(thing) ?? "");
  const others = r.shuffled(things.flatMap((_, i) => (i === marked ? [] : [i])));
  // What is hidden cannot be seen to change: only edits of other things show in a masked scene.
  const changes = masked ? [] : scene.changes.filter(({ thing }) => index(thing) >= 0);
  const found: Edited<T>[] = changes.map(({ kind, thing }) => ({
    kind,
    things: things.map((each, i) => (i === marked ? thing : each)),
    answer: index(thing),
  }));
  if (!found.some(({ kind }) => kind === "removal")) {
    const gone = others[0]!;
    found.push({ kind: "removal", things: things.map((each, i) => (i === gone ? null : each)), answer });
  }
  const differ = (i: number, j: number): boolean => JSON.stringify(things[i]) !== JSON.stringify(things[j]);
  const into = masked ? undefined : others.find((i) => ![-1, answer].includes(index(things[i]!)));
  const [one, two] =
    into === undefined ? [others[0]!, others.find((i) => differ(others[0]!, i))] : [marked, into];
  if (two !== undefined) {
    const next = swapped(things, one, two);
    found.push({ kind: "space", things: next, answer: masked ? answer : index(next[marked]!) });
  }
  return found;
}

/**
 * Edits of a scene of the full rendering: "color"; "shape" and "text" where the framed thing is one; "removal" of dots
 * where they are counted and fewer are among the options, else of another thing; "space".
 */
export function fullEdits(
  scene: Pick<EditableScene<Item>, "marked" | "masked" | "options" | "answer"> & {
    items: readonly Item[];
    ask: Ask;
  },
  r: Random,
): Edited<Item>[] {
  const { items, ask, marked, options, answer } = scene;
  const item = items[marked]!;
  const wrong = options.filter((_, i) => i !== answer);
  const names = colors.map(([name]): string => name);
  const color =
    ask === "color"
      ? names.indexOf(r.pick(wrong))
      : (item.color + 1 + r.integer(names.length - 1)) % names.length;
  const changes: Change<Item>[] = [{ kind: "colour", thing: { ...item, color } }];
  if (item.kind === "shape") {
    const value = ask === "shape" ? r.pick(wrong) : r.pick(shapes.filter((each) => each !== item.value));
    changes.push({ kind: "shape", thing: withValue(item, value, []) });
  }
  if (ask === "text") changes.push({ kind: "text", thing: withValue(item, r.pick(wrong), []) });
  const fewer = ask === "dots" ? wrong.filter((word) => Number(word) < Number(item.value)) : [];
  if (fewer.length > 0) changes.push({ kind: "removal", thing: withValue(item, r.pick(fewer), item.places) });
  const answers = (thing: Item): string | null =>
    ask === "color" || thing.kind === ask ? answerOf(ask, thing) : null;
  return editsOf({ ...scene, things: items, answerOf: answers, changes }, r);
}

/** The same of the pocket rendering: "color", "shape", "removal" of another thing, "space". */
export function pocketEdits(
  scene: Pick<EditableScene<Thing>, "marked" | "masked" | "options" | "answer"> &
    Pick<PocketScene, "panels" | "ask">,
  r: Random,
): Edited<Thing>[] {
  const { panels, ask, marked, options, answer } = scene;
  const thing = panels[marked]!;
  const names = { color: colors.map(([name]): string => name), shape: shapes as readonly string[] };
  const wrong = options.filter((_, i) => i !== answer);
  const other = (what: "color" | "shape"): number => {
    const count = names[what].length;
    return ask === what
      ? names[what].indexOf(r.pick(wrong))
      : (thing[what] + 1 + r.integer(count - 1)) % count;
  };
  const changes: Change<Thing>[] = [
    { kind: "colour", thing: { ...thing, color: other("color") } },
    { kind: "shape", thing: { ...thing, shape: other("shape") } },
  ];
  return editsOf({ ...scene, things: panels, answerOf: (each) => names[ask][each[ask]]!, changes }, r);
}
