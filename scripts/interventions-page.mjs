/** Where docs/interventions.md has its generated tables. */
const marks = (name) => [
  `<!-- ${name}: written by scripts/interventions-table.mjs -->`,
  `<!-- end of ${name} -->`,
];

/** The page with the table of `name` (interventions, analyses) between its two comments. */
export function withTable(page, table, name = "interventions") {
  const [begin, end] = marks(name);
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/interventions.md lacks "${begin}" … "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}
