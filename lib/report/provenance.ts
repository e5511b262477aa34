import type { RunDocument } from '../documents/run-document.ts';
import { bytes, count, counted, instant } from '../html/format.ts';
import { type Html, html, joined } from '../html/html.ts';
import { code, sentence } from '../html/names.ts';
import type { Plan } from '../plan/schema.ts';
import type { ModelView } from './model-view.ts';
import { sum } from './row-outcomes.ts';
import { statusesOf, type TaskStatus } from './task-status.ts';

const shown = 100;

/** Everything that determines the run's tables and models: parameters, definitions, input files, libraries. */
export function provenanceSection(run: RunDocument, views: readonly ModelView[], plan: Plan): Html {
  return html`<section id="provenance"><h2>Provenance</h2>
${parameters(run)}${tasks(run, plan)}${inputs(run)}${views.map(learning)}</section>`;
}

function parameters(run: RunDocument): Html {
  const entries = Object.entries(run.parameters);
  if (entries.length === 0) return html``;
  return html`<h3>Parameters</h3><dl class="facts">${entries.map(([name, value]) => html`<div><dt>${code(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function tasks(run: RunDocument, plan: Plan): Html {
  const names = [
    ...new Set([...plan.tasks.map((t) => t.name), ...run.tasks.map((t) => t.task), ...run.skipped.map((s) => s.task)]),
  ];
  if (names.length === 0) return html``;
  const outcomes = statusesOf(run, plan);
  return html`<h3>Why each task ran or was skipped</h3><div class="scroll" tabindex="0" role="region" aria-label="Tasks">
<table class="plain stack"><caption class="unseen">Each task: whether and why it ran, its fingerprint, and the Delta version that it wrote</caption>
<thead><tr><th scope="col">Task</th><th scope="col">Did</th><th scope="col">Why</th><th scope="col" class="n">Delta version</th>
<th scope="col" class="n">Rows in table</th><th scope="col">Fingerprint</th></tr></thead><tbody>${names.map((name) => taskRow(run, plan, outcomes, name))}</tbody></table></div>`;
}

function taskRow(run: RunDocument, plan: Plan, outcomes: ReadonlyMap<string, TaskStatus>, name: string): Html {
  const result = run.tasks.find((task) => task.task === name);
  const skip = run.skipped.find((s) => s.task === name);
  const reason = run.reasons.find((r) => r.task === name)?.why;
  const why = (result === undefined ? (skip?.why ?? reason) : reason) ?? '';
  const outcome = outcomes.get(name) ?? (result === undefined ? 'skipped' : 'ran');
  const did = outcome === 'failed' ? html`<span class="bad">✗ ${outcome}</span>` : (result?.mode ?? outcome);
  const print = plan.tasks.find((task) => task.name === name)?.fingerprint.value.slice(0, 10);
  return html`<tr class="${result === undefined ? 'idle' : ''}"><th scope="row">${code(name)}</th><td>${did}</td><td data-label="why">${sentence(why)}</td>
${number('Delta version', result?.table?.version)}${number('rows in table', result?.table && count(result.table.rows))}<td data-label="fingerprint"><code>${print ?? '–'}</code></td></tr>
`;
}

/** A cell. A narrow page hides it if it is empty. */
const number = (label: string, value: number | string | undefined) =>
  html`<td class="n${value === undefined && ' void'}" data-label="${label}">${value ?? '–'}</td>`;

function inputs(run: RunDocument): Html {
  const sources = [...new Set(run.inputs.map((file) => file.source))];
  if (sources.length === 0) return html`<h3>Input files</h3><p class="soft">This run read no input files.</p>`;
  return html`<h3>Input files</h3>${sources.map((source) => {
    const files = run.inputs.filter((file) => file.source === source);
    return html`<details class="files"${files.length <= 3 && html` open`}><summary>${code(source)} ${counted(files.length, 'file')}, ${bytes(sum(files.map((f) => f.size)))}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Input files"><table class="plain stack"><caption class="unseen">Input files of a source</caption><thead><tr><th scope="col">Path</th><th scope="col">ETag</th><th scope="col" class="n">Size</th></tr></thead>
<tbody>${files.slice(0, shown).map(
      (
        file,
      ) => html`<tr><th scope="row">${code(file.path)}</th><td data-label="ETag"><code title="${file.etag}">${file.etag.slice(0, 12)}</code></td><td class="n" data-label="size">${bytes(file.size)}</td></tr>
`,
    )}</tbody></table></div>${files.length > shown && html`<p class="soft">${count(files.length - shown)} more are listed in <code>run.json</code>.</p>`}</details>`;
  })}`;
}

function learning({ result, model }: ModelView): Html {
  if (model === undefined) return html``;
  const libraries = Object.entries(model.libraries);
  return html`<h3>Model ${code(result.name)} version ${result.version}</h3><dl class="facts">
<div><dt>Trained on</dt><dd>${joined(
    model.data.map((data) => html`${code(data.table)} at Delta version ${data.version}`),
    ', ',
  )}</dd></div><div><dt>Seed</dt><dd>${model.seed}</dd></div><div><dt>Folds</dt><dd>${model.folds}</dd></div>
<div><dt>Features</dt><dd>${counted(model.features.length, 'column')}, ${count(model.encoded.length)} encoded</dd></div>
${libraries.map(([name, version]) => html`<div><dt>${name}</dt><dd>${version}</dd></div>`)}</dl>`;
}

export function footer(run: RunDocument): Html {
  return html`<footer><p>Made from <code>run.json</code> of run ${code(run.run)}, ${instant(run.started_at)}. One file, no script, no network.</p></footer>`;
}
