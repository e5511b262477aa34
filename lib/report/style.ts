import { html } from '../html/html.ts';
import { objectiveNames, objectiveOf } from '../learning/learning.ts';
import { figureStyle } from './style-figures.ts';
import { tableStyle } from './style-tables.ts';

/** Colours that differ in lightness as well as in hue, after Okabe and Ito. Text has a contrast of at least 4.5. */
const base = html`
:root { color-scheme: light dark;
  --paper: #f7f6f2; --card: #fffefb; --ink: #1d2529; --soft: #58646b; --line: #dedbd2; --faint: #eceae3;
  --water: #0b69a3; --water-soft: #d3e4ef; --good: #0a6b52; --bad: #a8330b; --caution: #855300; --bad-ground: #fbeae3; --caution-ground: #faf0dc; --shade: #1d252933;
  --written: #0b69a3; --aggregated: #5fb2dd; --deduplicated: #9a9c9f; --filtered: #e5a823; --quarantined: #c8460f;
  --bronze: #b0763a; --silver: #86939b; --gold: #c99700; --feature: #0d8a6a; --train: #8a5a9e; --predict: #0b69a3; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12181c; --card: #192127; --ink: #e4e9ec; --soft: #9dabb3; --line: #313c43; --faint: #232d33;
  --water: #5db4e8; --water-soft: #1d3d52; --good: #52c9a5; --bad: #f58a5e; --caution: #e8b252; --bad-ground: #3a2119; --caution-ground: #322816; --shade: #0009;
  --written: #3f97cf; --aggregated: #9ed3f0; --deduplicated: #7f898f; --filtered: #e9b949; --quarantined: #ee6c33;
  --bronze: #c8925a; --silver: #a3b1b9; --gold: #e0b52c; --feature: #35b590; --train: #b48ac6; --predict: #5db4e8; } }
*, *::before, *::after { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 40px; }
h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; padding: 0; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -0.02em; }
h2 { font-size: 21px; letter-spacing: -0.01em; margin-bottom: 2px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
code { font: 0.9em/1.4 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: break-word; }
a { color: var(--water); text-underline-offset: 3px; }
abbr { text-decoration: none; }
small { font-size: 12.5px; color: var(--soft); }
.soft, .note, .lead { color: var(--soft); }
.lead { margin-bottom: 12px; }
.head > .lead { margin: 14px 0 0; } .lead strong, .lead code { color: var(--ink); }
.note { font-size: 12.5px; margin-top: 6px; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .caution { color: var(--caution); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
section { margin-top: 22px; padding: 20px 22px 22px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; scroll-margin-top: 56px; }
article + article { margin-top: 34px; padding-top: 8px; border-top: 1px solid var(--line); }
nav { position: sticky; top: 0; z-index: 2; display: flex; gap: 4px 20px; flex-wrap: wrap; margin-top: 22px; padding: 9px 0; background: var(--paper);
  border-block: 1px solid var(--line); font-size: 14px; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: 3px; }
summary { cursor: pointer; color: var(--soft); font-size: 12.5px; width: fit-content; max-width: 100%; }
summary:hover { color: var(--ink); }
.brand { font-size: 12px; letter-spacing: 0.08em; text-transform: uppercase; color: var(--soft); margin-bottom: 6px; }
.title { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; margin-bottom: 14px; }
.status { padding: 2px 12px; border: 1px solid; border-radius: 99px; font-weight: 600; font-size: 14px; }
.status.idle { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 10px 30px; }
.facts dt, .tiles dt { font-size: 12px; color: var(--soft); }
.facts > div { min-width: 0; }
.hero { display: flex; flex-wrap: wrap; gap: 12px 36px; align-items: center; margin-top: 20px; padding: 18px 22px; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
.big { font-size: 64px; line-height: 1; font-weight: 650; letter-spacing: -0.03em; white-space: nowrap; }
.big abbr { font-size: 17px; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.herotext { flex: 1 1 340px; min-width: 0; display: grid; gap: 5px; }
.issues { list-style: none; display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; margin: 4px 0 18px; }
.hero + .issues { margin: 16px 0 0; }
.issues li { padding: 12px 16px; background: var(--bad-ground); border-left: 4px solid var(--bad); border-radius: 4px; }
.warned li { background: var(--caution-ground); border-left-color: var(--caution); } .warned .code { color: var(--caution); } .hint code { color: var(--ink); }
.message { font-weight: 600; } .code { color: var(--bad); margin-right: 6px; }
.where { display: grid; grid-template-columns: 30px minmax(0, 1fr); gap: 8px; align-items: baseline; } .where > span { color: var(--soft); }
footer { margin-top: 26px; color: var(--soft); font-size: 12.5px; }
@media (max-width: 640px) { main { padding: 18px 14px 28px; } section, .hero { padding: 14px; } h1 { font-size: 28px; } .big { font-size: 52px; } nav { gap: 2px 14px; } }
`;

/** Last, so that it overrides the rest when printed. */
const print = html`
@media print { body { background: none; font-size: 12px; } main { max-width: none; padding: 0; } nav { display: none; }
  section, .hero { border-color: #bbb; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; } .lineage { min-width: 0 !important; } table { font-size: 12px; } .tiles { grid-template-columns: repeat(6, 1fr); }
  .accounts thead .n { width: auto; } .accounts th, .accounts td { padding-left: 8px; } .accounts tbody th { min-width: 0; } .scroll { background: none; } .sideways { display: none; }
  figure, tr, .account, .hero, .tiles, .issues li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } }
`;

const ofObjectives = objectiveNames.map((name) => objectiveOf({ objective: name }).report.style);

export const stylesheet = html`<style>${base}${tableStyle}${figureStyle}${ofObjectives}${print}</style>`;
