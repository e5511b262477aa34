/**
 * USD for a reader: whole dollars from 1,000 on, cents from 1 on, and as many digits as show something below. Only text is
 * rounded; figures never are.
 */
export function usd(amount: number): string {
  if (amount >= 1000) return `$${Math.round(amount).toLocaleString('en-US')}`;
  if (amount >= 1 || amount === 0) return `$${amount.toFixed(2)}`;
  return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(amount < 0.01 ? 4 : 3)}`;
}
