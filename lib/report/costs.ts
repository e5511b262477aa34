import type { RunDocument, TaskMetrics, TaskResult } from '../documents/run-document.ts';
import { bytes, counted, duration, percent, px } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code } from '../html/names.ts';
import { type Fate, sum } from './row-outcomes.ts';

const phases = ['read', 'compute', 'check', 'write'] as const;
type Phase = (typeof phases)[number];

/** In the colours of row outcomes, which differ in lightness. */
const coloured: Readonly<Record<Phase, Fate>> = {
  read: 'aggregated',
  compute: 'written',
  check: 'deduplicated',
  write: 'filtered',
};

/** For each task: seconds by phase, bytes read and written, peak memory, and its query plan if it has one. */
export function costsTable(run: RunDocument, queryPlans: ReadonlyMap<string, string>): Html {
  const measured = run.tasks.flatMap((task) => (task.metrics === undefined ? [] : [{ task, metrics: task.metrics }]));
  const plans = run.tasks.flatMap(({ task }) => {
    const text = queryPlans.get(task);
    return text === undefined ? [] : [{ task, text }];
  });
  return html`${measured.length > 0 && table(measured)}${
    plans.length > 0 &&
    html`<h3>Query plans</h3>
${plans.map(
  ({
    task,
    text,
  }) => html`<details><summary>${code(task)}</summary><div class="scroll plan" tabindex="0" role="region" aria-label="Query plan of ${task}"><pre>${physical(text)}</pre></div></details>
`,
)}`
  }`;
}

/** The title and physical plan of each query. The logical plans are in the engine's file. */
function physical(text: string): string {
  let section = '';
  const lines = text.trimEnd().split('\n');
  return lines
    .filter((line, i) => {
      if (/^-+$/.test(lines[i + 1] ?? '')) section = '';
      else if (/^== .* ==$/.test(line)) section = line;
      return section === '' || section === '== Physical Plan ==';
    })
    .join('\n');
}

function table(measured: readonly { task: TaskResult; metrics: TaskMetrics }[]): Html {
  const spark = measured.some(({ metrics }) => metrics.spark !== undefined);
  return html`<h3>Resources by task</h3>
<p class="legend" aria-hidden="true">${phases.map((phase) => html`<span><i class="swatch ${coloured[phase]}"></i>${phase}</span>`)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="What each task cost">
<table class="plain stack"><caption class="unseen">Seconds by phase, files and bytes, and memory of each task</caption>
<thead><tr><th scope="col">Task</th><th scope="col">Phases</th><th scope="col" class="n">Read</th><th scope="col" class="n">Written</th><th scope="col" class="n">Memory</th>${
    spark && html`<th scope="col" class="n">Executors</th>`
  }</tr></thead>
<tbody>${measured.map(
    ({ task, metrics }) => html`<tr><th scope="row">${code(task.task)} <small>${duration(task.seconds)}</small></th>
<td class="wide">${bar(metrics)}</td><td class="n" data-label="read">${volume(metrics.read)}</td><td class="n" data-label="written">${volume(metrics.written)}</td><td class="n" data-label="memory">${bytes(metrics.peak_memory_bytes)}</td>${
      spark && html`<td class="n" data-label="executors">${executors(metrics.spark)}</td>`
    }</tr>
`,
  )}</tbody></table></div>
<p class="note">Read counts whole files, even if a task needs only some columns. Memory is the peak of the engine’s process during the task, including what earlier tasks left in it.</p>`;
}

function bar({ phases: seconds }: TaskMetrics): Html {
  const parts = phases.flatMap((phase) => {
    const taken = seconds[phase] ?? 0;
    return taken > 0 ? [{ phase, taken }] : [];
  });
  const total = sum(parts.map(({ taken }) => taken));
  const words = parts.map(({ phase, taken }) => `${phase} ${duration(taken)}`).join(', ');
  return html`<div class="shares" role="img" aria-label="${words === '' ? 'no time' : words}">${parts.map(
    ({ phase, taken }) =>
      html`<i class="${coloured[phase]}" style="flex-grow:${px((100 * taken) / total)}" title="${phase}: ${duration(taken)}, ${percent(taken, total)}"></i>`,
  )}</div>`;
}

const volume = (moved: TaskMetrics['read']): Html | string =>
  moved === undefined ? '–' : html`${bytes(moved.bytes)} <small>${counted(moved.files, 'file')}</small>`;

/** Seconds of all cores together, and the bytes spilled to disk. */
function executors(spark: TaskMetrics['spark']): Html | string {
  if (spark === undefined) return '–';
  const spilled =
    spark.spilled_bytes > 0 && html` <small class="caution">${bytes(spark.spilled_bytes)} spilled</small>`;
  return html`${duration(spark.executor_seconds)} <small>${counted(spark.tasks, 'Spark task')}</small>${spilled}`;
}
