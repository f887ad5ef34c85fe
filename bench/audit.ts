/**
 * What an audit's interventions cost: all continue from one prefix, so 12 must not cost more than twice `own` alone.
 *   npm run bench:audit [-- CASE ...]
 * Whole audits are timed, everything that they do counted: images, prefill, own pass, interventions, statistics. Weights
 * are random, those of the larger models in files as `lintel audit` reads them (bench/.cache, 2.4 GB); the text's length is
 * forced. Prints JSON lines: per case the cost beside `own` alone, and beside transformers' generate() run once for each
 * intervention. Exits with 1 where the bar is missed or a run failed.
 * Python: LINTEL_PYTHON, else .venv/bin/python; without it the second line says that nothing was compared.
 */
import { runtimeVersions } from "../src/graph/index.ts";
import { lintelVersion } from "../src/util/index.ts";
import { cases, SLOTS, TEXT } from "./audit/cases.ts";
import { type AuditRun, costLine, type Peer, separateLine } from "./audit/lines.ts";
import { report } from "./history.ts";
import { chosenOf, failed as hasFailed, nodeArguments, programOf, python, runnerOf } from "./processes.ts";

const program = programOf("audit");
const run = runnerOf("audit");
const versions = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
let failed = false;
for (const name of chosenOf("audit", cases)) {
  const ours = await run<AuditRun>(
    `${name}: audits`,
    process.execPath,
    ...nodeArguments(program("ours.ts")),
    name,
  );
  if (hasFailed(ours)) {
    failed = true;
    continue;
  }
  const line = costLine(name, ours, versions);
  report(line);
  if (line.ratio < 1) failed = true;
  const { examples, prompt, threads } = ours;
  const shape = JSON.stringify(cases[name].shape);
  // As many ids as a continuation has: start marker, slots, end marker, text.
  const asked = [shape, examples, prompt, 2 + SLOTS + TEXT, threads];
  const peer = await run<Peer>(`${name}: transformers`, python, program("peer.py"), ...asked);
  report(separateLine(name, ours, peer, versions));
}
process.exitCode = failed ? 1 : 0;
