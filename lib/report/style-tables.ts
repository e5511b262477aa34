import { html } from './html.ts';

export const tableStyle = html`
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; } thead th { font-size: 12px; color: var(--soft); vertical-align: bottom; white-space: nowrap; }
.n { text-align: right; white-space: nowrap; }
.plain th, .plain td { padding: 6px 18px 6px 0; border-top: 1px solid var(--faint); vertical-align: top; }
.plain :is(th, td):last-child { padding-right: 0; }
.plain thead th { border-top: 0; }
.plain tr.idle { color: var(--soft); } .plain tr.picked { background: var(--water-soft); }
td code, th code { overflow-wrap: break-word; } .accounts th code, .plain tbody th code, .from code, .which { overflow-wrap: anywhere; } .from, .plain tbody th { min-width: 176px; } .slices tbody th { min-width: 124px; } .which { min-width: 200px; }
td.wide { width: 20%; min-width: 90px; } .plain .track { margin-top: 6px; } .plain .strip { margin-top: 4px; }
.fate, td > .good { white-space: nowrap; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 7px; border-radius: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 12.5px; color: var(--soft); margin-bottom: 8px; }
.written { --hue: var(--written); } .aggregated { --hue: var(--aggregated); } .deduplicated { --hue: var(--deduplicated); }
.filtered { --hue: var(--filtered); } .quarantined { --hue: var(--quarantined); }
.swatch, .shares i, .track i { background: var(--hue, var(--written)); }
.accounts th, .accounts td { padding: 7px 0 0 18px; } .accounts :is(th, td):first-child { padding-left: 0; }
@media (min-width: 641px) { .accounts thead .n { width: 12%; } }
.accounts thead th:first-child { min-width: 170px; }
.accounts tbody { border-top: 1px solid var(--faint); }
.accounts .under td { padding: 5px 0 9px; }
.accounts .none { color: var(--soft); } .accounts td.quarantined { color: var(--bad); }
.mark { text-align: right; white-space: nowrap; } .mark.good { font-weight: 700; }
.shares { display: flex; gap: 1px; height: 8px; border-radius: 2px; overflow: hidden; background: var(--faint); }
.shares i { min-width: 3px; flex: 0 1 0; }
.accounts details, .accounts .beside { margin-top: 3px; } .beside { font-size: 12.5px; color: var(--soft); }
.split { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 24px; } summary .swatch { width: 8px; height: 8px; margin-right: 5px; }
.equation { margin: 6px 0; } .rules { list-style: none; display: grid; gap: 3px; font-size: 14px; margin-top: 4px; } .warnings { margin: 0 0 12px 20px; color: var(--caution); }
.plain + details, .scroll + details, .files { margin-top: 8px; }
.track { height: 10px; background: var(--faint); border-radius: 2px; overflow: hidden; min-width: 60px; } .slices td.wide { width: 30%; } .track i { display: block; height: 100%; min-width: 2px; border-radius: 1px; }
.bars th { width: 1%; white-space: nowrap; padding-right: 14px; max-width: 300px; overflow: hidden; text-overflow: ellipsis; } .bars td { padding: 3px 0; } .bars td.wide { width: auto; vertical-align: middle; } .bars td.n { width: 1%; padding-left: 14px; }
.gantt .phase th { font-weight: 600; } .gantt .phase td.n { font-weight: 600; } .gantt .task th { padding-left: 18px; } .gantt .task .n { color: var(--soft); }
.gantt .phase i { background: var(--soft); } .gantt .phase:not(:first-child) :is(th, td) { padding-top: 8px; }
.strip { position: relative; height: 14px; margin-right: 6px; background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }
.strip .rule { position: absolute; width: 1px; inset-block: 0; background: var(--soft); }
.strip .spot { position: absolute; width: 9px; height: 9px; margin: 2.5px 0 0 -4.5px; border-radius: 50%; background: var(--water); }
.ends { display: flex; justify-content: space-between; gap: 12px; font-size: 12px; color: var(--soft); }
@media (max-width: 640px) {
  .accounts thead { display: none; } .accounts, .accounts tbody, .accounts tr, .accounts td, .accounts th { display: block; }
  .accounts tbody { padding: 10px 0; } .accounts :is(th, td), .accounts .under td { padding: 0; } 
  .accounts td[data-label] { display: flex; justify-content: space-between; } .accounts td[data-label]::before { content: attr(data-label); color: var(--soft); }
  .accounts td.none { display: none; } .accounts .under td { padding-top: 6px; }
  .bars th { max-width: none; width: 44%; white-space: normal; overflow-wrap: anywhere; } .bars th code { font-size: 11.5px; overflow-wrap: anywhere; } .word { display: none; } .rulesheet .from, .rulesheet .which { min-width: 0; } .plain tbody th { min-width: 120px; } .slices .wide { display: none; }
  .rulesheet thead { display: none; } .rulesheet, .rulesheet tbody { display: block; } .rulesheet tr { display: grid; grid-template-columns: 1fr auto auto; gap: 1px 14px; padding: 8px 0; border-top: 1px solid var(--faint); }
  .rulesheet tbody td { display: block; padding: 0; border: 0; } .rulesheet .which, .rulesheet .from { grid-column: 1 / -1; order: 1; overflow-wrap: anywhere; } .rulesheet td.wide { display: none; } .plain th, .plain td { padding-right: 12px; } }
`;
