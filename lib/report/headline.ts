import type { RunDocument } from '../documents/run-document.ts';
import { count, counted, duration, instant, percent, score, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code, named, sentence } from '../html/names.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Plan } from '../plan/schema.ts';
import { fromSource } from '../plan/task-kinds.ts';
import { issueList } from './issues.ts';
import type { ModelView } from './model-view.ts';
import { rowsOf, sum } from './row-outcomes.ts';
import { statusesOf } from './task-status.ts';

const status = {
  succeeded: { mark: '✓', tone: 'good', text: 'succeeded' },
  failed: { mark: '✗', tone: 'bad', text: 'failed' },
  held: { mark: '▮▮', tone: 'caution', text: 'held by the gate' },
  'nothing to do': { mark: '–', tone: 'idle', text: 'nothing to do' },
} as const;

/** The first thing to know: whether the run succeeded, how good the model is, and what to do if it failed. */
export function headline(run: RunDocument, views: readonly ModelView[], plan: Plan): Html {
  const { mark, tone, text } = status[run.status];
  const failed = run.status === 'failed';
  return html`<header class="head"><p class="brand">Millrace · run report</p>
<div class="title"><h1>${named(run.pipeline)}</h1><p class="status ${tone}"><span aria-hidden="true">${mark}</span> ${text}</p></div>
${failed && issueList(run.issues)}
<dl class="facts">${facts(run, plan).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
${views.map((view) => figureOf(view, run.best_possible))}
${!failed && issueList(run.issues)}
${run.status === 'nothing to do' && html`<p class="lead">Every table is up to date: no input is new and no definition has changed. <a href="#provenance">Provenance</a> says why each task was skipped.</p>`}
</header>`;
}

function facts(run: RunDocument, plan: Plan): [string, Html | string][] {
  const ingested = sum(run.tasks.filter(fromSource).map((task) => task.read));
  const quarantined = sum(run.tasks.map((task) => rowsOf(task, 'quarantined')));
  return [
    ['Run', code(run.run)],
    ['Started', html`<time datetime="${run.started_at}">${instant(run.started_at)}</time>`],
    ['Took', duration(run.seconds)],
    ['Engine', run.engine],
    ['Tasks', outcomesIn(run, plan)],
    [
      'Rows ingested',
      run.status === 'failed' && ingested > 0 ? `${count(ingested)}, by finished tasks` : count(ingested),
    ],
    ['Quarantined', count(quarantined)],
  ];
}

/** `11 ran, 0 skipped`; for a failed run also how many failed and how many were not reached. */
function outcomesIn(run: RunDocument, plan: Plan): string {
  const outcomes = [...statusesOf(run, plan).values()];
  const more = (['failed', 'not reached'] as const).flatMap((outcome) => {
    const tasks = outcomes.filter((each) => each === outcome).length;
    return run.status === 'failed' && tasks > 0 ? [`${count(tasks)} ${outcome}`] : [];
  });
  return [`${count(run.tasks.length)} ran`, ...more, `${count(run.skipped.length)} skipped`].join(', ');
}

type JudgedBy = ReturnType<typeof objectiveOf>['judgedBy'];

/** The model's main metric on its scale, with the best possible value on this data if it is known. */
function figureOf({ result, task }: ModelView, bayes: number | undefined): Html {
  const { rows } = result;
  const { judgedBy } = objectiveOf(result);
  const { label, meaning, scale } = judgedBy;
  const figure = judgedBy.in(result.metrics);
  const interval = judgedBy.interval(result);
  const verdict =
    result.verdict === 'promote'
      ? html`<b class="good">✓ promoted</b>`
      : result.verdict === 'keep'
        ? html`<b>not promoted</b>`
        : html`<b class="caution">▮▮ held</b>`;
  const gate = task && judgedBy.floor(task.gate);
  return html`<div class="hero"><p class="big">${score(figure)} <abbr title="${meaning}">${label}</abbr></p>
<div class="herotext"><p>Model ${code(result.name)} version ${result.version}: ${verdict}. <span class="soft">${sentence(result.reason)}</span></p>
${bayes !== undefined && bayes > scale.from && learnable(figure, bayes, interval, scale.from)}
${scaleOf(judgedBy, figure, { gate, bayes, interval })}
<p class="soft">Measured on ${counted(rows.test, 'held-out row')}${interval !== undefined && `; 95 % interval ${score(interval[0])} to ${score(interval[1])}`}.</p></div></div>`;
}

/** A figure above the best possible value is chance if that value lies in the interval, and a label leak otherwise. */
function learnable(figure: number, bayes: number, interval: Marks['interval'], from: number): Html {
  const bound = html`<b>${score(figure)}</b> of at most ${score(bayes)} (Bayes limit)`;
  if (figure <= bayes)
    return html`<p>${bound}: <b>${percent((figure - from) / (bayes - from))}</b> of what can be learned.</p>`;
  const luck = interval !== undefined && interval[0] <= bayes;
  return html`<p>${bound}: ${luck ? 'above it, but within chance.' : html`<b class="bad">✗ above what this data allows: look for a label leak.</b>`}</p>`;
}

interface Marks {
  gate: number | undefined;
  bayes: number | undefined;
  interval: readonly [number, number] | undefined;
}

function scaleOf({ label: name, scale }: JudgedBy, figure: number, { gate, bayes, interval }: Marks): Html {
  const { from, to, ends } = scale;
  const at = (x: number) => widthOf(x - from, to - from);
  const texts = [
    ...(gate === undefined ? [] : [`gate ${score(gate)}`]),
    ...(bayes === undefined ? [] : [`Bayes ${score(bayes)}`]),
  ];
  const label = [`${name} on a scale from ${from} to ${to}`, score(figure), ...texts].join(', ');
  // One label above and one below the scale, so that they never overlap.
  const labelOf = (name: string, value: number, text: string) =>
    html`<p class="marks ${name}"><span style="--at:${at(value)}">${text}</span></p>`;
  return html`${bayes !== undefined && labelOf('above', bayes, `Bayes ${score(bayes)}`)}<div class="scale" role="img" aria-label="${label}"><i class="fill" style="width:${at(figure)}"></i>
${interval !== undefined && html`<i class="interval" style="left:${at(interval[0])};width:${widthOf(interval[1] - interval[0], to - from)}" title="95 % interval"></i>`}
${gate !== undefined && html`<i class="gate" style="left:${at(gate)}" title="gate ${score(gate)}"></i>`}
${bayes !== undefined && html`<i class="bayes" style="left:${at(bayes)}" title="Bayes ${score(bayes)}"></i>`}</div>
${gate !== undefined && labelOf('below', gate, `gate ${score(gate)}`)}<p class="ends"><span>${ends[0]}</span><span>${ends[1]}</span></p>`;
}
