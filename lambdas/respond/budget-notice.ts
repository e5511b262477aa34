import type { AlarmChange } from './alarms.ts';
import { readAmounts } from './amount.ts';

/**
 * What AWS Budgets publishes, which is a letter and no JSON. An alarm named `<budget>-budget` where the month's actual spending has come to
 * the budget, and one that is over where it has not, or is only foreseen to. Undefined for any other text, and for amounts that can be read in
 * two ways: no run is stopped by a guess. `at` is when it was published.
 */
export function readBudgetNotice(text: string, at: Date): AlarmChange | undefined {
  if (!text.startsWith('AWS Budget Notification')) return undefined;
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const budget = field('Budget Name');
  const kind = field('Alert Type');
  const [budgeted, spent] = readAmounts([field('Budgeted Amount'), field(`${kind} Amount`)]) ?? [];
  if (budget === undefined || kind === undefined || budgeted === undefined || spent === undefined) return undefined;
  const exceeded = kind === 'ACTUAL' && spent.value >= budgeted.value;
  const currency = budgeted.currency ?? spent.currency;
  const amounts = `${spent.value.toFixed(2)} of ${budgeted.value.toFixed(2)}${currency === undefined ? '' : ` ${currency}`}`;
  return {
    alarm: `${budget}-budget`,
    state: exceeded ? 'ALARM' : 'OK',
    reason: `${kind === 'ACTUAL' ? 'spent' : 'foreseen'} this month: ${amounts}`,
    at,
  };
}
