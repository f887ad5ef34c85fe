/**
 * The style sheet. Colors follow Okabe and Ito's set, distinguishable with any color vision, in two shades for paper and for
 * dark; `light-dark()` follows the system or the switch at the top of the page, which needs no script. No web fonts.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --sunk: #f3f1ec; --ink: #1d1c1a; --muted: #69655d; --line: #e3dfd6; --edge: #d2cdc2;
  --own: #0067a5; --oracle: #c05000; --content-free: #757169; --control: #8a4f86; --counterfactual: #00775b; --band: #dfe9ee;
  --good: #00694f; --good-soft: #dcf0e8; --bad: #9b2743; --bad-soft: #f8e4e8; --warn: #8f4300; --warn-soft: #fbe9d8;
  --calm: #41518f; --calm-soft: #e5e9f7;
}
@supports (color: light-dark(#000, #fff)) {
  :root {
    --paper: light-dark(#fbfaf7, #161514); --card: light-dark(#ffffff, #1f1e1c); --sunk: light-dark(#f3f1ec, #292725);
    --ink: light-dark(#1d1c1a, #ebe7e0); --muted: light-dark(#69655d, #a39d93); --line: light-dark(#e3dfd6, #353230);
    --edge: light-dark(#d2cdc2, #4a4642); --own: light-dark(#0067a5, #62b5f0); --oracle: light-dark(#c05000, #f29a55);
    --content-free: light-dark(#757169, #a19b92); --control: light-dark(#8a4f86, #d39bd0); --counterfactual: light-dark(#00775b, #45c69f);
    --band: light-dark(#dfe9ee, #2f3a41); --good: light-dark(#00694f, #56cfa8); --good-soft: light-dark(#dcf0e8, #17372e);
    --bad: light-dark(#9b2743, #f08ca2); --bad-soft: light-dark(#f8e4e8, #421d27); --warn: light-dark(#8f4300, #f2ab6d);
    --warn-soft: light-dark(#fbe9d8, #40280f); --calm: light-dark(#41518f, #a9b7f2); --calm-soft: light-dark(#e5e9f7, #262c47);
  }
}
:root:has(#theme-light:checked) { color-scheme: light; }
:root:has(#theme-dark:checked) { color-scheme: dark; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; font-feature-settings: "cv11", "ss03"; text-rendering: optimizeLegibility;
}
.top, main { max-width: 1120px; margin: 0 auto; padding: 0 28px; }
.top { padding-top: 40px; }
h1, h2 { font-family: Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", "Source Serif 4", Georgia, "Liberation Serif", serif; font-weight: 600; letter-spacing: -.012em; line-height: 1.15; text-wrap: balance; }
h1 { font-size: 44px; margin: 4px 0 18px; overflow-wrap: anywhere; }
h2 { font-size: 28px; margin: 0 0 18px; }
h3, .as-h3 { font-size: 17px; font-weight: 650; }
h3 { margin: 0 0 12px; }
.line { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; }
h4 { font-size: 15.5px; font-weight: 650; margin: 0 0 10px; }
h3 small, h4 small, summary small { font-weight: 400; font-size: 13.5px; color: var(--muted); }
p { margin: 0 0 10px; }
a { color: inherit; text-decoration-color: var(--edge); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--own); outline-offset: 2px; border-radius: 3px; }
section { margin-top: 64px; }
code { font: 12.5px/1.4 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.note, .source, .why { color: var(--muted); font-size: 13.5px; }
.why { max-width: 82ch; font-size: 14.5px; }
.none { color: var(--muted); cursor: help; }
.symbols { position: absolute; }

.kicker { color: var(--muted); margin: 0; }
.kicker b, .meta b { color: var(--ink); font-weight: 600; }
.answer { font-size: 18.5px; line-height: 1.6; max-width: 76ch; margin-bottom: 14px; text-wrap: pretty; }
.answer strong { font-weight: 650; }
.answer .load-bearing { color: var(--good); } .answer .starved { color: var(--warn); } .answer .bypassed { color: var(--calm); }
.meta { color: var(--muted); font-size: 13.5px; }
.spread, data { white-space: nowrap; }
nav ul { list-style: none; margin: 24px 0 0; padding: 11px 0; border-block: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 6px 22px; font-size: 14px; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
.theme { float: right; border: 1px solid var(--line); border-radius: 8px; margin: 0; padding: 2px; display: flex; font-size: 12.5px; color: var(--muted); background: var(--card); }
.theme legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.theme label { padding: 2px 10px; border-radius: 6px; cursor: pointer; }
.theme input { position: absolute; opacity: 0; pointer-events: none; }
.theme label:has(:checked) { background: var(--sunk); color: var(--ink); }
.theme label:has(:focus-visible) { outline: 2px solid var(--own); }

.findings { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.finding { display: grid; grid-template-columns: 40px minmax(0, 1fr) 138px; gap: 4px 10px; padding: 15px 0 14px; border-bottom: 1px solid var(--line); }
.finding .id { color: var(--muted); font-weight: 600; padding-top: 1px; }
.finding > div { max-width: 78ch; }
.claim { font-weight: 600; font-size: 15.5px; margin-bottom: 3px; text-wrap: pretty; }
.evidence { margin-bottom: 3px; }
.source { margin: 0; }
.pill { justify-self: end; align-self: start; display: inline-flex; gap: 6px; padding: 2px 11px; border-radius: 99px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.pill.holds { background: var(--good-soft); color: var(--good); }
.pill.fails { background: var(--bad-soft); color: var(--bad); }
.pill.unmeasured, .pill.undecided { background: var(--sunk); color: var(--muted); }
.sign { display: inline-block; width: 1.15em; text-align: center; font-weight: 700; }
.sign.holds { color: var(--good); } .sign.fails { color: var(--bad); } .sign.unmeasured, .sign.undecided { color: var(--muted); }
details.seeds { font-size: 13.5px; color: var(--muted); margin-top: 6px; }
details.seeds ul { list-style: none; margin: 6px 0 0; padding: 0; display: grid; gap: 3px; color: var(--ink); }
.signs { margin-left: 4px; letter-spacing: -.04em; }

.wide {
  overflow-x: auto; --back: var(--paper); --shade: color-mix(in srgb, var(--ink) 22%, transparent);
  /* A shadow on the side where more of a table is. */
  background: linear-gradient(90deg, var(--back) 40%, transparent), linear-gradient(270deg, var(--back) 40%, transparent) 100% 0, linear-gradient(90deg, var(--shade), transparent), linear-gradient(270deg, var(--shade), transparent) 100% 0;
  background-size: 40px 100%, 40px 100%, 9px 100%, 9px 100%; background-repeat: no-repeat; background-attachment: local, local, scroll, scroll;
}
.more .wide { --back: color-mix(in srgb, var(--card) 55%, var(--paper)); } .accuracy .wide { --back: var(--card); }
.comparisons thead th { white-space: normal; } .wide + .wide { margin-top: 26px; }
table { border-collapse: collapse; font-size: 13.5px; width: 100%; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: middle; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th, thead td { color: var(--muted); font-size: 12.5px; border-bottom-color: var(--edge); vertical-align: bottom; white-space: nowrap; }
tbody th { white-space: nowrap; }
tbody tr:last-child > * { border-bottom-color: transparent; }
caption { text-align: left; font-weight: 600; font-size: 13.5px; padding-bottom: 4px; }
.num { text-align: right; white-space: nowrap; }
.num + :not(.num) { padding-left: 10px; }
.dim { color: var(--muted); }
th[title] { cursor: help; }
td.chart { padding-block: 0; width: 1px; }
.forest, .strip { display: block; }
.overview .line { display: block; height: 22px; line-height: 22px; white-space: nowrap; }
.overview .seed, .overview .control-name { color: var(--muted); }
.overview th, .overview td { padding-block: 7px; vertical-align: top; }
.overview thead th { vertical-align: bottom; }
.overview .chart { padding-block: 7px; }
.overview .later th, .overview .later td { border-top: 0; }
.overview tr:has(+ .later) > * { border-bottom-color: transparent; }
#leaderboard .wide { margin-bottom: 26px; } .again { display: none; } .leaderboard thead th { white-space: normal; } .leaderboard td.chart svg { width: 112px; height: auto; } .overview td small data { font-weight: 400 !important; color: var(--muted) !important; } .leaderboard th, .leaderboard td { padding-inline: 5px; } .leaderboard small.on { display: block; font-weight: 400; font-size: 11.5px; white-space: normal; max-width: 88px; } .leaderboard td.num { white-space: nowrap; } .leaderboard td small { display: block; color: var(--muted); font-size: 11.5px; }
.leaderboard .gap data { font-weight: 650; } .leaderboard .gap small data { font-weight: 400; }
.overview th a { display: block; line-height: 22px; }
.overview .on { color: var(--muted); line-height: 22px; }
.overview .own data { color: var(--own); font-weight: 600; } .overview .oracle data { color: var(--oracle); font-weight: 600; }
.comparisons tr.role-own { color: var(--own); } .comparisons tr.role-oracle td.chart { color: var(--oracle); }
.comparisons tr.role-own td:not(.chart):not(.dim), .comparisons tr.role-own th { color: var(--ink); }
.comparisons tr.role-content-free td.chart { color: var(--content-free); } .comparisons tr.role-control td.chart { color: var(--control); } .comparisons tr.role-counterfactual td.chart { color: var(--counterfactual); }
.reading { white-space: nowrap; } .reading.open { color: var(--muted); } .reading.equal { color: var(--calm); } .reading.differs { font-weight: 600; }
.facts { width: auto; } .facts th, .facts td { padding-right: 28px; }
.definitions th { width: 190px; vertical-align: top; } .definitions td { max-width: 80ch; } .definitions svg { vertical-align: -2px; margin-right: 4px; }

.verdict { display: inline-flex; align-items: center; gap: 6px; padding: 0 10px 0 8px; height: 22px; border-radius: 6px; font-size: 12.5px; font-weight: 600; line-height: 22px; white-space: nowrap; vertical-align: 1px; }
.verdict small { font-weight: 400; font-size: 12px; color: inherit; opacity: .85; }
.verdict.load-bearing { background: var(--good-soft); color: var(--good); }
.verdict.starved { background: var(--warn-soft); color: var(--warn); }
.verdict.bypassed { background: var(--calm-soft); color: var(--calm); }
.verdict.inconclusive, .verdict.no-latents { background: var(--sunk); color: var(--muted); }
.overview .verdict { height: 20px; line-height: 20px; vertical-align: 0; }

.cell > h2 { padding-top: 22px; border-top: 2px solid var(--ink); display: flex; gap: 14px; align-items: baseline; }
.recipe { color: var(--muted); font-weight: 400; }
.block { margin: 34px 0 0; }
figure { margin: 0; }
figcaption { font-size: 13px; color: var(--muted); margin-top: 6px; max-width: 62ch; }
figcaption b { color: var(--ink); font-weight: 600; } figcaption svg { vertical-align: -2px; }
.plot { display: block; max-width: 100%; height: auto; font: 12px Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
.plot text { white-space: pre; }
.accuracy { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px 16px; }
.accuracy .plot { margin: 0 auto; }
.accuracy .narrow { display: none; }
.data { font-size: 12.5px; color: var(--muted); margin-top: 4px; } .data table { width: auto; font-size: 12px; } .data .wide { max-height: 340px; overflow: auto; } .data td { padding-block: 2px; } .data :is(th, td) { padding-right: 8px; white-space: normal; overflow-wrap: anywhere; }
#flips h3 { margin-top: 26px; } .flips .chose.right { color: var(--good); } .flips .words { color: var(--muted); overflow-wrap: anywhere; }
.accuracy .legend { justify-content: center; margin-top: 6px; }
.legend { list-style: none; margin: 10px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12.5px; color: var(--muted); }
.legend li { display: inline-flex; align-items: center; gap: 6px; }
.trio { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 18px 26px; }
.duo { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px 34px; margin-bottom: 14px; }
.tables { margin: 18px 0 12px; align-items: start; }
.trio > figure .plot { background: var(--card); border: 1px solid var(--line); border-radius: 10px; width: 100%; }

summary { cursor: pointer; padding: 6px 0; list-style-position: outside; width: fit-content; max-width: 100%; }
summary::marker { color: var(--muted); }
summary:hover { text-decoration: underline; text-decoration-color: var(--edge); text-underline-offset: 4px; }
.block > details { font-size: 14px; margin-top: 4px; }
.block > details:not(.more) > summary { color: var(--muted); }
details.more { border: 1px solid var(--line); border-radius: 12px; padding: 8px 22px 8px 34px; background: color-mix(in srgb, var(--card) 55%, var(--paper)); margin-top: 14px; }
details.more > summary { margin-left: -12px; }
details.more[open] { padding-bottom: 20px; }

.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 430px), 1fr)); gap: 16px; }
.case { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 13px 15px 14px; display: flex; flex-direction: column; gap: 10px; break-inside: avoid; min-width: 0; }
.case header { display: flex; justify-content: space-between; gap: 12px; align-items: baseline; font-size: 12.5px; }
.case .kind { font-weight: 600; } .case code { color: var(--muted); font-size: 11.5px; text-align: right; }
.query { display: flex; gap: 16px; align-items: flex-start; justify-content: space-between; }
.question { white-space: pre-wrap; font-size: 13.5px; line-height: 1.5; overflow-wrap: anywhere; min-width: 0; max-height: 420px; overflow: auto; }
.with { white-space: nowrap; }
.question img { vertical-align: middle; margin: 2px 3px; max-width: 100%; }
.case img { background: #fff; border-radius: 3px; box-shadow: 0 0 0 1px var(--edge); height: auto; }
.pixels { image-rendering: pixelated; }
.helper { flex: none; text-align: center; display: grid; gap: 4px; justify-items: center; }
.case .helper img { box-shadow: 0 0 0 2px var(--oracle); }
.helper figcaption { margin: 2px 0 0; font-size: 11.5px; color: var(--oracle); }
.options { display: flex; flex-wrap: wrap; gap: 5px; margin: 0; font-size: 12.5px; }
.options span { overflow-wrap: anywhere; } .option, .truth { padding: 0 8px; border-radius: 5px; border: 1px solid var(--line); line-height: 20px; }
.truth { border-color: var(--good); color: var(--good); font-weight: 600; }
.chips { list-style: none; margin: auto 0 0; padding: 10px 0 0; border-top: 1px solid var(--line); display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 2px 22px; font-size: 12.5px; }
.chip { display: flex; justify-content: space-between; gap: 5px; min-width: 0; line-height: 1.5; }
.chip .name { flex: none; max-width: 70%; overflow-wrap: anywhere; } .chip.role-counterfactual { grid-column: span 2; justify-content: start; }
.chip small { color: var(--muted); font-size: 11.5px; }
.chip .chose { min-width: 0; overflow-wrap: anywhere; text-align: right; color: var(--muted); }
.chip.right .chose { color: var(--good); font-weight: 650; }
.chip.role-own .name { color: var(--own); font-weight: 650; } .chip.role-oracle .name { color: var(--oracle); font-weight: 650; }

.prose { padding-left: 20px; max-width: 82ch; } .prose li { margin-bottom: 6px; }
#methods p { max-width: 82ch; } #methods h3 { margin-top: 30px; }
.environment { margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 10px 26px; }
.environment dt { color: var(--muted); font-size: 12.5px; } .environment dd { margin: 0; overflow-wrap: anywhere; }
main { padding-bottom: 80px; }

@media screen and (max-width: 900px) {
  .trio, .duo { grid-template-columns: minmax(0, 1fr); }
  h1 { font-size: 34px; } .answer { font-size: 17px; }
  .top, main { padding-inline: 18px; }
  .finding { grid-template-columns: 34px minmax(0, 1fr); } .finding > div { grid-column: 2; grid-row: 2; } .finding .pill { grid-column: 2; grid-row: 1; justify-self: start; }
  details.more { padding: 6px 12px 6px 24px; }
  .facts th { white-space: normal; }
  .accuracy { padding: 12px 10px; } .accuracy .broad { display: none; } .accuracy .narrow { display: block; }
  .query { flex-wrap: wrap; } .with { white-space: normal; }
}
@media screen and (max-width: 640px) {
  /* A row of many columns becomes a card of named values: none of them is off the screen. */
  .wide:not(.data *) { overflow-x: visible; background: none; } .wide table:not([data-figure]), .wide table:not([data-figure]) tbody { display: block; } .wide table:not([data-figure]) thead { display: none; }
  .wide table:not([data-figure]) tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px 12px; align-items: start; padding: 10px 0; border-bottom: 1px solid var(--line); }
  .wide table:not([data-figure]) :is(th, td) { display: block; padding: 0; border: 0; text-align: left; width: auto; min-width: 0; overflow-wrap: anywhere; }
  .wide td[data-label]::before { content: attr(data-label); display: block; color: var(--muted); font: 400 11.5px/1.4 Inter, "Segoe UI", system-ui, sans-serif; white-space: normal; }
  .attribute tbody th::before { content: attr(data-label) " "; color: var(--muted); font-weight: 400; } .wide table:not([data-figure]) :is(td, td data) { white-space: normal; }
  .again { display: inline; } .leaderboard small.on { max-width: none; } .leaderboard td.chart svg { width: auto; } .wide caption { display: block; } .wide tbody th { grid-column: 1 / -1; font-weight: 600; white-space: normal; } .wide tbody td:empty { display: none; } .words, .definitions td { grid-column: 1 / -1; }
  .wide td.chart { grid-column: span 2; } .wide td.chart svg { max-width: 100%; } .comparisons td.chart[data-label]::before, .overview td:is(.chart, :has(.verdict))::before { content: none !important; }
  .wide table.comparisons tr { grid-template-columns: 3fr 5fr 4fr 4fr; column-gap: 8px; } .wide .reading { white-space: normal; } .wide table.comparisons td { font-size: 13px; } .comparisons tbody tr :is(th, td:has(.reading, .none[data-result])) { grid-column: span 2; }
  .wide table.overview:not(.leaderboard) tr { grid-template-columns: 3fr 3fr 3.7fr 4.6fr; column-gap: 8px; } .overview td:has(.verdict) { grid-column: 1 / -1; } .overview td.chart { align-self: center; }
  .overview:not(.leaderboard) td:is(.chart, .seed, .count) { order: 1; } .overview:not(.leaderboard) td:is(.own, .oracle, .best, .control-name) { order: 2; } 
  .data table { width: 100%; } .data :is(th, td) { padding-right: 6px; font-size: 11px; white-space: normal; overflow-wrap: anywhere; }
}
@media screen and (max-width: 520px) { .duo > figure > .plot { overflow: visible; } .duo > figure > .plot text { font-size: 15px; } }
@page { margin: 14mm; }
@media print {
  :root, :root:has(#theme-dark:checked) { color-scheme: light; }
  body { background: #fff; font-size: 11px; } .theme, nav { display: none; }
  .top, main { max-width: none; padding: 0; } section { margin-top: 28px; } .cell { break-before: page; }
  .finding, figure, tr, .case, .tables, .duo { break-inside: avoid; } h2, h3, h4, .line { break-after: avoid; } .block { margin-top: 22px; } .examples { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .wide table { width: 100%; min-width: 0; } .wide :is(th, td) { padding-inline: 3px; white-space: normal; overflow-wrap: break-word; font-size: 9.5px; } .wide th[scope=row], .wide .verdict { white-space: nowrap; } .words { overflow-wrap: anywhere; } .data:not([open]) { display: none; } .case img { zoom: .72; } .wide td svg { max-width: 100%; }
  a { text-decoration: none; } .wide { overflow: visible; background: none; } h1 { font-size: 30px; } h2 { font-size: 21px; } .answer { font-size: 13.5px; } table, .note, .why { font-size: 10.5px; } th, td { padding-block: 3px; } td.chart { width: auto; }
}
`;
