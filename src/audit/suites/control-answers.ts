/** Answers to reviewers' questions that are neither a suite's conclusion nor rows of interventions. */
import { type Interval, pEquals, pointsWithin, shareWithin } from "../../statistics/index.ts";
import type { AuditResult } from "../record/schema.ts";

/**
 * Whether answers can be read, and which controls broke them.
 *
 * @example
 * breakage({ interventions: {} }); // "No control breaks the answer."
 */
export function breakage({
  broken = {},
  interventions,
}: Pick<AuditResult, "broken" | "interventions">): string {
  const own = interventions.own?.answered;
  const read =
    typeof own === "number" ? `${shareWithin(own, null)} of the answers under own latents can be read. ` : "";
  const sentences = Object.values(broken);
  return (
    read + (sentences.length > 0 ? `Left out: ${sentences.join("; ")}.` : "No control breaks the answer.")
  );
}

/**
 * The cosine of own latents to their oracles, beside those of pairs of which one knows how alike they should be.
 *
 * @example
 * const none = { cosine: null, low: null, high: null, pairs: 0 };
 * geometryInWords({ geometry: { ownOracle: { cosine: 0.7 }, references: { words: { ...none, cosine: 0.6, pairs: 9 } } } });
 * // "Own latent to its oracle 0.70; two words 0.60."
 */
export function geometryInWords({
  geometry: { ownOracle, references = {} },
}: {
  geometry: {
    ownOracle: Pick<AuditResult["geometry"]["ownOracle"], "cosine">;
    references?: AuditResult["geometry"]["references"];
  };
}): string {
  const names: Record<string, string> = {
    sameAnswer: "to another example's with the same answer",
    otherAnswer: "with another answer",
    shuffledSlots: "to another slot of its oracle",
    oracleOtherAnswer: "two oracles of different answers",
    ownToPatch: "own latent to a visual token",
    patchesOfOne: "two visual tokens of one example",
    patchesOfTwo: "of two examples",
    words: "two words",
  };
  const parts = Object.entries(names).flatMap(([key, words]) => {
    const cosine = references[key]?.cosine;
    return typeof cosine === "number" ? [`${words} ${within(cosine, null)}`] : [];
  });
  const own = typeof ownOracle.cosine === "number" ? within(ownOracle.cosine, null) : "not measured";
  return `${[`Own latent to its oracle ${own}`, ...parts].join("; ")}.`;
}

/** Numbers of an analysis of any suite of an audit; undefined where it was not run. */
function analysisOf<T>({ suites = {} }: Pick<AuditResult, "suites">, name: string): T | undefined {
  return Object.values(suites).find(({ results }) => results[name])?.results[name] as T | undefined;
}

/** A number with its interval, with real minus signs. */
const within = (value: number, interval: Interval | null, digits = 2): string =>
  `${value.toFixed(digits)}${interval ? ` [${interval.map((x) => x.toFixed(digits)).join(", ")}]` : ""}`.replaceAll(
    "-",
    "−",
  );

interface Numbers {
  accuracy?: number | null;
  shuffled?: number | null;
  ari?: number | null;
  p?: number | null;
  interval?: Interval | null;
  gain?: { value: number | null; interval: Interval | null };
}

/**
 * What a perceptron reads at the slots beside a linear probe, and whether latents fall into clusters that are the answers.
 *
 * @example
 * nonlinear({}); // "The suite prism was not run."
 */
export function nonlinear(audit: Pick<AuditResult, "suites">): string {
  const slots = analysisOf<{ mlp?: Record<string, Numbers> }>(audit, "probes")?.mlp?.slots;
  const answer = analysisOf<{ own: { answer: Numbers } }>(audit, "clusters")?.own.answer;
  if (!slots && !answer) return "The suite prism was not run.";
  const probe =
    typeof slots?.accuracy === "number"
      ? `Perceptron at the slots ${shareWithin(slots.accuracy, slots.interval ?? null)}` +
        (typeof slots.shuffled === "number"
          ? `, with shuffled labels ${shareWithin(slots.shuffled, null)}`
          : "") +
        (slots.gain?.value == null
          ? ""
          : `, over the linear probe ${pointsWithin(slots.gain.value, slots.gain.interval)}`)
      : "No perceptron at the slots";
  const index =
    typeof answer?.ari === "number"
      ? `clusters against answers: adjusted Rand index ${answer.ari.toFixed(2)}${typeof answer.p === "number" ? `, ${pEquals(answer.p)}` : ""}`
      : "no clusters";
  return `${probe}; ${index}.`;
}

/**
 * Right and wrong latents, and whether the answer is the option that they look like.
 *
 * @example
 * looksInWords({}); // "Options have no helpers that latents could look like."
 */
export function looksInWords({ lookAlike = {} }: Pick<AuditResult, "lookAlike">): string {
  const parts = Object.entries(lookAlike).map(
    ([name, { rightFollowed, rightNot, wrongFollowed, wrongNot, n, followedInterval }]) =>
      `${name} of ${n}: right latent and followed ${rightFollowed}, right and not followed ${rightNot}, wrong and followed ` +
      `${wrongFollowed}, wrong and not followed ${wrongNot} (followed ${shareWithin((rightFollowed + wrongFollowed) / n, followedInterval)})`,
  );
  return parts.length > 0 ? `${parts.join("; ")}.` : "Options have no helpers that latents could look like.";
}

/**
 * How much more often the answer becomes that of a donor of the same question than of a matched one, and without the image's part.
 *
 * @example
 * donorsInWords({}); // "The suite mediation was not run."
 */
export function donorsInWords(audit: Pick<AuditResult, "suites">): string {
  type Part = { difference: number | null; interval: Interval | null; pairs: number; reason?: string };
  const found = analysisOf<Record<string, Part>>(audit, "sameQuestion");
  if (!found) return "The suite mediation was not run.";
  const parts = [
    ["the answer becomes the donor's more often than under own latents", "lift over own"],
    ["than under a matched donor of another question", "lift over matched-question"],
    ["own latents over the question's mean", "own − question-mean"],
    ["over the residual form", "own − question-residual"],
  ].map(([words, key]) => {
    const { difference = null, interval = null, pairs = 0, reason } = found[key!] ?? {};
    return `${words}: ${difference === null ? (reason ?? "not run") : `${pointsWithin(difference, interval)} (${pairs} independent pairs)`}`;
  });
  return `Latents of an example that asks the same: ${parts.join("; ")}.`;
}

/**
 * What the likeliest whole reply is right in, by content of the slots.
 *
 * @example
 * likelihoods({}); // "The suite prism was not run."
 */
export function likelihoods(audit: Pick<AuditResult, "suites">): string {
  const found = analysisOf<{
    reason?: string;
    contents?: {
      content: string;
      accuracy: number;
      interval: Interval | null;
      difference?: { value: number | null; interval: Interval | null };
    }[];
  }>(audit, "answerLikelihood");
  if (!found) return "The suite prism was not run.";
  if (!found.contents) return `No reply could be scored: ${found.reason}.`;
  const parts = found.contents.map(({ content, accuracy, interval, difference }) => {
    const over =
      difference?.value == null
        ? ""
        : ` (own latents over it, nats: ${within(difference.value, difference.interval)})`;
    return `${content} ${shareWithin(accuracy, interval)}${over}`;
  });
  return `By the likeliest reply: ${parts.join("; ")}.`;
}

/**
 * What the answer loses without a region of the image, and whether the target is where it loses most.
 *
 * @example
 * regionsInWords({}); // "The suite knockout was not run."
 */
export function regionsInWords(audit: Pick<AuditResult, "suites">): string {
  type Mean = { value: number | null; interval: Interval | null };
  const found = analysisOf<
    { n: number; reason?: string } & Partial<Record<"largestDrop" | "topQuarter" | "flips" | "target", Mean>>
  >(audit, "regionBlocking");
  if (!found) return "The suite knockout was not run.";
  const { largestDrop, topQuarter, flips, target } = found;
  if (typeof largestDrop?.value !== "number") return `No region could be hidden: ${found.reason}.`;
  const shown = ({ value, interval }: Mean): string => within(value!, interval);
  return (
    `Without the region that counts most the margin of the right option falls by ${shown(largestDrop)} nats` +
    (typeof topQuarter?.value === "number"
      ? `; a quarter of the regions holds ${shareWithin(topQuarter.value, topQuarter.interval)} of all losses`
      : "") +
    (typeof flips?.value === "number"
      ? `; the answer changes in ${shareWithin(flips.value, flips.interval)} of ${found.n} examples`
      : "") +
    (typeof target?.value === "number"
      ? `; the target's regions lose ${shown(target)} more than others`
      : "") +
    "."
  );
}

/**
 * Whether images within a few levels of the prompt's, against the answer, move the latents or the answer, beside random ones.
 *
 * @example
 * adversariesInWords({}); // "The suite mediation was not run."
 */
export function adversariesInWords(audit: Pick<AuditResult, "suites">): string {
  type Mean = { value: number | null; interval: Interval | null };
  type Kind = Record<"changed" | "changedWithOwn" | "changedByLatents" | "distance", Mean>;
  const found = analysisOf<{
    n: number;
    reason?: string;
    levels?: number;
    adversarial?: Kind;
    random?: Kind;
    difference?: { distance: Mean; changed: { value: number; p: number } };
  }>(audit, "adversarialImages");
  if (!found) return "The suite mediation was not run.";
  const { n, levels, adversarial, random, difference } = found;
  if (!adversarial || !random || !difference) return `No image could be made: ${found.reason}.`;
  const shown = ({ value, interval }: Mean): string =>
    value === null ? "not measured" : shareWithin(value, interval);
  const far = ({ value }: Mean): string => (value === null ? "not measured" : value.toFixed(3));
  return (
    `Within ${levels}/255 of the image of ${n} examples, against the answer: it changes in ${shown(adversarial.changed)} ` +
    `(random signs ${shown(random.changed)}, exact McNemar ${pEquals(difference.changed.p)}), ` +
    `with the clean latents in the slots in ${shown(adversarial.changedWithOwn)}, ` +
    `by the latents alone in ${shown(adversarial.changedByLatents)}; the latents move by ${far(adversarial.distance)} of the ` +
    `distance between examples (random signs ${far(random.distance)}` +
    (difference.distance.interval
      ? `, difference ${within(difference.distance.value!, difference.distance.interval, 3)})`
      : ")") +
    "."
  );
}

/**
 * Accuracy under augmentations of the image, and the cosine of the latents made of them to those of the image itself.
 *
 * @example
 * const row = { accuracy: 0.5, interval: null, n: 4, dose: { cosine: 0.9 } };
 * augmentations({ interventions: { "rotated-image(5)": row } }); // "rotated-image(5) 50.0 %, cosine of latents 0.90."
 */
export function augmentations({
  interventions,
}: {
  interventions: Readonly<
    Record<
      string,
      {
        accuracy: number | null;
        interval: Interval | null;
        dose?: { cosine: number | null } | undefined;
      }
    >
  >;
}): string {
  const rows = Object.entries(interventions).filter(([name]) =>
    /^(noisy|blurred|cropped|rotated|brightened)-image\(/.test(name),
  );
  if (rows.length === 0) return "No augmentation was run.";
  const parts = rows.map(([name, { accuracy, interval, dose }]) => {
    const right = accuracy === null ? "–" : shareWithin(accuracy, interval);
    const drift = typeof dose?.cosine === "number" ? `, cosine of latents ${within(dose.cosine, null)}` : "";
    return `${name} ${right}${drift}`;
  });
  return `${parts.join("; ")}.`;
}
