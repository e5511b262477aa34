import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { count, counted, percent, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code, named } from '../html/names.ts';
import { layout } from '../lake/layout.ts';
import type { Plan, Rule, TransformTask } from '../plan/schema.ts';
import { runsSql } from '../plan/task-kinds.ts';
import { pasteable, shellWords } from '../words.ts';
import { type Warning, warningList } from './issues.ts';
import { rowsOf, sum } from './row-outcomes.ts';

interface Line {
  task: string;
  fate: 'quarantined' | 'filtered' | 'deduplicated';
  rule: string;
  test?: string;
  rows: number;
  read: number;
}

/** Rows that rules quarantined, filtered or deduplicated, by rule, with the text of each rule. */
export function qualitySection(run: RunDocument, plan: Plan): Html {
  const ofInputs = run.warnings ?? [];
  if (run.tasks.length === 0 && ofInputs.length === 0) return html``;
  const lines = run.tasks.flatMap((task) => linesOf(task, plan));
  const hit = lines.filter((line) => line.rows > 0).sort((a, b) => order[a.fate] - order[b.fate] || b.rows - a.rows);
  const quiet = lines.filter((line) => line.rows === 0);
  const quarantined = sum(run.tasks.map((task) => rowsOf(task, 'quarantined')));
  const ofTasks = run.tasks.flatMap(({ task, warnings }) => warnings.map((message) => ({ code: task, message })));
  const warnings: Warning[] = [...ofInputs, ...ofTasks];
  const unjudged = run.tasks.flatMap(({ task, unjudged = [] }) => unjudged.map((name) => ({ task, name })));
  const clean =
    run.status === 'failed'
      ? html`no row quarantined by finished tasks`
      : html`<span class="good">✓ no row quarantined</span>`;
  return html`<section id="quality"><h2>Data quality</h2>
<p class="lead">${quarantined === 0 ? clean : html`<strong>${counted(quarantined, 'row')}</strong> quarantined`},
${warnings.length === 0 ? html`<span class="good">✓ no warning</span>` : html`<strong>${counted(warnings.length, 'warning')}</strong>`}${judged(run, plan)}.</p>
${warningList(warnings)}
${unjudged.length > 0 && html`<ul class="rules">${unjudged.map(({ task, name }) => html`<li>${code(task)} ${name} was not evaluated: the run has no new rows for it</li>`)}</ul>`}
${hit.length > 0 && table(hit)}
${
  quiet.length > 0 &&
  html`<details><summary>${counted(quiet.length, 'rule')} that matched no rows</summary><ul class="rules">${quiet.map(
    (line) =>
      html`<li>${code(line.task)} ${named(line.rule)}${line.test !== undefined && html` <small><code>${line.test}</code></small>`}</li>`,
  )}</ul></details>`
}
${places(run)}</section>`;
}

function judged(run: RunDocument, plan: Plan): string {
  const ran = new Set(run.tasks.map((task) => task.task));
  const expectations = plan.tasks.filter(runsSql).flatMap((task) => (ran.has(task.name) ? task.expect : []));
  if (expectations.length === 0) return '';
  return `; ${counted(expectations.length, 'expectation')} ${expectations.length === 1 ? 'was' : 'were'} evaluated`;
}

function table(lines: readonly Line[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rules"><table class="plain rulesheet"><caption class="unseen">Rows by rule</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col">Task</th><th scope="col">Rule</th><th scope="col" class="n">Rows</th>
<th scope="col" class="n">Share of read</th><th scope="col" class="wide"><span class="unseen">Share as a bar</span></th></tr></thead>
<tbody>${lines.map(
    (
      line,
    ) => html`<tr><td class="fate"><i class="swatch ${line.fate}"></i>${line.fate}</td><td class="from">${code(line.task)}</td>
<td class="which">${named(line.rule)}${line.test !== undefined && html`<br><small><code>${line.test}</code></small>`}</td><td class="n">${count(line.rows)}</td>
<td class="n">${percent(line.rows, line.read)}</td><td class="wide"><div class="track"><i class="${line.fate}" style="width:${widthOf(line.rows, line.read)}"></i></div></td></tr>
`,
  )}</tbody></table></div>`;
}

/** Each rule of the plan, and each that only the run has, such as a record that cannot be parsed. */
function linesOf(result: TaskResult, plan: Plan): Line[] {
  const task = plan.tasks.filter(runsSql).find(({ name }) => name === result.task);
  const base = { task: result.task, read: result.read };
  const byRule = (fate: 'quarantined' | 'filtered', rules: readonly Rule[]): Line[] => {
    const names = [...new Set([...rules.map((rule) => rule.name), ...Object.keys(result[fate])])];
    return names.map((rule) => {
      const found = rules.find((r) => r.name === rule);
      const rows = Object.hasOwn(result[fate], rule) ? result[fate][rule]! : 0;
      return { ...base, fate, rule, rows, ...(found !== undefined && { test: testOf(found) }) };
    });
  };
  const duplicates: Line[] =
    result.deduplicated === 0
      ? []
      : [{ ...base, fate: 'deduplicated', rule: `one row per key${keyOf(task)}`, rows: result.deduplicated }];
  return [
    ...byRule('quarantined', task?.reads.flatMap((read) => read.quarantine) ?? []),
    ...duplicates,
    ...byRule('filtered', task?.reads.flatMap((read) => read.keep) ?? []),
  ];
}

function keyOf(task: TransformTask | undefined): string {
  if (task === undefined || task.key.length === 0) return '';
  const latest = task.latestBy.length === 0 ? '' : `, latest by ${task.latestBy.join(', ')}`;
  return ` (${task.key.join(', ')}${latest})`;
}

function places(run: RunDocument): Html {
  const tasks = run.tasks.filter((task) => rowsOf(task, 'quarantined') > 0);
  if (tasks.length === 0) return html``;
  return html`<h3>Where the quarantined rows are</h3>
<p class="soft">Each with its rule, its reason and the original row, below the root of the lake.</p>
<ul class="rules">${tasks.map(
    (task) =>
      html`<li>${code(layout.quarantine(run.pipeline, task.task))} <small>${counted(rowsOf(task, 'quarantined'), 'row')} of this run</small>
<br>${code(showCommand(run, task.task))}</li>`,
  )}</ul>`;
}

/** The command that shows the quarantined rows of a task. A default root needs no option. */
function showCommand({ pipeline, report, run }: RunDocument, task: string): string {
  const below = `/${layout.report(pipeline, run)}`;
  const root = report?.endsWith(below) ? report.slice(0, -below.length) : undefined;
  const isUsual = root === undefined || root.endsWith('/.millrace');
  const options = isUsual ? '' : ` --root ${shellWords([root])}`;
  return pasteable(`millrace show ${pipeline} quarantine.${task}${options}`);
}

const testOf = (rule: Rule) => ('sql' in rule ? rule.sql : `${rule.column} occurs in ${rule.isIn}`);

const order = { quarantined: 0, deduplicated: 1, filtered: 2 } as const;
