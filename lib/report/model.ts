import type { RunDocument } from '../documents/run-document.ts';
import { counted } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code, sentence } from '../html/names.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Plan } from '../plan/schema.ts';
import { learns } from '../plan/task-kinds.ts';
import { besideOthers } from './beside.ts';
import { gridTable } from './grid.ts';
import { importanceBars } from './importance.ts';
import type { ModelView } from './model-view.ts';
import { slicesTables } from './slices.ts';
import { statusesOf } from './task-status.ts';

/** Each model of the run: its metrics, curves, slices, and how it was chosen. */
export function modelSection(run: RunDocument, views: readonly ModelView[], plan: Plan): Html {
  const trains = plan.tasks.filter(learns);
  if (views.length === 0 && (trains.length === 0 || run.tasks.length === 0)) return html``;
  if (views.length === 0) {
    const outcomes = statusesOf(run, plan);
    const why = trains.map((task) => {
      const skipped = run.skipped.find((s) => s.task === task.name);
      const outcome = outcomes.get(task.name);
      const did = outcome === 'failed' ? 'failed' : outcome === 'not reached' ? 'was not reached' : 'did not run';
      return html`<li>${code(task.model)} ${sentence(skipped?.why ?? did)}</li>`;
    });
    return html`<section id="model"><h2>Model</h2><p class="lead">No model was trained in this run.</p><ul class="rules">${why}</ul></section>`;
  }
  return html`<section id="model"><h2>${views.length === 1 ? 'Model' : 'Models'}</h2>${views.map(modelView)}</section>`;
}

function modelView({ result, dossier, task }: ModelView): Html {
  const { rows } = result;
  const { labels, tiles, plots, table } = objectiveOf(result).report;
  const { train, test } = labels(rows);
  return html`<article><h3>${code(result.name)} version ${result.version}</h3>
<p class="soft">Trained on ${counted(rows.train, 'row')}${train}, measured on ${counted(rows.test, 'held-out row')}${test}. Stored in ${code(result.folder)}.</p>
<dl class="tiles">${tiles(result).map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="soft">${note}</dd></div>`)}</dl>
<div class="figures">${dossier !== undefined && plots(dossier)}
${table(result.metrics, task?.label ?? 'label')}
${dossier !== undefined && importanceBars(dossier.importance)}</div>
${dossier !== undefined && html`<div class="columns">${gridTable(dossier, result)}${slicesTables(dossier)}</div>`}
${dossier !== undefined && besideOthers(dossier)}
${dossier === undefined && html`<p class="soft">The dossier is missing, so the report has no curves.</p>`}</article>`;
}
