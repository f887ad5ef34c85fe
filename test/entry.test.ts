import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as entry from "../src/index.ts";

describe("the package's entry", () => {
  it("offers these names, at most forty-five with the types", () => {
    expect(Object.keys(entry).sort()).toEqual([
      "LintelError",
      "auditModel",
      "equivalence",
      "findings",
      "generateDataset",
      "geometry",
      "holm",
      "inform",
      "interventions",
      "judge",
      "lintelVersion",
      "loadLatentModel",
      "mcnemar",
      "pairedDifference",
      "pairsForEquivalence",
      "random",
      "readExamples",
      "readInterventions",
      "readManifest",
      "readResults",
      "readSplit",
      "recipes",
      "runStudy",
      "summarize",
      "summaryText",
      "tasks",
      "trainModel",
      "wilson",
      "writeDataset",
      "writeReport",
    ]);
    const source = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
    const listed = [...source.matchAll(/\{([^}]*)\} from/g)]
      .flatMap(([, names]) => names!.split(","))
      .filter((name) => name.trim());
    expect(listed.length).toBeLessThanOrEqual(45);
  });
});
