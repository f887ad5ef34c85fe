/** Opening the second network that a family's training took its targets from. */
import { fileWeights, openCheckpoint } from "../../qwen/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { LatentModel } from "../latent-model.ts";
import { type LoadOptions, loadLatentModel } from "../load-model.ts";
import { oracleSize } from "../oracles.ts";
import { createPooling } from "./pooling.ts";
import { sketchTargets } from "./sketch.ts";
import { teacherTargets } from "./teacher.ts";
import type { TargetNetwork } from "./types.ts";

/** A teacher in the architecture of the model that it taught. */
async function openTeacher(
  { family, rules, network }: LatentModel,
  directory: string,
  options: LoadOptions,
): Promise<TargetNetwork> {
  const teacher = await loadLatentModel(directory, { ...options, everyHidden: "last" });
  const { text } = teacher.network.config;
  const shape = ({
    rules: { startId, endId, padId },
    network: { config },
  }: Pick<LatentModel, "rules" | "network">) =>
    `${config.modelType}, width ${config.text.hiddenSize}, markers ${startId}, ${padId}, ${endId}`;
  const [expected, got] = [shape({ rules, network }), shape(teacher)];
  if (expected !== got || teacher.network.config.modelType !== "qwen2_5_vl") {
    await teacher.network.release();
    throw new LintelError("checkpoint", {
      where: directory,
      expected: `a teacher of the model's own kind (qwen2_5_vl): ${expected}`,
      got,
    });
  }
  const store = await fileWeights(await openCheckpoint(directory));
  const made = createPooling(text, store, options);
  const pooling = {
    ...made,
    release: async () => {
      await made.release();
      await store.release();
    },
  };
  return teacherTargets(teacher, pooling, family, { from: directory, ...rules });
}

/**
 * A model, loaded from the directory `model`, with the network at another directory as the source of its oracles, where
 * its family's training had one. It is released with `targets.release`.
 *
 * Errors: "usage" for families that took their targets from the model itself, or have none; "checkpoint" for what does
 * not fit.
 */
export async function withTargetNetwork(
  model: LatentModel,
  directory: string,
  { model: own, ...options }: LoadOptions & { model: string },
): Promise<LatentModel> {
  const { family, rules } = model;
  ensure(family.targets, "usage", () => ({
    where: "--oracle-model",
    expected:
      "a family whose training took its targets from a second network (ilvr: its teacher; skila: SigLIP2)",
    got: family.name,
  }));
  const targets =
    family.targets === "teacher"
      ? await openTeacher(model, directory, options)
      : await sketchTargets(family, await openCheckpoint(own), directory, {
          ...options,
          oracleK: oracleSize(rules),
        });
  return { ...model, targets };
}
