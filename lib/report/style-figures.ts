import { html } from '../html/html.ts';

export const figureStyle = html`
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; margin: 14px 0 22px; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.tiles div { box-shadow: 0 0 0 1px var(--line); padding: 10px 14px; } .tiles dd:nth-of-type(1) { font-size: 24px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; } .tiles dd.soft { font-size: 12px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 30px 34px; } .figures > * { min-width: 0; }
.figures .double { grid-column: 1 / -1; } @media (max-width: 900px) { .tiles { grid-template-columns: repeat(3, 1fr); } } @media (max-width: 480px) { .tiles { grid-template-columns: repeat(2, 1fr); } }
@media (min-width: 1080px) { .figures .double { grid-column: span 2; } }
.columns { columns: 2 400px; column-gap: 34px; margin-top: 30px; } .columns figure { break-inside: avoid; margin-bottom: 26px; } h4 { margin: 20px 0 6px; font-size: 14px; }
figcaption { font-weight: 600; margin-bottom: 8px; display: flex; justify-content: space-between; gap: 10px; } figcaption b { font-weight: 500; color: var(--soft); }
svg { display: block; width: 100%; height: auto; } svg text { font-family: system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif; }
.plot { max-width: 400px; } .plot .grid path { stroke: var(--faint); } .plot .ticks text, .plot .axis { font-size: 11px; fill: var(--soft); }
.area { fill: var(--water); opacity: 0.09; } .curve { fill: none; stroke: var(--water); stroke-width: 2.25; stroke-linejoin: round; } .guide { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
.chosen { fill: var(--quarantined); stroke: var(--card); stroke-width: 1.5; } .bin { fill: var(--water); stroke: var(--card); stroke-width: 1.5; }
.probe { fill: transparent; } .probe:hover, .bin:hover, .chosen:hover { fill: var(--filtered); }
figure .facts { margin-top: 10px; justify-content: space-between; gap: 8px 12px; }
.scale { position: relative; height: 12px; background: var(--faint); border-radius: 2px; } .scale i { position: absolute; inset-block: 0; }
.scale .fill { left: 0; background: var(--water); border-radius: 2px; } .scale .interval { inset-block: 4px; background: var(--ink); opacity: 0.45; min-width: 2px; }
.scale .gate, .scale .bayes { width: 3px; margin-left: -1.5px; } .scale .gate { inset-block: -2px -6px; } .scale .bayes { inset-block: -6px -2px; } .gate { background: var(--filtered); } .bayes { background: var(--ink); }
.scale .gate, .scale .bayes { outline: 1px solid var(--card); }
.marks { font-size: 12px; line-height: 1.4; color: var(--soft); } .marks span { position: relative; left: var(--at); display: inline-block; white-space: nowrap; transform: translateX(calc(-1 * var(--at))); }
.lineage { margin: 4px auto 0; } .band { fill: var(--faint); opacity: 0.55; } .bandtitle { font-size: 11.5px; fill: var(--soft); letter-spacing: 0.03em; }
.node { --hue: var(--silver); } .node rect { fill: var(--card); stroke: var(--line); } .node .spine { fill: var(--hue); } .node .name { font: 500 11.5px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--ink); } .node .rows { font-size: 11.5px; fill: var(--soft); }
.node.bronze { --hue: var(--bronze); } .node.gold { --hue: var(--gold); } .node.feature { --hue: var(--feature); } .node.train { --hue: var(--train); } .node.predict { --hue: var(--predict); }
.node.idle rect { fill: none; stroke: var(--soft); stroke-dasharray: 3 3; } .node.idle .spine { opacity: 0; } .node.idle .name { fill: var(--soft); }
.node.stopped { --hue: var(--bad); } .node.stopped rect { stroke: var(--bad); } .node.stopped .rows { fill: var(--bad); font-weight: 600; }
.node:hover rect { stroke: var(--ink); }
.edge path { fill: none; stroke: var(--water); stroke-width: 1.6; opacity: 0.75; } .edge .tip { fill: var(--water); stroke: none; opacity: 1; } .edge.lookup path:first-child { stroke-dasharray: 4 3; } .edge.idle path { stroke: var(--soft); opacity: 0.55; } .edge.idle .tip { fill: var(--soft); stroke: none; }
.edge:hover path { stroke-width: 2.6; opacity: 1; }
.swatch.ran { background: var(--water); } .swatch.failed { background: var(--bad); } .swatch.idle { background: none; border: 1px dashed var(--soft); } .dash { display: inline-block; width: 20px; margin: 0 6px 4px 0; border-top: 2px dashed var(--water); }
`;
