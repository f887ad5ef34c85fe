import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { summarize } from "../src/audit/judge/summary.ts";
import { appendixLatex, appendixMarkdown } from "../src/audit/readable/appendix.ts";
import { selectInterventions } from "../src/audit/request/select-interventions.ts";
import { controls, controlsMarkdown, suiteNames, suiteOf } from "../src/audit/suites/index.ts";
import { interventionOf } from "../src/reasoning/index.ts";
import { dummies, plant } from "./support/planted.ts";

it("is what the registry says", () => {
  expect(readFileSync(new URL("../docs/controls.md", import.meta.url), "utf8")).toContain(controlsMarkdown());
});

it("asks for every suite, and for interventions that there are", () => {
  expect(controls.flatMap(({ suite }) => suite ?? []).sort()).toEqual([...suiteNames].sort());
  for (const { interventions = [] } of controls)
    for (const name of interventions) expect(interventionOf(name).name).toBe(name);
  for (const { suite, interventions, command } of controls)
    expect([suite, interventions, command].filter((each) => each !== undefined)).toHaveLength(1);
});

it("reviewer is every suite and every control, once, with an appendix", () => {
  const { interventions, suites, appendix } = selectInterventions({ suites: ["reviewer", "trt"] });
  expect([[...suites].sort(), appendix]).toEqual([[...suiteNames].sort(), true]);
  const names = interventions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of [...suiteOf("full").interventions, "matched-question", "reshuffled"])
    expect(names).toContain(name);
  expect(selectInterventions({ suites: ["trt"] }).appendix).toBeUndefined();
});

it("the appendix answers every question from the audit, in both formats", () => {
  const rates = { own: 0.9, oracle: 0.95, ...dummies(0.3), "blank-image": 0.25 };
  const summary = summarize(plant({ n: 120, seed: 1, rates, shared: 0.5 }), null, { split: "eval" });
  const found = {
    title: "t",
    source: "s",
    interventions: [],
    conclusion: "load-bearing",
    conclusionReason: "by 60 %",
    results: {},
  };
  const audit = {
    ...summary,
    suites: { viveiros: found },
    lookAlike: {
      own: {
        n: 120,
        rightFollowed: 100,
        rightNot: 5,
        wrongFollowed: 10,
        wrongNot: 5,
        rightInterval: null,
        followedInterval: null,
        margin: 0.4,
      },
    },
  };
  const [markdown, latex] = [appendixMarkdown(audit), appendixLatex(audit)];
  for (const { question } of controls) {
    expect(markdown).toContain(`## ${question}\n`);
    expect(latex).toContain(`\\paragraph{${question}}`);
  }
  expect(markdown).toMatch(
    /Suite viveiros: load-bearing \(own latents beat every content-free control\)\. by 60 %/,
  );
  expect(markdown).toMatch(/blank-image 2\d\.\d % .*− own −6\d\.\d points .*exact McNemar p/);
  expect(markdown).toMatch(
    /## Is this cosine to the oracle high\?\n\nOwn latent to its oracle not measured\./,
  );
  expect(markdown).toMatch(/of the answers under own latents can be read\. No control breaks the answer\./);
  const mean = (value: number) => ({ value, interval: [value - 0.1, value + 0.1], n: 32 });
  const regionBlocking = {
    n: 32,
    ...{ largestDrop: mean(2), topQuarter: mean(0.8), flips: mean(0.5), target: mean(1.5) },
  };
  const knockout = { ...found, conclusion: "image", results: { regionBlocking } };
  expect(appendixMarkdown({ ...audit, suites: { knockout } })).toMatch(
    /falls by 2\.00 .* nats; a quarter of the regions holds 80\.0 % .* the target's regions lose 1\.50 .* more than others\./,
  );
  expect(markdown).toContain("The suite knockout was not run.");
  expect(markdown).toContain("| own | 100 | 5 | 10 | 5 | 120 |");
  expect(latex).toContain("own & 100 & 5 & 10 & 5 & 120 \\\\");
  expect(latex.match(/\\begin\{table\}/g)!.length).toBe(latex.match(/\\end\{table\}/g)!.length);
});
