import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { count, counted, duration, px, score } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Plan, Task } from '../plan/schema.ts';
import { learns, runsSql } from '../plan/task-kinds.ts';
import { box, layout } from './lineage-layout.ts';
import { statusesOf, type TaskStatus } from './task-status.ts';

/** The plan as a picture: tables and models in their layers, with the outcome of each in this run. */
export function lineageSection(run: RunDocument, plan: Plan): Html {
  if (plan.tasks.length === 0) return html``;
  const { nodes, edges, bands, width, height } = layout(plan.tasks);
  const outcomes = statusesOf(run, plan);
  const has = (task: Task, outcome: TaskStatus) => outcomes.get(task.name) === outcome;
  const label = `The pipeline: ${counted(nodes.length, 'task')}, ${run.tasks.length} of which ran`;
  return html`<section id="pipeline"><h2>Pipeline</h2>
<p class="legend"><span><i class="swatch ran"></i>ran</span>${[...outcomes.values()].includes('failed') && html`<span><i class="swatch failed"></i>failed</span>`}<span><i class="swatch idle"></i>skipped or not reached</span><span><i class="dash"></i>looked up, not consumed</span></p>
<p class="note sideways">The picture is wider than this page: scroll it sideways.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Picture of the pipeline"><svg class="lineage" viewBox="0 0 ${px(width)} ${px(height)}" style="min-width:${px(width * 0.86)}px;max-width:${px(width * 1.1)}px" role="img" aria-label="${label}">
${bands.map((band) => html`<rect class="band" x="${px(band.x)}" y="0" width="${px(band.width)}" height="${px(height)}" rx="6"/><text class="bandtitle" x="${px(band.x + 10)}" y="17">${band.title}</text>`)}
${edges.map(
  (
    edge,
  ) => html`<g class="edge${isLookup(edge.from, edge.to) && ' lookup'}${!(has(edge.from, 'ran') && has(edge.to, 'ran')) && ' idle'}"><path d="${curve(edge.points)}"><title>${wordsOf(edge.from, edge.to)}</title></path><path class="tip" d="${tip(edge.points)}"/></g>
`,
)}
${nodes.map(
  ({
    task,
    x,
    y,
  }) => html`<g class="node ${has(task, 'ran') ? kindOf(task) : has(task, 'failed') ? 'stopped' : 'idle'}" transform="translate(${px(x)} ${px(y)})"><title>${tellOf(run, task, outcomes)}</title><rect width="${box.width}" height="${box.height}" rx="5"/><path class="spine" d="M0 5a5 5 0 0 1 5 -5v${box.height}a5 5 0 0 1 -5 -5z"/>
<text class="name" x="13" y="17">${short(learns(task) ? task.model : task.name)}</text><text class="rows" x="13" y="33">${rowsOf(run, task, outcomes)}</text></g>
`,
)}</svg></div></section>`;
}

function rowsOf(run: RunDocument, task: Task, outcomes: ReadonlyMap<string, TaskStatus>): string {
  const model = learns(task) ? run.models.find((m) => m.name === task.model) : undefined;
  if (model !== undefined) {
    const { label, in: figureIn } = objectiveOf(model).judgedBy;
    return `v${model.version} · ${label} ${score(figureIn(model.metrics))}`;
  }
  const result = resultOf(run, task);
  if (result !== undefined) return counted(result.table?.rows ?? result.written, 'row');
  return outcomes.get(task.name) ?? 'not reached';
}

function tellOf(run: RunDocument, task: Task, outcomes: ReadonlyMap<string, TaskStatus>): string {
  const result = resultOf(run, task);
  if (result !== undefined) {
    const version = result.table === undefined ? '' : `, Delta version ${result.table.version}`;
    return `${task.name}: ${result.mode}, read ${count(result.read)} in ${duration(result.seconds)}${version}`;
  }
  const skip = run.skipped.find((s) => s.task === task.name);
  return skip === undefined
    ? `${task.name}: ${outcomes.get(task.name) ?? 'not reached'}`
    : `${task.name}: skipped, ${skip.why}`;
}

function wordsOf(from: Task, to: Task): string {
  const read = runsSql(to) ? to.reads.find((r) => r.table === from.name) : undefined;
  if (read === undefined) return `${to.name} reads ${from.name}`;
  const scope = typeof read.scope === 'string' ? read.scope : `affected ${read.scope.affected}`;
  return `${to.name} reads ${from.name}: ${read.use}, ${scope}`;
}

function curve(points: readonly [number, number][]): string {
  return points
    .map(([x, y], i) => {
      if (i === 0) return `M${px(x)} ${px(y)}`;
      const [fromX, fromY] = points[i - 1]!;
      if (i % 2 === 0) return `H${px(x)}`;
      const middle = (fromX + x) / 2;
      const end = i === points.length - 1 ? x - 5 : x;
      return `C${px(middle)} ${px(fromY)} ${px(middle)} ${px(y)} ${px(end)} ${px(y)}`;
    })
    .join('');
}

// A marker would need a reference by URL, and the page has none.
function tip(points: readonly [number, number][]): string {
  const [x, y] = points.at(-1)!;
  return `M${px(x - 7)} ${px(y - 3.5)}L${px(x)} ${px(y)}L${px(x - 7)} ${px(y + 3.5)}z`;
}

function short(name: string): string {
  const letters = [...name];
  return letters.length <= 19 ? name : `${letters.slice(0, 12).join('')}…${letters.slice(-6).join('')}`;
}

const isLookup = (from: Task, to: Task) =>
  runsSql(to) && to.reads.some((read) => read.table === from.name && read.use === 'lookup');

const resultOf = (run: RunDocument, task: Task): TaskResult | undefined =>
  run.tasks.find((result) => result.task === task.name);

const kindOf = (task: Task) => ('layer' in task ? task.layer : task.kind);
