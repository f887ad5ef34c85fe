import type { Wording } from "../wording.ts";

/** What may be said before a crop and after it; `place` is where the crop is from. */
export function closeLook(place: string): [Wording, Wording] {
  const after = [
    "Seen so closely, the answer is plain.",
    "Now I can tell.",
    "This is what was asked about.",
    "That settles it.",
  ];
  return [
    {
      named: [
        `What is marked is ${place}. I look at it closely.`,
        `I crop the picture ${place} and enlarge it.`,
        `The mark is ${place}, so I zoom in there.`,
      ],
      plain: [
        "Let me have a closer look.",
        "I look at the part that matters.",
        "What is marked is small, so I picture it larger.",
      ],
    },
    { named: after, plain: after },
  ];
}
