import type { AlarmChange } from './alarms.ts';

/**
 * What AWS Budgets publishes, which is a letter and no JSON. An alarm named `<budget>-budget` where the month's actual spending has come to
 * the budget, and one that is over where it has not, or is only foreseen to. Undefined for any other text. `at` is when it was published.
 */
export function readBudgetNotice(text: string, at: Date): AlarmChange | undefined {
  if (!text.startsWith('AWS Budget Notification')) return undefined;
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const budget = field('Budget Name');
  const kind = field('Alert Type');
  const budgeted = amount(field('Budgeted Amount'));
  const spent = amount(field(`${kind} Amount`));
  if (budget === undefined || kind === undefined || budgeted === undefined || spent === undefined) return undefined;
  const exceeded = kind === 'ACTUAL' && spent >= budgeted;
  return {
    alarm: `${budget}-budget`,
    state: exceeded ? 'ALARM' : 'OK',
    reason: `${kind === 'ACTUAL' ? 'spent' : 'foreseen'} this month: ${spent.toFixed(2)} of ${budgeted.toFixed(2)} USD`,
    at,
  };
}

/** `$1,234.50` and `1234.5 USD` alike. */
function amount(text: string | undefined): number | undefined {
  const [digits] = /\d[\d,]*(\.\d+)?/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}
