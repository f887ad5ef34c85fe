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
  paths: seen("needed regardless"),
  "oracle-format": shown("both"),
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
  paths: shown("bypassed regardless"),
  "oracle-format": shown("cannot read this format"),
  full: shown("bypassed"),
};

const ofZerosOnly =
  "zeros break the answer, replacements of the usual size change nothing: neither all differ nor are all alike";
const atChance =
  "own latents and their replacements are right by chance, each in different examples: equivalence within two points takes thousands of examples";

const noProbe = "no probe finds what is not there, and nothing is lost when it goes";
const constant =
  "own latents are the same in every example: nothing moves them, and there is no size to perturb them by";

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
    paths: open(
      "inconclusive",
      "without the picture every content is a guess, another for another norm: equivalence takes thousands of examples",
    ),
    // Matched noise is as small as zeros in one example of some hundreds.
    "oracle-format": { conclusion: "cannot read this format", from: 600 },
    full: shown("norm"),
  },
  "ignores-oracle": picture,
  starved: {
    ...content,
    viveiros: starving("starved"),
    trt: starving("starved"),
    markers: open("neither", atChance),
    prism: open("inconclusive", noProbe),
    paths: open("inconclusive", atChance),
    full: starving("starved"),
  },
  "private-code": {
    ...content,
    "oracle-format": open(
      "inconclusive",
      "oracle and controls are right by chance in its code, each in different examples",
    ),
    full: shown("private content"),
  },
  partly: {
    ...content,
    viveiros: shown("load-bearing"),
    trt: shown("content"),
    prism: shown("read"),
    paths: shown("needed regardless"),
  },
  unreadable: Object.fromEntries(
    suiteNames.map((suite) => [suite, open("inconclusive", "no answer can be read")]),
  ) as Row,
  "uninformed-oracle": {
    ...content,
    viveiros: open("inconclusive", atChance),
    trt: open("inconclusive", atChance),
    markers: open("neither", atChance),
    prism: open("inconclusive", noProbe),
    paths: open("inconclusive", atChance),
    "oracle-format": open("inconclusive", atChance),
    full: open("inconclusive", atChance),
  },
  // Own latents hold what the picture shows: hidden from the answer alone, it changes nothing.
  "image-first": { ...picture, knockout: shown("nothing"), paths: shown("bypassed because of the image") },
  "with-image": {
    ...content,
    knockout: shown("slots and image"),
    paths: shown("needed with the image"),
    full: shown("content and image"),
  },
  deaf: {
    ...picture,
    prism: open("inconclusive", noProbe),
    mediation: open("inconclusive", constant),
    knockout: shown("nothing"),
    gradient: open("inconclusive", constant),
    "oracle-format": shown("cannot use the information"),
  },
  collapsed: {
    viveiros: shown("starved"),
    trt: shown("starved"),
    markers: shown("neither"),
    prism: open("inconclusive", noProbe),
    mediation: open("inconclusive", constant),
    knockout: shown("nothing"),
    dose: seen("follows"),
    gradient: open("inconclusive", constant),
    paths: open(
      "inconclusive",
      "own latents do as the controls do, and the oracle does more: no name for that",
    ),
    "oracle-format": shown("as a latent only"),
    full: shown("starved"),
  },
};

/** Models that a suite calls by one name, and why it has to. */
export const alike: Readonly<Record<SuiteName, readonly { models: readonly string[]; why: string }[]>> = {
  viveiros: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly", "with-image"],
      why: "asks whether content counts, not for how many questions, in which slot or in whose code",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle", "image-first", "deaf"],
      why: "tests the contents between the markers, never the markers",
    },
    { models: ["norm", "unreadable", "uninformed-oracle"], why: "says nothing of any of them (see there)" },
    {
      models: ["starved", "collapsed"],
      why: "own latents that hold nothing and such that hold the wrong thing are equally useless",
    },
  ],
  trt: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly", "with-image"],
      why: "asks whether the gain goes with the content, all of it or a part",
    },
    {
      models: ["sees-no-latents", "ignores-oracle", "image-first", "deaf"],
      why: "nothing of the block is used by either; only the data differ",
    },
    { models: ["norm", "unreadable", "uninformed-oracle"], why: "says nothing of any of them (see there)" },
    {
      models: ["starved", "collapsed"],
      why: "own latents that hold nothing and such that hold the wrong thing are equally useless",
    },
  ],
  markers: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly", "with-image"],
      why: "takes slots away, and does not ask which of them or how often",
    },
    {
      models: ["sees-no-latents", "norm", "ignores-oracle", "starved", "image-first", "deaf", "collapsed"],
      why: "takes the block away, which harms none of them; other contents of the slots are not judged",
    },
    {
      models: ["starved", "unreadable", "uninformed-oracle"],
      why: "says nothing of any of them with the numbers tried (see there)",
    },
  ],
  prism: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly", "with-image"],
      why: "its corruptions take the content of all slots away at once",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle", "image-first", "deaf"],
      why: "all write the picture's colour into their latents, none reads it, and the markers always stay",
    },
    {
      models: ["norm", "starved", "unreadable", "uninformed-oracle", "deaf", "collapsed"],
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
        "with-image",
      ],
      why: "asks whether answers move with the latents, right or wrong",
    },
    {
      models: ["sees-no-latents", "presence", "norm", "ignores-oracle", "image-first"],
      why: "exchanged latents have the norm of own latents and are between the same markers",
    },
    { models: ["unreadable", "deaf", "collapsed"], why: "says nothing of any of them (see there)" },
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
    { models: ["half", "with-image"], why: "hides one part at a time, and not for some questions only" },
    {
      models: ["image-first", "deaf", "collapsed"],
      why: "hides one part at a time, and none of them needs any one",
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
        "with-image",
        "collapsed",
      ],
      why: "large noise changes size and content together, in all slots",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle", "image-first", "deaf"],
      why: "the markers stay, and none reads the latents",
    },
  ],
  gradient: [
    {
      models: [
        "reads-latents",
        "half",
        "norm",
        "starved",
        "private-code",
        "partly",
        "uninformed-oracle",
        "with-image",
      ],
      why: "a perturbation may change size or content, and it asks for any change of any answer",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle", "image-first", "deaf"],
      why: "markers have no gradient",
    },
    { models: ["unreadable", "deaf", "collapsed"], why: "says nothing of any of them (see there)" },
  ],
  paths: [
    {
      models: ["reads-latents", "half", "first-slot", "private-code", "partly"],
      why: "asks whether content counts with and without the image, not for how many questions or in which slot",
    },
    {
      models: ["sees-no-latents", "presence", "ignores-oracle", "deaf"],
      why: "none reads what the latents hold, on any path",
    },
    {
      models: ["norm", "starved", "unreadable", "uninformed-oracle", "collapsed"],
      why: "says nothing of any of them (see there)",
    },
  ],
  "oracle-format": [
    {
      models: ["reads-latents", "half", "first-slot", "starved", "partly", "with-image"],
      why: "own latents are made of what the prompt shows, helpers included, and the oracle is read",
    },
    {
      models: ["sees-no-latents", "presence", "norm", "ignores-oracle", "image-first"],
      why: "the prompt's pictures are read, and the oracle beside them is not",
    },
    {
      models: ["private-code", "unreadable", "uninformed-oracle"],
      why: "says nothing of any of them (see there)",
    },
  ],
  full: [
    { models: ["half", "with-image"], why: "both need the image besides; only `paths` asks what for" },
    { models: ["reads-latents", "partly"], why: "one mechanism; only the data differ" },
    { models: ["unreadable", "uninformed-oracle"], why: "says nothing of either (see there)" },
    {
      models: ["sees-no-latents", "ignores-oracle", "image-first", "deaf"],
      why: "one mechanism: whether the oracle contains more is a question about the data (`lintel inform`)",
    },
    {
      models: ["starved", "collapsed"],
      why: "own latents that hold nothing and such that hold the wrong thing are equally useless",
    },
  ],
};
