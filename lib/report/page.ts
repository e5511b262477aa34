import type { RunDocument } from '../documents/run-document.ts';
import { type Html, html, textOf } from '../html/html.ts';
import type { Plan } from '../plan/schema.ts';
import { accountingSection } from './accounting.ts';
import { headline } from './headline.ts';
import { lineageSection } from './lineage.ts';
import { modelSection } from './model.ts';
import { modelViews, type ReportModel } from './model-view.ts';
import { footer, provenanceSection } from './provenance.ts';
import { qualitySection } from './quality.ts';
import { stylesheet } from './style.ts';
import { timingsSection } from './timings.ts';

/**
 * One HTML file that needs nothing else: no script, no font, no image, and a policy that would let none in. `queryPlans` are
 * the texts that the engine left, by task.
 */
export function renderReport(
  run: RunDocument,
  models: readonly ReportModel[],
  plan: Plan,
  queryPlans: ReadonlyMap<string, string> = new Map(),
): string {
  const views = modelViews(run, models, plan);
  const sections: [string, string, Html][] = [
    ['rows', 'Rows', accountingSection(run)],
    ['quality', 'Quality', qualitySection(run, plan)],
    ['model', 'Model', modelSection(run, views, plan)],
    ['timings', 'Timings', timingsSection(run, queryPlans)],
    ['pipeline', 'Pipeline', lineageSection(run, plan)],
    ['provenance', 'Provenance', provenanceSection(run, views, plan)],
  ];
  const present = sections.filter(([, , section]) => textOf(section) !== '');
  return textOf(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${run.pipeline} · ${run.status} · ${run.run}</title>
${stylesheet}</head>
<body><main>${headline(run, views, plan)}
<nav aria-label="Sections">${present.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
${present.map(([, , section]) => section)}
${footer(run)}</main></body></html>
`);
}
