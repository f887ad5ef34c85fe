/**
 * Models whose answers have a known cause, because their weights are written by hand. All share one
 * body: the start marker writes the color of the picture into the own latents; the answer is the option whose color
 * the answer's cue has read. They differ in where the cue reads it.
 */
import { contentDummies, type Verdict } from "../audit/index.ts";
import { code, type Head, type Layer } from "./circuit.ts";
import { places, UNIT, vocabulary } from "./layout.ts";

/** What must be concluded of a model. */
export interface Known<Name extends string = string> {
  conclusion: Name;
  /** Number of examples from which it must be concluded; with fewer, "inconclusive" is allowed. null: see `why`. */
  from: number | null;
  /** Why no number of examples tried is enough, or why nothing can be concluded. */
  why?: string;
}

/**
 * Whether a conclusion is what is known, or fails to be with too few examples.
 *
 * @example
 * fits({ conclusion: "bypassed", from: 200 }, 60, "inconclusive"); // true
 * fits({ conclusion: "bypassed", from: 200 }, 200, "inconclusive"); // false
 */
export const fits = ({ conclusion, from }: Known, n: number, found: string): boolean =>
  found === conclusion || (found === "inconclusive" && (from === null || n < from));

/** A statement on accuracies that the truth implies. */
export interface Fact {
  intervention: string;
  /** Accuracy within four standard errors of this. */
  accuracy: number;
}

export interface KnownModel {
  name: string;
  /** What is known of it, in a few words. */
  truth: string;
  layers: readonly [Layer, Layer];
  /** Weights of the final norm that are 0: flags that must not come back through the own latents. */
  forget?: readonly number[];
  /** Factor on the final norm: with it, own latents have the norm of features and of noise again. */
  gain?: number;
  /** Weight of the place `small` in the first option's logit, in units of the weight of a code. */
  small?: number;
  /** What the vision tower writes in the place `present`, beside the code of a picture. */
  present?: number;
  /** The vision tower writes in the place `marked` whether a region is marked (`regionExamples`). */
  marks?: true;
  /** Share of examples whose picture shows the right color; elsewhere it shows any. */
  clear: number;
  /** The helper shows the right color, or any. */
  helper?: "any";
  /** Answers name no option. */
  mute?: true;
  /** What an audit must say of it, and from which number of examples on. */
  verdict: Known<Verdict>;
  facts: readonly Fact[];
}

const tokens = vocabulary();
const id = (token: string): number => tokens.idOf(token)!;
const cue = id("<answer>");
const start = id("<|lvr_start|>");
/** Strength of a word where a second thing of equal size stands beside it. */
const SHARED = UNIT / Math.SQRT2;

const idle: Head = { looks: "self", moves: [] };
const nothing: Layer = [idle, idle];

/** The start marker collects the picture's color from the whole prompt, as the given code. */
const collect = (to: number): Head => ({
  looks: "self",
  when: [{ place: start, strength: UNIT, look: "anywhere", instead: "self" }],
  moves: code(places.code, to, 6),
});

const fromSlots = (from: number, times = 3): Head => ({
  looks: "self",
  when: [{ place: cue, strength: UNIT, look: "slots", instead: "self" }],
  moves: code(from, places.answer, times),
});

const fromPrompt: Head = {
  looks: "self",
  when: [{ place: cue, strength: UNIT, look: "prompt", instead: "self" }],
  moves: code(places.code, places.answer, 24),
};

/** Half of the pictures' tokens agree by chance: four colors. */
const CHANCE = 1 / 4;
const RIGHT = 0.9;
/** Accuracy where the picture is clear in a share of examples and any color elsewhere. */
const seen = (clear: number): number => clear + (1 - clear) * CHANCE;

/** No fewer pairs than these show equivalence within two points, even if all agree. */
const ENOUGH = 149;
const loadBearing = { conclusion: "load-bearing", from: 0 } as const;
const bypassed = { conclusion: "bypassed", from: ENOUGH } as const;
const at = (accuracy: number, names: readonly string[]): Fact[] =>
  names.map((intervention) => ({ intervention, accuracy }));

/** Interventions of the suites that leave the markers and the picture alone. */
const blockSuite = [
  ...["skip", "shuffle", "first-repeat", "marker-repeat", "truncate(1)", "knockout(slots)"],
  ...["own-steps(0)", "own-steps(1)", "own-steps(4)", "image-twice"],
];
/** Own blocks of other lengths, all of which hold what own latents hold. */
const longer = ["own-steps(1)", "own-steps(4)"];
/** Dummies that hold nothing of the example and do not favour it. */
const dummies = contentDummies;
const PARTLY = 0.3;
const clear = { clear: RIGHT };
const own = seen(RIGHT);

export const knownModels: readonly KnownModel[] = [
  {
    name: "reads-latents",
    truth: "the answer is read from the latents only",
    layers: [nothing, [fromSlots(places.code), collect(places.code)]],
    ...clear,
    verdict: loadBearing,
    facts: [
      ...at(own, ["own", "shuffle", "first-repeat", "truncate(1)", "knockout(image)", "knockout(markers)"]),
      ...at(own, [...longer, "image-twice", "own@unseen"]),
      ...at(1, ["oracle"]),
      ...at(CHANCE, [...dummies, "skip", "marker-repeat", "no-markers", "knockout(slots)"]),
      ...at(CHANCE, ["own-steps(0)", "matched-text", "drop-image", "other-own@unseen"]),
    ],
  },
  {
    name: "sees-no-latents",
    truth: "the answer cannot see the latents: it is read from the picture",
    layers: [nothing, [fromPrompt, collect(places.code)]],
    ...clear,
    verdict: bypassed,
    facts: [
      ...at(own, ["own", "oracle", ...dummies, ...blockSuite, "no-markers", "knockout(markers)"]),
      ...at(own, ["matched-text"]),
      ...at(CHANCE, ["knockout(image)", "drop-image", "own@unseen", "other-own@unseen"]),
    ],
  },
  {
    name: "half",
    truth: "every second question is answered from the latents, the others from the picture",
    layers: [
      [{ looks: "anywhere", moves: [{ from: id("What"), to: places.asking, times: 16 }] }, idle],
      [
        {
          looks: "self",
          when: [
            { place: cue, strength: SHARED, look: "slots", instead: "self" },
            { place: places.asking, strength: SHARED, look: "prompt", instead: "slots" },
          ],
          moves: code(places.code, places.answer, 12),
        },
        collect(places.code),
      ],
    ],
    ...clear,
    verdict: loadBearing,
    facts: [
      ...at(own, ["own", "shuffle", ...longer]),
      ...at((1 + own) / 2, ["oracle"]),
      ...at((own + CHANCE) / 2, [...dummies, "skip", "no-markers", "knockout(slots)", "knockout(image)"]),
      ...at((own + CHANCE) / 2, ["own-steps(0)", "matched-text"]),
      ...at(CHANCE, ["drop-image"]),
    ],
  },
  {
    name: "presence",
    truth:
      "only the presence of the block counts: after the end marker the picture is read, without it nothing",
    layers: [
      [{ looks: "previous", moves: [{ from: id("<|lvr_end|>"), to: places.marker, times: 1 }] }, idle],
      [
        {
          looks: "self",
          when: [{ place: places.marker, strength: SHARED, look: "prompt", instead: "self" }],
          moves: code(places.code, places.answer, 24),
        },
        collect(places.code),
      ],
    ],
    ...clear,
    verdict: bypassed,
    facts: [
      ...at(own, ["own", "oracle", ...dummies, ...blockSuite]),
      ...at(CHANCE, ["no-markers", "knockout(markers)", "matched-text", "drop-image"]),
    ],
  },
  {
    name: "first-slot",
    truth: "the answer is read from the first slot only",
    layers: [
      [{ looks: "previous", moves: [{ from: start, to: places.first, times: 2 }] }, idle],
      [
        {
          looks: "self",
          when: [{ place: cue, strength: UNIT, look: "flagged", instead: "self" }],
          flag: places.first,
          moves: code(places.code, places.answer, 4),
        },
        collect(places.code),
      ],
    ],
    // An own latent that remembers the start marker would flag the slot behind it as a first one.
    forget: [places.first, start],
    ...clear,
    verdict: loadBearing,
    facts: [
      ...at(own, ["own", "first-repeat", "truncate(1)", ...longer]),
      ...at(1, ["oracle"]),
      ...at(CHANCE, [...dummies, "skip", "marker-repeat", "no-markers", "knockout(slots)"]),
      ...at(CHANCE, ["own-steps(0)", "matched-text", "drop-image"]),
    ],
  },
  {
    name: "norm",
    truth:
      "only the norm of the latents counts: where it is small the answer is a guess, else the picture is read",
    layers: [
      [{ looks: "anywhere", moves: [], constant: { to: places.constant, value: UNIT } }, idle],
      [
        { ...fromPrompt, moves: code(places.code, places.answer, 19) },
        {
          looks: "self",
          when: [
            { place: start, strength: SHARED, look: "anywhere", instead: "self" },
            { place: cue, strength: SHARED, look: "slots", instead: "self" },
          ],
          moves: [
            ...code(places.code, places.code, 6),
            { from: places.constant, to: places.small, times: 1 },
          ],
        },
      ],
    ],
    forget: [places.constant],
    gain: 1.25,
    small: 8.5,
    ...clear,
    verdict: {
      conclusion: "inconclusive",
      from: null,
      why: "one dummy takes the answer away, while others of the right size change nothing: neither all differ nor are all alike",
    },
    facts: [
      ...at(own, ["own", "oracle", "noise", "mean", "other-own", "shuffle", "first-repeat"]),
      ...at(own, ["skip", "no-markers", "knockout(slots)", "matched-text", ...longer]),
      ...at(CHANCE, ["zeros", "drop-image"]),
    ],
  },
  {
    name: "ignores-oracle",
    truth: "the picture says little, the oracle all, and the answer does not look at it",
    layers: [nothing, [fromPrompt, collect(places.code)]],
    clear: 0.2,
    verdict: bypassed,
    facts: [
      ...at(seen(0.2), ["own", "oracle", ...dummies, "skip", "matched-text"]),
      ...at(CHANCE, ["drop-image"]),
    ],
  },
  {
    name: "starved",
    truth: "the answer is read from the latents, and nothing tells the own ones what to hold",
    layers: [nothing, [fromSlots(places.code), collect(places.code)]],
    clear: 0,
    // Own latents and controls guess independently: a test that they close at most a tenth of the gap takes some hundreds.
    verdict: { conclusion: "starved", from: 600 },
    facts: [...at(1, ["oracle"]), ...at(CHANCE, ["own", ...dummies, ...longer, "matched-text"])],
  },
  {
    name: "private-code",
    truth: "the answer is read from the own latents, in a code that no oracle uses",
    layers: [nothing, [fromSlots(places.own), collect(places.own)]],
    ...clear,
    verdict: loadBearing,
    facts: [
      ...at(own, ["own", "shuffle", ...longer]),
      ...at(CHANCE, ["oracle", ...dummies, "matched-text", "drop-image"]),
    ],
  },
  {
    name: "partly",
    truth:
      "the answer is read from the latents, which hold what the picture shows: the right colour in some, any in most",
    layers: [nothing, [fromSlots(places.code), collect(places.code)]],
    clear: PARTLY,
    verdict: { conclusion: "load-bearing", from: 200 },
    facts: [
      ...at(seen(PARTLY), ["own", "shuffle", "knockout(image)", ...longer]),
      ...at(1, ["oracle"]),
      ...at(CHANCE, [...dummies, "skip", "no-markers", "knockout(slots)", "matched-text"]),
    ],
  },
  {
    name: "unreadable",
    truth: "the answers name no option",
    layers: [nothing, [fromSlots(places.code), collect(places.code)]],
    ...clear,
    mute: true,
    verdict: { conclusion: "inconclusive", from: null, why: "no answer can be read" },
    facts: at(0, ["own", "oracle", ...dummies, "skip"]),
  },
  {
    name: "uninformed-oracle",
    truth: "the answer is read from the latents, and neither the own ones nor the oracle tell it",
    layers: [nothing, [fromSlots(places.code), collect(places.code)]],
    clear: 0,
    helper: "any",
    verdict: {
      conclusion: "inconclusive",
      from: null,
      why: "everything is right by chance, each in different examples: equivalence within two points takes thousands of examples",
    },
    facts: at(CHANCE, ["own", "oracle", ...dummies, ...longer]),
  },
  {
    name: "image-first",
    truth: "the picture outvotes the latents wherever it can be seen, and they are read where it cannot",
    // What the slots say is small beside what the picture says, and all there is without it.
    layers: [
      [fromSlots(places.code, 0.5), idle],
      [fromPrompt, collect(places.code)],
    ],
    ...clear,
    verdict: bypassed,
    facts: [
      ...at(own, ["own", "oracle", ...dummies, ...blockSuite, "no-markers", "knockout(markers)"]),
      ...at(own, ["matched-text", "knockout(image)", "own@unseen"]),
      ...at(CHANCE, ["drop-image", "other-own@unseen"]),
    ],
  },
  {
    name: "with-image",
    truth:
      "the latents are read where a picture can be seen, whatever it shows, and nothing is read where there is none",
    layers: [
      [
        {
          // Others look where no picture is: beside what is moved here, a picture's own code would be nothing.
          looks: "previous",
          when: [{ place: cue, strength: UNIT, look: "prompt", instead: "previous" }],
          moves: [{ from: places.present, to: places.asking, times: 22 }],
        },
        idle,
      ],
      [
        {
          looks: "self",
          when: [{ place: places.asking, strength: SHARED, look: "slots", instead: "self" }],
          moves: code(places.code, places.answer, 6),
        },
        collect(places.code),
      ],
    ],
    present: UNIT,
    ...clear,
    verdict: loadBearing,
    facts: [
      ...at(own, ["own", "shuffle", "first-repeat", "truncate(1)", "knockout(markers)", ...longer]),
      ...at(1, ["oracle"]),
      ...at(CHANCE, [...dummies, "skip", "marker-repeat", "no-markers", "knockout(slots)"]),
      ...at(CHANCE, ["own-steps(0)", "matched-text", "drop-image", "knockout(image)"]),
      ...at(CHANCE, ["own@unseen", "other-own@unseen"]),
    ],
  },
  {
    name: "deaf",
    truth: "nothing is read: neither latents nor pictures nor helpers, as whatever they are shown",
    layers: [nothing, nothing],
    ...clear,
    verdict: bypassed,
    facts: at(CHANCE, [
      "own",
      "oracle",
      ...dummies,
      ...blockSuite,
      "no-markers",
      "knockout(image)",
      "drop-image",
    ]),
  },
  {
    name: "collapsed",
    truth: "the answer is read from the latents, and the own ones are the same in every example",
    layers: [nothing, [fromSlots(places.code), idle]],
    ...clear,
    verdict: { conclusion: "starved", from: 200 },
    facts: [
      ...at(1, ["oracle"]),
      ...at(CHANCE, ["own", ...dummies, ...longer, "skip", "no-markers", "image-twice", "drop-image"]),
    ],
  },
];
