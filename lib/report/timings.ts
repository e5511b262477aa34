import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { duration, percent, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code } from '../html/names.ts';
import { costsTable } from './costs.ts';
import { sum } from './row-outcomes.ts';

interface Bar {
  name: string;
  kind: 'phase' | 'task';
  from: number;
  seconds: number;
}

/** Phases in order, each stage with its tasks below it; then the resources of each task. */
export function timingsSection(run: RunDocument, queryPlans: ReadonlyMap<string, string>): Html {
  const bars = barsOf(run);
  if (bars.length === 0) return html``;
  const end = Math.max(run.seconds, ...bars.map((bar) => bar.from + bar.seconds));
  const slowest = [...run.tasks].sort((a, b) => b.seconds - a.seconds)[0];
  return html`<section id="timings"><h2>Timings</h2>
<p class="lead">${duration(run.seconds)} in all${
    slowest !== undefined &&
    html`; the slowest task is ${code(slowest.task)} with ${duration(slowest.seconds)}, ${percent(slowest.seconds, run.seconds)} of it`
  }.</p>
<table class="bars gantt"><caption class="unseen">Seconds by phase and task, in the order in which they ran</caption>
<tbody>${bars.map(
    (
      bar,
    ) => html`<tr class="${bar.kind}"><th scope="row" title="${bar.name}">${bar.kind === 'task' ? code(bar.name) : bar.name}</th>
<td class="wide"><div class="track"><i style="margin-left:${widthOf(bar.from, end)};width:${widthOf(bar.seconds, end)}" title="${bar.name}: ${duration(bar.seconds)}, from ${duration(bar.from)}"></i></div></td><td class="n">${duration(bar.seconds)}</td></tr>
`,
  )}</tbody></table>
${costsTable(run, queryPlans)}</section>`;
}

function barsOf(run: RunDocument): Bar[] {
  const bars: Bar[] = [];
  const left = new Set(run.tasks);
  let from = 0;
  for (const phase of run.phases) {
    const seconds = Math.max(0, phase.seconds);
    bars.push({ name: phase.name, kind: 'phase', from, seconds });
    const staged = [...left].filter((task) => isStage(phase.name, task.stage));
    for (const task of staged) left.delete(task);
    bars.push(...cascade(staged, from, seconds));
    from += seconds;
  }
  return [...bars, ...cascade([...left], 0, run.seconds)];
}

/** Tasks do not record when they started. They run in order, and the stage's remaining time lies mostly before the first task. */
function cascade(tasks: readonly TaskResult[], start: number, room: number): Bar[] {
  let from = start + Math.max(0, room - sum(tasks.map((task) => Math.max(0, task.seconds))));
  return tasks.map((task) => {
    const seconds = Math.max(0, task.seconds);
    const bar: Bar = { name: task.task, kind: 'task', from, seconds };
    from += seconds;
    return bar;
  });
}

const isStage = (phase: string, stage: string) =>
  phase === stage || phase === `stage ${stage}` || phase === `${stage} stage`;
