import { letters } from "../draw.ts";
import type { Wording } from "../wording.ts";
import { frames } from "./composite.ts";

/**
 * The question. A pocket model reads one word per piece of white space, and letters after the pictures they name.
 */
export function questionOf(
  by: string,
  angle: number,
  layout: string,
  second: 1 | 2 | 3 | "mirror" | null = null,
): string {
  const turned = second === "mirror" ? "mirrored" : second && `rotated by ${second * 90}`;
  if (layout === "full") {
    const on = turned
      ? ` and then ${turned}${second === "mirror" ? " left to right" : " degrees clockwise"}`
      : "";
    if (by === "words")
      return `<image>\nWhich of (a), (b), (c) and (d) is C rotated by ${angle} degrees clockwise${on}?`;
    if (on) return `<image>\nA is to B as C is to what? Which of (a), (b), (c) and (d) is that${on}?`;
    const moved = by === "moved" ? " B is A, rotated and moved; the options are moved as well." : "";
    return `<image>\nA is to B as C is to which of (a), (b), (c) and (d)?${moved}`;
  }
  if (layout === "composite") {
    const told = by === "words" ? `white rotated by ${angle} degrees` : "black is to violet as white is to";
    const then = turned ? ` what then ${turned}` : "";
    const moved = by === "moved" ? " moved" : "";
    return `in <image> ${told}${then} is in which${moved} frame ? ${frames.join(" ")}`;
  }
  const opening = {
    words: `<image> rotated by ${angle} degrees is which ?`,
    analogy: "<image> is to <image> as <image> is to which ?",
    moved: "<image> moved is to <image> as <image> is to which ?",
  }[by]!.replace("which", turned ? `what then ${turned} is which` : "which");
  return `${opening} ${letters.map((letter) => `<image> ${letter}`).join(" ")}`;
}

const turns: Record<number, readonly string[]> = {
  90: ["by 90 degrees clockwise", "a quarter turn clockwise", "by 90 degrees to the right"],
  180: ["by 180 degrees", "by half a turn", "upside down, half a turn"],
  270: ["by 270 degrees clockwise", "by 90 degrees counterclockwise", "a quarter turn to the left"],
};

/** What may be said before the helper and after it. */
export function reasoningOf(angle: number, second: 1 | 2 | 3 | "mirror" | null = null): Wording[] {
  const named = turns[angle]!.flatMap((turn) => [
    `B is A turned ${turn}. I turn C likewise.`,
    `The rotation is ${turn}, so I picture C turned ${turn}.`,
    `I have to turn C ${turn} and picture the result.`,
  ]);
  const plain = [
    "I do to C what was done to A and picture the result.",
    "First I find the rotation, then I picture C after it.",
    "Let me picture what C becomes.",
    "C has to be turned. It then looks like this:",
  ];
  const after = [
    "Now I compare this with the options.",
    "One of the options shows exactly this.",
    "I look for the option that equals what I pictured.",
    "The others are turned otherwise or have another shape.",
  ];
  const on = second === "mirror" ? "mirror" : `turn ${Number(second) * 90}`;
  const next = second === "mirror" ? "Now I mirror it." : `Now I turn it ${turns[Number(second) * 90]?.[0]}.`;
  return [
    { named, plain, brief: [`by ${angle} rotated`] },
    ...(second ? [{ named: [next], plain: ["Now the second step."], brief: [`then ${on}`] }] : []),
    { named: after, plain: after, brief: ["so"] },
  ];
}
