import { html } from '../html/html.ts';

// A scrolling box has padding, so that the focus ring is not cut off, and a shadow that shows that there is more to see.
export const tableStyle = html`
.scroll { overflow-x: auto; margin: 0 -4px; padding: 3px 4px; background: linear-gradient(to right, var(--card) 40%, transparent) left / 36px 100% no-repeat local, linear-gradient(to left, var(--card) 40%, transparent) right / 36px 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) left / 14px 100% no-repeat scroll, linear-gradient(to left, var(--shade), transparent) right / 14px 100% no-repeat scroll; }
.plan { max-height: 70vh; overflow: auto; } pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.sideways { display: none; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; } thead th { font-size: 12px; color: var(--soft); vertical-align: bottom; white-space: nowrap; }
.n { text-align: right; white-space: nowrap; }
.plain th, .plain td { padding: 6px 18px 6px 0; border-top: 1px solid var(--faint); vertical-align: top; }
.plain :is(th, td):last-child { padding-right: 0; }
.plain thead th { border-top: 0; }
.plain tr.idle { color: var(--soft); } .plain tr.picked { background: var(--water-soft); }
.from, .plain tbody th { min-width: 172px; } figure .plain tbody th { min-width: 0; } .which { min-width: 200px; }
td.wide { width: 20%; min-width: 90px; } .plain .track { margin-top: 6px; } .plain .strip { margin-top: 4px; }
.fate, td > .good { white-space: nowrap; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 7px; border-radius: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 12.5px; color: var(--soft); margin-bottom: 8px; }
.written { --hue: var(--written); } .aggregated { --hue: var(--aggregated); } .deduplicated { --hue: var(--deduplicated); }
.filtered { --hue: var(--filtered); } .quarantined { --hue: var(--quarantined); }
.swatch, .shares i, .track i { background: var(--hue, var(--written)); }
.accounts th, .accounts td { padding: 7px 0 0 18px; } .accounts :is(th, td):first-child { padding-left: 0; }
@media (min-width: 861px) { .accounts thead .n { width: 12%; } }
.accounts tbody th { min-width: 170px; } .part { display: inline-block; }
.accounts tbody { border-top: 1px solid var(--faint); }
.accounts .under td { padding: 5px 0 9px; }
.accounts .none { color: var(--soft); } .accounts td.quarantined { color: var(--bad); }
.mark { text-align: right; white-space: nowrap; } .mark.good { font-weight: 700; }
.shares { display: flex; gap: 1px; height: 8px; border-radius: 2px; overflow: hidden; background: var(--faint); }
.shares i { min-width: 3px; flex: 0 1 0; }
.accounts details, .accounts .beside { margin-top: 3px; } .beside { font-size: 12.5px; color: var(--soft); }
.split { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 24px; } summary .swatch { width: 8px; height: 8px; margin-right: 5px; }
.equation { margin: 6px 0; } .rules { list-style: none; display: grid; gap: 3px; font-size: 14px; margin-top: 4px; }
.plain + details, .scroll + details, .files { margin-top: 8px; }
.track { height: 10px; background: var(--faint); border-radius: 2px; overflow: hidden; min-width: 60px; } .slices td.wide { width: 32%; min-width: 84px; } .track i { display: block; height: 100%; min-width: 2px; border-radius: 1px; }
.bars th { width: 26%; padding-right: 14px; } .bars td { padding: 3px 0; } .bars td.wide { width: auto; vertical-align: middle; } .bars td.n { width: 1%; padding-left: 14px; }
.gantt .phase th { font-weight: 600; } .gantt .phase td.n { font-weight: 600; } .gantt .task th { padding-left: 18px; } .gantt .task .n { color: var(--soft); }
.gantt .phase i { background: var(--soft); } .gantt .phase:not(:first-child) :is(th, td) { padding-top: 8px; }
.strip { position: relative; height: 14px; margin-right: 6px; background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }
.strip .rule { position: absolute; width: 1px; inset-block: 0; background: var(--soft); }
.strip .spot { position: absolute; width: 9px; height: 9px; margin: 2.5px 0 0 -4.5px; border-radius: 50%; background: var(--water); }
.ends { display: flex; justify-content: space-between; gap: 12px; font-size: 12px; color: var(--soft); }
@media (max-width: 1000px) { .sideways { display: block; } }
@media (max-width: 860px) {
  .accounts thead { display: none; } .accounts, .accounts tbody, .accounts tr, .accounts td, .accounts th { display: block; }
  .accounts tbody { padding: 10px 0; } .accounts :is(th, td), .accounts .under td { padding: 0; }
  .accounts tr:first-child { display: flex; flex-wrap: wrap; gap: 0 6px; } .accounts th { flex: 1 1 100%; order: -2; } .accounts .mark.good { order: -1; } .accounts td.none { display: none; }
  .accounts td[data-op]::before { content: attr(data-op) ' '; } .accounts td[data-label]::after { content: ' ' attr(data-label); } .accounts .under td { padding-top: 6px; }
  .equation, .rulesheet td.wide, .rulesheet th.wide { display: none; } }
@media (max-width: 640px) {
  .bars th { width: 44%; } .bars th code { font-size: 11.5px; } .word { display: none; } .rulesheet .which, .from, .plain tbody th { min-width: 0; } .plain th, .plain td { padding-right: 8px; }
  .plain thead th { white-space: normal; } .slices td.wide { min-width: 64px; }
  .rulesheet thead, .stack thead { display: none; } .rulesheet, .rulesheet tbody, .stack, .stack tbody { display: block; } .rulesheet tr { display: grid; grid-template-columns: 1fr auto auto; gap: 1px 14px; }
  .stack tr { display: flex; flex-wrap: wrap; gap: 1px 14px; } .rulesheet tr, .stack tr { padding: 8px 0; border-top: 1px solid var(--faint); }
  .rulesheet tbody td, .stack tbody :is(th, td) { display: block; padding: 0; border: 0; } .rulesheet .which, .rulesheet .from { grid-column: 1 / -1; order: 1; }
  .stack tbody th, .stack td.wide { flex: 1 1 100%; } .stack td.n { text-align: left; white-space: normal; } .stack :is(td.void, td:empty) { display: none; } .stack td[data-label]::before { content: attr(data-label) ' '; color: var(--soft); font-size: 12.5px; } }
`;
