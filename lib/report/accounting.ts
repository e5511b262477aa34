import { readsBesideLogs, unfinishedTasks } from '../documents/rows-of-run.ts';
import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { count, counted, percent, px } from '../html/format.ts';
import { type Html, html, joined } from '../html/html.ts';
import { code } from '../html/names.ts';
import { type Fate, fates, gapOf, rowsOf, sum } from './row-outcomes.ts';

/** For each task, the rows read and what became of them: each row has exactly one outcome. */
export function accountingSection(run: RunDocument): Html {
  if (run.tasks.length === 0 && run.status !== 'failed') return html``;
  if (run.tasks.length === 0) return html`<section id="rows"><h2>Row accounting</h2>${openTasks(run)}</section>`;
  const open = run.tasks.filter((task) => gapOf(task) !== 0);
  const read = sum(run.tasks.map((task) => task.read));
  const failed = run.status === 'failed';
  const all = `${read === 1 ? 'it is' : 'all are'} accounted for`;
  const verdict =
    open.length === 0
      ? failed
        ? all
        : html`<span class="good">✓ ${all}</span>`
      : html`<span class="bad">✗ ${counted(open.length, 'task')} ${open.length === 1 ? 'does' : 'do'} not account for every row</span>`;
  return html`<section id="rows"><h2>Row accounting</h2>
<p class="lead">${counted(run.tasks.length, 'task')}${failed && ' that finished'} read ${counted(read, 'row')}: ${verdict}.
Of each task, read = ${fates.join(' + ')}. A row counts once for each task that reads it.</p>${openTasks(run)}
<p class="legend" aria-hidden="true">${fates.map((fate) => html`<span><i class="swatch ${fate}"></i>${fate}</span>`)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Row accounting">
<table class="accounts"><caption class="unseen">Rows read by each task, and their outcomes</caption>
<thead><tr><th scope="col">Task</th><th scope="col" class="n">Read</th>
${fates.map((fate, i) => html`<th scope="col" class="n"><span class="op">${i === 0 ? '=' : '+'}</span> ${title(fate)}</th>`)}
<th scope="col"><span class="unseen">Accounted for</span></th></tr></thead>
${run.tasks.map(taskRows)}</table></div>${besideLogs(run)}</section>`;
}

/** The tasks of a failed run whose rows are unknown. */
function openTasks(run: RunDocument): Html {
  if (run.status !== 'failed') return html``;
  const open = unfinishedTasks(run);
  const names = joined(
    open.map((task) => code(task)),
    ', ',
  );
  const rest =
    run.tasks.length === 0
      ? 'No task finished, so no row is accounted for.'
      : 'Only finished tasks account for their rows.';
  return html`<p class="lead open"><span class="bad">${rest}</span>${open.length > 0 && html` Unknown: the rows of ${names}.`}</p>`;
}

/** The rows read from each table, beside the count in the table's log. */
function besideLogs(run: RunDocument): Html {
  const reads = readsBesideLogs(run);
  if (reads.length === 0) return html``;
  const lines = reads.map(({ task, table, versions, logged, read, changed }) => {
    const byKeys = changed !== undefined && html` <small>by keys; ${count(changed)} new or changed, all read</small>`;
    return html`<tr><th scope="row" class="from">${code(task)}</th><td class="from" data-label="from">${code(table)}</td>
<td class="n" data-label="version">${versions}</td><td class="n" data-label="rows of the version">${count(logged)}</td><td class="n" data-label="rows the task read">${count(read)}${byKeys}</td></tr>`;
  });
  return html`<details class="reads"><summary>${counted(reads.length, 'read')} of tables, compared with each table’s log</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Reads of tables"><table class="plain stack"><caption class="unseen">Rows of each version, by the log of its table, and rows that the task read</caption>
<thead><tr><th scope="col">Task</th><th scope="col">Read from</th><th scope="col" class="n">Version</th>
<th scope="col" class="n">Rows of the version</th><th scope="col" class="n">Rows the task read</th></tr></thead><tbody>${lines}</tbody></table></div></details>`;
}

function taskRows(task: TaskResult): Html {
  const gap = gapOf(task);
  const first = fates.find((fate) => rowsOf(task, fate) > 0) ?? 'written';
  // On a narrow page the cells read as an equation of the terms that are not 0.
  const cells = fates.map((fate) => {
    const rows = rowsOf(task, fate);
    const none = rows === 0 && fate !== first;
    const operator = fate !== first ? '+' : gap === 0 ? '=' : '≠';
    return html`<td class="n ${none ? 'none' : fate}" data-op="${operator}" data-label="${fate}">${none ? html`<span class="unseen">0</span><span aria-hidden="true">·</span>` : count(rows)}</td>`;
  });
  const closed =
    gap === 0
      ? html`<td class="mark good"><span title="read = sum of the other columns">✓</span></td>`
      : html`<td class="mark bad">✗ ${gap > 0 ? `${count(gap)} lost` : `${count(-gap)} too many`}</td>`;
  return html`<tbody class="account"><tr><th scope="row">${code(task.task)} <small>${task.kind}, ${task.mode}</small></th>
<td class="n" data-label="read">${count(task.read)}</td>${cells}${closed}</tr>
<tr class="under"><td colspan="8">${bar(task)}${details(task)}</td></tr></tbody>
`;
}

/** Shares of the rows read. A share too small to see is drawn as a thin line, so that readers can find it. */
function bar(task: TaskResult): Html {
  const parts = fates.map((fate) => ({ fate, rows: rowsOf(task, fate) })).filter((part) => part.rows > 0);
  const total = sum(parts.map((part) => part.rows));
  const words = parts.map((part) => `${percent(part.rows, total)} ${part.fate}`).join(', ');
  return html`<div class="shares" role="img" aria-label="${words === '' ? 'no rows' : words}">${parts.map(
    (part) =>
      html`<i class="${part.fate}" style="flex-grow:${px((100 * part.rows) / total)}" title="${part.fate}: ${count(part.rows)}, ${percent(part.rows, total)}"></i>`,
  )}</div>`;
}

function details(task: TaskResult): Html {
  const lookups = Object.entries(task.lookups);
  const named = (['aggregated', 'filtered', 'quarantined'] as const).flatMap((fate) =>
    Object.entries(task[fate]).map(([name, rows]) => ({ fate, name, rows })),
  );
  const beside =
    lookups.length > 0 &&
    html`<span class="beside">lookups: ${joined(
      lookups.map(([table, rows]) => html`${code(table)} (${counted(rows, 'row')})`),
      ', ',
    )}</span>`;
  if (named.length === 0) return html`${beside}`;
  return html`<div class="split"><details><summary>${summaryOf(named)}</summary>
<p class="equation">${equation(task)}</p>
<ul class="rules">${named.map(
    (line) =>
      html`<li><i class="swatch ${line.fate}"></i>${count(line.rows)} ${phrase[line.fate]} ${code(line.name)} <small>${percent(line.rows, task.read)}</small></li>`,
  )}</ul></details>${beside}</div>`;
}

/** The largest counts, so that readers need not open most tasks. */
function summaryOf(lines: readonly { fate: Fate; name: string; rows: number }[]): Html {
  const sorted = [...lines].sort((a, b) => b.rows - a.rows);
  const rest = sorted.length - 3;
  return html`${joined(
    sorted
      .slice(0, 3)
      .map(
        (line) =>
          html`<span class="part"><i class="swatch ${line.fate}"></i>${code(line.name)} ${count(line.rows)}</span>`,
      ),
    ' \u2002',
  )}${rest > 0 && ` \u2002+ ${count(rest)} more`}`;
}

/** The same numbers as one line, to copy into a ticket. */
function equation(task: TaskResult): string {
  const terms = fates.filter((fate) => rowsOf(task, fate) > 0).map((fate) => `${count(rowsOf(task, fate))} ${fate}`);
  const right = terms.length === 0 ? '0' : terms.join(' + ');
  return `${count(task.read)} read ${gapOf(task) === 0 ? '=' : '≠'} ${right}${gapOf(task) === 0 ? ' ✓' : ' ✗'}`;
}

const phrase = { aggregated: 'counted into', filtered: 'filtered by', quarantined: 'quarantined by' } as const;

const title = (fate: Fate) => fate[0]!.toUpperCase() + fate.slice(1);
