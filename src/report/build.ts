/** The report of a run as one HTML file. */
import { join } from "node:path";
import { writeFileAtomic } from "../formats/index.ts";
import { MAX_PAGE_BYTES, STUDY_DETAIL_LEVELS } from "./detail-levels.ts";
import { readMaterial, readRun } from "./read-run.ts";
import type { ReportData } from "./report-data.ts";
import { renderPage } from "./study-page.ts";

/** The most detailed page of at most `largest` bytes; the least detailed one where none fits. */
export function fitPage(material: ReportData, largest: number = MAX_PAGE_BYTES): string {
  let page = "";
  for (const detail of STUDY_DETAIL_LEVELS) {
    page = renderPage(material, detail);
    if (Buffer.byteLength(page) <= largest) break;
  }
  return page;
}

/**
 * The report of a finished run: one HTML page that needs no network and no other file, at most 5 MB, and the same
 * bytes whenever it is made again from the same run. Throws `LintelError` "input" where the run has no valid
 * `results.json` or one of its files is broken.
 *
 * @example
 * await buildReport("/no/such/run").catch((error) => error.code); // "input"
 */
export async function buildReport(runDirectory: string): Promise<string> {
  return fitPage(await readRun(runDirectory));
}

/**
 * Writes `report.html` into the run directory, wholly or not at all, and returns its path. Throws as `buildReport`,
 * and `LintelError` "output" where it cannot be written.
 *
 * @public
 * @example
 * const { mkdirSync, writeFileSync } = await import("node:fs");
 * const results = { lintel: "0.1.0", preset: "none", status: "complete", seconds: 1, environment: {}, cells: [], findings: [] };
 * mkdirSync("report-example", { recursive: true });
 * writeFileSync("report-example/results.json", JSON.stringify(results));
 * await writeReport("report-example"); // "report-example/report.html"
 */
export async function writeReport(runDirectory: string): Promise<string> {
  return writePage(runDirectory, await buildReport(runDirectory));
}

async function writePage(runDirectory: string, page: string): Promise<string> {
  const path = join(runDirectory, "report.html");
  await writeFileAtomic(path, page);
  return path;
}

/**
 * Writes `report.html` of a study that is running, from the results of its finished models, of `of` in all. The page says
 * so, and a browser loads it again now and then.
 *
 * Errors: as `buildReport`.
 *
 * @example
 * await writeRunningReport("/no/such/run", { cells: [] }, 2).catch((error) => error instanceof Error); // true
 */
export const writeRunningReport = async (
  runDirectory: string,
  results: ReportData["results"],
  of: number,
): Promise<string> =>
  writePage(runDirectory, fitPage({ ...(await readMaterial(runDirectory, results)), of }));
