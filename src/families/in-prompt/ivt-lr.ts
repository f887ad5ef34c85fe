/**
 * IVT-LR (arXiv 2510.12603; docs/published-families.md §12) on Qwen2-VL: latents behind the prompt as in Coconut, and before each
 * some features of the image again, those that the last position attends to. Facts from FYYDCC/IVT-LR at a47db8c: qwen_vl/
 * qwen_ivtlr.py (loop), infer.py (prompt, images, answers), qwenvl_run.py (tokens, target).
 */
import type { Example } from "../../tasks/index.ts";
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { exactly } from "../images.ts";
import { imagesFirst, responseIn } from "../prompt.ts";
import { blockRules, latentCount, resolveId } from "../rules.ts";
import type { ContentPart, Family } from "../types.ts";

const SLOT = "<|latent|>";
const order = ["<|start-latent|>", "<|end-latent|>", SLOT];

/** Latents that infer.py writes behind the prompt, and `num_selected_patches`. */
const [LATENTS, PICKS] = [3, 32];

/** The question in braces and the options behind it, as infer.py lists them; questions without listed options as they are. */
function content(example: Example): ContentPart[] {
  const { question, options, optionTexts = [] } = example;
  const listed = (form: (text: string, i: number) => string): string => optionTexts.map(form).join("\n");
  const usual = `\nOptions:\n${listed((text, i) => `${options[i]}. ${text}`)}`;
  const choices = `[Options]:\n${listed((text, i) => `${options[i]}.{${text.trim()}}`)}\n`;
  const known = optionTexts.length > 0 && question.endsWith(usual);
  const stem = (known ? question.slice(0, -usual.length) : question).replaceAll("<image>", "").trim();
  const images = "<image>".repeat(example.images.length);
  return imagesFirst()({ question: `${images}[Question]:{${stem}}\n${known ? choices : ""}Answer:` });
}

export const ivtLr: Family = {
  name: "ivt-lr",
  dialect: "ivt-lr",
  tokens: order,
  configKeys: ({ k }) => ({ model_type: "qwen2_vl", ivt_lr_latents: k }),
  // the tokens are Coconut's: the architecture tells them apart
  detect: ({ model_type: architecture }, idOf) =>
    architecture === "qwen2_vl" && idOf(order[0]!) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "IVT-LR", order, first: null };
    return blockRules(
      {
        startId: null,
        endId: null,
        padId: resolveId(sources, null, SLOT),
        k: latentCount(config, "ivt_lr_latents", LATENTS),
      },
      {
        forceEnd: false,
        eosEnds: true,
        placeholders: true,
        perSampleState: false,
        picks: latentCount(config, "ivt_lr_patches", PICKS),
        positions: "text",
      },
    );
  },
  content,
  tail: ({ k }) => SLOT.repeat(k),
  response: responseIn({
    before: "",
    after: "",
    open: "",
    close: "",
    answer: (option) => `Therefore, the answer is ${option}`,
  }),
  ...answersBy("ivt-lr"),
  answerCue: "the answer is",
  pictures: {
    first: exactly(280, 280),
    transparency: "white",
    source: "IVT-LR, qwen_vl/infer.py: every image is resized to 280 × 280 pixels (qwen_vl_utils)",
  },
  generation: { maxTokens: 512, repetitionPenalty: 1, sampling: "greedy" },
  compress: groupMeans,
  noOracle:
    "IVT-LR's latents are trained on the answer and the remaining steps in words: no features are their target",
};
