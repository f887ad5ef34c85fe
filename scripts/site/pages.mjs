// A TypeDoc plugin: pages of docs/ get the title of their first heading, and the group and place that docs/index.md gives
// them. A page that docs/index.md does not link to is an error; decision records belong under their index.
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Converter } from "typedoc";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Pages in reading order, each with the heading of docs/index.md that it is under. */
export function readingOrder() {
  const index = resolve(root, "docs/index.md");
  const order = new Map([[index, "Start"]]);
  let group = "Start";
  for (const line of readFileSync(index, "utf8").split("\n")) {
    group = line.match(/^## (.+)$/)?.[1] ?? group;
    for (const [, target] of line.matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
      const page = resolve(dirname(index), target);
      if (!order.has(page) && relative(root, page).startsWith("docs/")) order.set(page, group);
    }
  }
  return order;
}

/** @param {import("typedoc").Application} app */
export function load(app) {
  const order = readingOrder();
  const groups = [...new Set([...order.values(), "Decisions", "API"])];
  const places = new Map();
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const path = app.files.getReflectionPath(page) ?? page.project.files.getReflectionPath(page);
    const text = page.content.map((part) => part.text).join("");
    page.name = (text.match(/^# (.+)$/m)?.[1] ?? page.name).replaceAll("`", "");
    const record = relative(root, path).match(/^docs\/decisions\/(\d{4})-/);
    const group = record ? "Decisions" : order.get(path);
    if (group === undefined)
      app.logger.error(`${relative(root, path)}: docs/index.md has no link to this page`);
    page.frontmatter.group = group;
    places.set(page, record ? Number(record[1]) : [...order.keys()].indexOf(path));
  });
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const entry of project.children ?? []) if (entry.name === "index") entry.name = "lintel";
      for (const group of project.groups ?? []) {
        if (group.title === "Modules") group.title = "API";
        if (group.children.every((page) => places.has(page)))
          group.children.sort((a, b) => places.get(a) - places.get(b));
      }
      project.groups?.sort((a, b) => groups.indexOf(a.title) - groups.indexOf(b.title));
      project.documents?.sort((a, b) => places.get(a) - places.get(b));
    },
    -10_000,
  );
}
