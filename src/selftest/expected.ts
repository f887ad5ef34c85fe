/**
 * What every suite must conclude of every known-answer model: what its truth implies, from which number of examples on
 * it can be shown, and where a suite cannot tell models apart by what it is.
 */
import { type SuiteName, suiteNames } from "../audit/index.ts";
import type { Known } from "./models.ts";

/** Conclusions by model. */
export type Expected = Known;

/** Enough where a difference of many points is to be seen. */
const seen = (conclusion: string): Expected => ({ conclusion, from: 60 });
/**
 * Enough where something is to be shown *not* to change by two points or 2 %: 149 examples without any change for one
 * statement, 169 for one of three.
 */
const shown = (conclusion: string): Expected => ({ conclusion, from: 200 });
/** Enough to show that own latents at chance close next to nothing of the way to the oracle. */
const starving = (conclusion: string): Expected => ({ conclusion, from: 600 });
const open = (conclusion: string, why: string): Expected => ({ conclusion, from: null, why });

type Row = Record<SuiteName, Expected>;

/** Read from the latents; models differ from it in single suites. */
const content: Row = {
  viveiros: seen("load-bearing"),
  trt: seen("content"),
  markers: shown("slots"),
  prism: seen("read"),
  mediation: seen("mediated"),
  knockout: shown("slots"),
  dose: seen("follows"),
  gradient: seen("sensitive"),
  full: shown("content"),
};

/** Read from the picture, whatever stands in the block. */
const picture: Row = {
  viveiros: shown("bypassed"),
  trt: shown("no gain"),
  markers: shown("neither"),
  prism: shown("unread"),
  mediation: shown("unread"),
  knockout: shown("image"),
  dose: shown("flat"),
  gradient: shown("insensitive"),
  full: shown("bypassed"),
};

const ofZerosOnly =
  "zeros break the answer, replacements of the usual size change nothing: neither all differ nor are all alike";
const atChance =
  "own latents and their replacements are right by chance, each in different examples: equivalence within two points takes thousands of examples";

export const expected: Readonly<Record<string, Row>> = {
  "reads-latents": content,
  "sees-no-latents": picture,
  half: { ...content, knockout: shown("slots and image"), full: shown("content and image") },
  presence: {
    ...picture,
    trt: shown("retained"),
    markers: shown("markers"),
    knockout: shown("markers and image"),
    full: shown("markers"),
  },
  "first-slot": { ...content, gradient: seen("one slot"), full: shown("content of one slot") },
  norm: {
    ...picture,
    viveiros: open("inconclusive", ofZerosOnly),
    trt: open("inconclusive", ofZerosOnly),
    prism: open("inconclusive", ofZerosOnly),
    dose: seen("follows"),
    gradient: seen("sensitive"),
    full: shown("norm"),
  },
  "ignores-oracle": picture,
  starved: {
    ...content,
    viveiros: starving("starved"),
    trt: starving("starved"),
    markers: open("neither", atChance),
    prism: open("inconclusive", "no probe finds what is not there, and nothing is lost when it goes"),
    full: starving("starved"),
  },
  "private-code": { ...content, full: shown("private content") },
  partly: {
    ...content,
    viveiros: shown("load-bearing"),
    trt: shown("content"),
    prism: shown("read"),
  },
  unreadable: Object.fromEntries(
    suiteNames.map((suite) => [suite, open("inconclusive", "no answer can be read")]),
  ) as Row,
  "uninformed-oracle": {
    ...content,
    viveiros: open("inconclusive", atChance),
    trt: open("inconclusive", atChance),
    markers: open("neither", atChance),
    prism: open("inconclusive", "no probe finds what is not there, and nothing is lost when it goes"),
    full: open("inconclusive", atChance),
  },
};

/** Models that a suite calls by one name, and why it has to. */
export const alike: Readonly<Record<SuiteName, readonly { models: readonly string[]; why: string }[]>> = {
  viveiros: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly"],
      why: "asks whether content counts, not for how many questions, in which slot or in whose code",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle"],
      why: "tests the contents between the markers, never the markers",
    },
    { models: ["norm", "unreadable", "uninformed-oracle"], why: "says nothing of any of them (see there)" },
  ],
  trt: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly"],
      why: "asks whether the gain goes with the content, all of it or a part",
    },
    {
      models: ["sees-no-latents", "ignores-oracle"],
      why: "nothing of the block is used by either; only the data differ",
    },
    { models: ["norm", "unreadable", "uninformed-oracle"], why: "says nothing of any of them (see there)" },
  ],
  markers: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly"],
      why: "takes slots away, and does not ask which of them or how often",
    },
    {
      models: ["sees-no-latents", "norm", "ignores-oracle", "starved"],
      why: "takes the block away, which harms none of them; other contents of the slots are not judged",
    },
    {
      models: ["starved", "unreadable", "uninformed-oracle"],
      why: "says nothing of any of them with the numbers tried (see there)",
    },
  ],
  prism: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly"],
      why: "its corruptions take the content of all slots away at once",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle"],
      why: "all write the picture's colour into their latents, none reads it, and the markers always stay",
    },
    {
      models: ["norm", "starved", "unreadable", "uninformed-oracle"],
      why: "says nothing of any of them (see there)",
    },
  ],
  mediation: [
    {
      models: [
        "reads-latents",
        "half",
        "first-slot",
        "starved",
        "private-code",
        "partly",
        "uninformed-oracle",
      ],
      why: "asks whether answers move with the latents, right or wrong",
    },
    {
      models: ["sees-no-latents", "presence", "norm", "ignores-oracle"],
      why: "exchanged latents have the norm of own latents and are between the same markers",
    },
  ],
  knockout: [
    {
      models: ["reads-latents", "first-slot", "starved", "private-code", "partly", "uninformed-oracle"],
      why: "hides all slots, whatever they hold",
    },
    {
      models: ["sees-no-latents", "norm", "ignores-oracle"],
      why: "a slot that cannot be seen has no size: what is read in its place is of the usual one",
    },
  ],
  dose: [
    {
      models: [
        "reads-latents",
        "half",
        "first-slot",
        "norm",
        "starved",
        "private-code",
        "partly",
        "uninformed-oracle",
      ],
      why: "large noise changes size and content together, in all slots",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle"],
      why: "the markers stay, and none reads the latents",
    },
  ],
  gradient: [
    {
      models: ["reads-latents", "half", "norm", "starved", "private-code", "partly", "uninformed-oracle"],
      why: "a perturbation may change size or content, and it asks for any change of any answer",
    },
    { models: ["sees-no-latents", "presence", "ignores-oracle"], why: "markers have no gradient" },
  ],
  full: [
    { models: ["reads-latents", "partly"], why: "one mechanism; only the data differ" },
    { models: ["unreadable", "uninformed-oracle"], why: "says nothing of either (see there)" },
    {
      models: ["sees-no-latents", "ignores-oracle"],
      why: "one mechanism: whether the oracle contains more is a question about the data (`lintel inform`)",
    },
  ],
};
