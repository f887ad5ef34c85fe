/** The page of one audit: `report.html` beside its `audit.json`, of the same sections as the page of a study. */
import { join } from "node:path";
import {
  type AuditResult,
  type Question,
  readAuditResult,
  type SuiteResult,
  streamQuestions,
  verdictLabel,
} from "../audit/index.ts";
import { writeFileAtomic } from "../formats/index.ts";
import { typeset } from "../statistics/index.ts";
import type { Example } from "../tasks/index.ts";
import { lintelVersion } from "../util/index.ts";
import { DETAIL_LEVELS, MAX_PAGE_BYTES } from "./detail-levels.ts";
import { type Evaluation, inAudit, type LocatedAudit, locatedControl, measured } from "./groups.ts";
import { type Html, html } from "./html.ts";
import { htmlShell } from "./html-shell.ts";
import { figure } from "./numbers.ts";
import { readAudit } from "./read-run.ts";
import type { AuditData, ReportExample } from "./report-data.ts";
import { isMissing } from "./report-data.ts";
import { beamSymbols, evaluationSize, verdictBadges } from "./sections/badges.ts";
import { evaluationBlock } from "./sections/evaluation.ts";
import { examplesSection } from "./sections/examples.ts";
import { auditMethods } from "./sections/methods.ts";
import { namedSlicesSection } from "./sections/named-slices.ts";
import { slicesSection } from "./sections/slices.ts";

/** Questions in place of examples that the page cannot see. */
async function withQuestions(
  examples: AuditData["examples"],
  directory: string,
): Promise<AuditData["examples"]> {
  if (isMissing(examples)) return examples;
  const shown = new Set(examples.map(({ outcomes }) => outcomes.example));
  const questions = new Map<string, Question>();
  for await (const each of streamQuestions(directory))
    if (shown.has(each.example)) questions.set(each.example, each);
  return examples.map((each): ReportExample => {
    const question = questions.get(each.outcomes.example)?.question;
    if (!isMissing(each.example) || question === undefined) return each;
    return { ...each, example: { question, images: [], helpers: [] } };
  });
}

function suiteBlock([name, { title, source, conclusion, meaning, conclusionReason }]: [
  string,
  SuiteResult,
]): Html {
  const words = [meaning, conclusionReason].filter(Boolean).join(". ");
  const evidence = html`<p class="evidence"><b>${conclusion}</b>${words ? html`: ${typeset(words)}.` : null}</p>`;
  return html`<li class="finding"><span class="id"></span><div><p class="claim">${name}: ${title}</p>
${conclusion === undefined ? null : evidence}
<p class="source">${source}</p></div></li>`;
}

/** Verdict and the accuracies that it rests on, in one line. */
function headline(placed: LocatedAudit): Html {
  const control = locatedControl(placed);
  const known = [
    [placed.audit.verdict === "no-latents" ? "its answers" : "own latents", measured(placed, "own")],
    ["the oracle", measured(placed, "oracle")],
    [control ? `the best control (${control.name})` : "", control?.at],
  ] as const;
  const parts = known.flatMap(([name, at]) =>
    typeof at?.value === "number" ? [html`${name} ${figure(at.value, "percent", at.source)}`] : [],
  );
  const { audit } = placed;
  return html`<p class="answer"><strong class="${audit.verdict}">${verdictLabel(audit)}</strong>: ${parts.map((part, i) => html`${i > 0 ? ", " : null}${part}`)}; chance ${figure(audit.chance, "percent", inAudit(placed, "chance"))}.</p>`;
}

/** The page for an audit; pure. */
function renderAudit(
  audit: AuditResult,
  data: AuditData,
  title: string,
  detail: (typeof DETAIL_LEVELS)[number],
): string {
  const placed: LocatedAudit = {
    member: {
      index: 0,
      cell: { id: title, task: title, recipe: "", seed: 0 } as LocatedAudit["member"]["cell"],
    },
    audit,
    index: 0,
    alone: true,
  };
  const evaluation: Evaluation = {
    task: audit.task ?? title,
    split: audit.split,
    foreign: false,
    seeds: [placed],
  };
  const making = { material: { cells: [{ audits: [data] }] }, detail, id: "audit" };
  const suites = Object.entries(audit.suites ?? {});
  const links: [string, string][] = [
    ["result", "Result"],
    ...(suites.length > 0 ? [["suites", "Suites"] as [string, string]] : []),
    ...(audit.slices ? [["slices", "Slices"] as [string, string]] : []),
    ...(audit.namedSlices ? [["named-slices", "Named slices"] as [string, string]] : []),
    ["methods", "Methods"],
  ];
  const header = html`<p class="kicker">Lintel audit, split <b>${audit.split}</b>${audit.loop ? html`, ${audit.loop.dialect} loop` : null}</p>
<h1>${title}</h1>
${headline(placed)}
<p class="why">${typeset(audit.readable ?? audit.verdictReason ?? "")}</p>
<nav aria-label="Contents"><ul>${links.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
  const main = html`<section class="cell" id="result"><h2>Result</h2>
<h3 class="line">${verdictBadges(evaluation)} <small>${evaluationSize(evaluation)}</small></h3>
${evaluationBlock(evaluation, making)}
${examplesSection(data.examples, detail.examples)}</section>
${suites.length > 0 ? html`<section id="suites"><h2>Suites</h2><ol class="findings">${suites.map(suiteBlock)}</ol></section>` : null}
${audit.slices ? slicesSection(placed) : null}
${audit.namedSlices ? namedSlicesSection(placed) : null}
${auditMethods(audit)}`;
  return htmlShell({ title, lintel: lintelVersion(), symbols: beamSymbols(), header, main });
}

/**
 * Writes `report.html` beside the `audit.json` of a directory and answers its path.
 *
 * @param title - Names the model.
 * @param examples - Of the split, for images on the page; without, questions alone.
 *
 * Errors: "input" where the audit is unfinished or a file of it is broken, "output".
 */
export async function writeAuditPage(
  directory: string,
  { title, examples }: { title: string; examples?: readonly Example[] },
): Promise<string> {
  const audit = await readAuditResult(directory);
  const byId = examples && new Map(examples.map((each) => [each.id, each]));
  const read = await readAudit(directory, async () => byId ?? { missing: "the dataset is not at hand" });
  const data = { ...read, examples: await withQuestions(read.examples, directory) };
  let page = "";
  for (const detail of DETAIL_LEVELS) {
    page = renderAudit(audit, data, title, detail);
    if (Buffer.byteLength(page) <= MAX_PAGE_BYTES) break;
  }
  const path = join(directory, "report.html");
  await writeFileAtomic(path, page);
  return path;
}
