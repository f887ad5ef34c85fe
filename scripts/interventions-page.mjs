/** Where docs/interventions.md has its generated table. */
const BEGIN = "<!-- interventions: written by scripts/interventions-table.mjs -->";
const END = "<!-- end of interventions -->";

/** The page with `table` between its two comments. */
export function withTable(page, table) {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/interventions.md lacks "${BEGIN}" … "${END}"`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}
