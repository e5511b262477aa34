import { usd } from '../../cost/range.ts';
import { counted } from '../../words.ts';
import { type LeftoverStack, leftoverLines } from '../leftover-stacks.ts';
import type { CostChange } from './cost.ts';
import type { Difference } from './difference.ts';
import type { Widened } from './permissions.ts';
import type { ResourceChange } from './resources.ts';

const signs = { added: '+', removed: '-', changed: '~', replaced: '!' } as const;

/** The parts of a difference as text. */
export function differenceText(difference: Difference): string {
  const { environment, against, resources, recompute, cost, permissions, leftover } = difference;
  const parts = [
    `${environment}, compared with ${against === 'nothing' ? 'nothing: it is not deployed' : against}\n`,
    heading('Resources', resourceSummary(difference)),
    ...grouped(resources.changes),
    heading('Data to recompute', recomputeSummary(difference)),
    ...table(recompute.map(({ pipeline, task, mode, why }) => [`${pipeline}.${task}`, mode, why])),
    heading('Cost per month', cost.every(({ items }) => items.length === 0) ? 'unchanged' : ''),
    ...cost.flatMap(costLines),
    heading('Permissions widened', permissions.length === 0 ? 'none' : counted(permissions.length, 'statement')),
    ...(against === 'nothing' ? holders(permissions) : permissionLines(permissions)),
    leftoverText(leftover, environment),
  ];
  return parts.join('');
}

function leftoverText(leftover: readonly LeftoverStack[], environment: string): string {
  if (leftover.length === 0) return '';
  const summary = `${counted(leftover.length, 'stack')} that ${environment} no longer has`;
  const hint = `  try   npm run deploy -- --env ${environment} --prune\n`;
  return `${heading('Left over', summary)}${leftoverLines(leftover)}${hint}`;
}

const heading = (title: string, summary: string) => `\n${title}${summary === '' ? '' : `: ${summary}`}\n`;

function resourceSummary({ resources: { changes, unchanged } }: Difference): string {
  if (changes.length === 0) return `no changes, ${unchanged} unchanged`;
  const counts = (Object.keys(signs) as (keyof typeof signs)[])
    .map((change) => [changes.filter((each) => each.change === change).length, change] as const)
    .filter(([count]) => count > 0);
  return [...counts.map(([count, change]) => `${count} ${change}`), `${unchanged} unchanged`].join(', ');
}

function recomputeSummary({ recompute, judgedBy, against }: Difference): string {
  if (against === 'nothing') return 'nothing is deployed yet, so the first run computes everything';
  const count = recompute.length === 0 ? 'none' : counted(recompute.length, 'task');
  const isGuess = judgedBy === 'the deployed plan' && against === 'the account';
  return isGuess
    ? `${count}, assuming that all tasks of the deployed plan are done (these credentials cannot read the bookmarks)`
    : count;
}

/** More changes of one kind and stack than this are counted by type. */
const mostLines = 12;

function grouped(changes: readonly ResourceChange[]): string[] {
  const keys = [...new Set(changes.map(({ stack, change }) => `${stack} ${change}`))];
  return keys.flatMap((key) => {
    const group = changes.filter(({ stack, change }) => `${stack} ${change}` === key);
    const { change, stack } = group[0]!;
    if ((change === 'added' || change === 'changed') && group.length > mostLines) {
      const types = [...new Set(group.map(({ type }) => type))].sort();
      return table(
        types.map((type) => [signs[change], stack, `${group.filter((each) => each.type === type).length} x ${type}`]),
      );
    }
    return table(
      group.map((each) => [signs[change], stack, each.type, each.id, each.properties.join(', '), warningOf(each)]),
    );
  });
}

function warningOf({ change, stateful }: ResourceChange): string {
  if (!stateful || (change !== 'removed' && change !== 'replaced')) return '';
  return 'HOLDS DATA';
}

function costLines({ pipeline, before, after, items, warnings }: CostChange): string[] {
  const [from, to] = [before, after].map((amount) => (amount === undefined ? 'not deployed' : usd(amount)));
  const moved = from === to ? `${to}, as before` : `${from} -> ${to}${change(before, after)}`;
  return [
    `  ${pipeline}  ${moved}\n`,
    ...(before === undefined || after === undefined
      ? []
      : table(items.slice(0, 5).map((item) => ['', `${usd(item.before)} -> ${usd(item.after)}`, item.what]))),
    ...warnings.map(({ code, message }) => `    ${code}  ${message}\n`),
  ];
}

function change(before: number | undefined, after: number | undefined): string {
  if (!before || after === undefined) return '';
  const share = Math.round((after / before - 1) * 100);
  return share === 0 ? '' : `  (${share > 0 ? '+' : ''}${share}%)`;
}

/** All actions on one resource in one line. */
function permissionLines(permissions: readonly Widened[]): string[] {
  const groups = new Map<string, Widened[]>();
  for (const each of permissions) {
    const { who, resource, conditions, effect, why } = each;
    const key = JSON.stringify([who, resource, conditions, effect, why]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const { who, resource, conditions, effect, why } = group[0]!;
    const actions = group.map(({ action }) => action).join(', ');
    const when = Object.entries(conditions).map(([key, value]) => `      when ${key} = ${value}\n`);
    return [`  ${who}  ${effect === 'Deny' ? 'was denied ' : ''}${actions}  (${why})\n      on ${resource}\n`, ...when];
  });
}

/** If everything is new, only the number of permissions per role is readable. */
function holders(permissions: readonly Widened[]): string[] {
  const who = [...new Set(permissions.map((each) => each.who))];
  return table(who.map((each) => [each, counted(permissions.filter((one) => one.who === each).length, 'statement')]));
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map(
    (row) =>
      `  ${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()}\n`,
  );
}
