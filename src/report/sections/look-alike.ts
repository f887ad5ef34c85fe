/** Right or wrong latents × followed or not. */
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
import { figure, range } from "../numbers.ts";

const COLUMNS = [
  ["rightFollowed", "Right, followed", "the block looks like the right option, and the answer is that"],
  ["rightNot", "Right, not read", "the block looks like the right option, and the answer is another"],
  [
    "wrongFollowed",
    "Wrong, followed",
    "the block looks like a wrong option, and the answer is that: a wrong latent, faithfully read",
  ],
  ["wrongNot", "Wrong, not read", "the block looks like a wrong option, and the answer is another"],
] as const;

/**
 * The four-way table; nothing where options have no features.
 *
 * @example
 * lookAlikeSection({ audit: {} }).markup; // ""
 */
export function lookAlikeSection(placed: LocatedAudit): Html {
  const { lookAlike } = placed.audit;
  if (!lookAlike) return html``;
  const rows = Object.entries(lookAlike).map(([name, found]) => {
    const at = (key: string) => inAudit(placed, "lookAlike", name, key);
    return html`<tr><th scope="row">${name}</th>
${COLUMNS.map(([key]) => html`<td class="num">${figure(found[key], "count", at(key))}</td>`)}
<td class="num dim">${range(found.rightInterval, "percent", at("rightInterval"))}</td>
<td class="num dim">${range(found.followedInterval, "percent", at("followedInterval"))}</td>
<td class="num">${figure(found.margin, "decimal", at("margin"))}</td>
<td class="num">${figure(found.n, "count", at("n"))}</td></tr>`;
  });
  return html`<details class="more"><summary><span class="as-h3">Which option do latents look like, and is it answered?</span></summary>
${wideTable(html`<table><thead><tr><th scope="col">Latents</th>${COLUMNS.map(([, label, hint]) => html`<th scope="col" class="num" title="${hint}">${label}</th>`)}<th scope="col" class="num" title="share of blocks that look like the right option">Right, 95${"\u202f"}%</th><th scope="col" class="num" title="share of answers that are the option that the block looks like">Followed, 95${"\u202f"}%</th><th scope="col" class="num" title="cosine to the nearest option less that to the next, mean">Margin</th><th scope="col" class="num">n</th></tr></thead>
<tbody>${rows}</tbody></table>`)}</details>`;
}
