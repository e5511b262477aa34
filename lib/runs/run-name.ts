import { createHash } from 'node:crypto';

/**
 * `r-<yyyymmdd>t<hhmmss>-<4 hex>`: the same time and ids give the same name. The timestamp is later than that of the previous run
 * (`last`), so names sort in the order of the runs and are unique within a pipeline.
 */
export function runName(at: Date, ids: readonly string[], last?: string): string {
  const earliest = last === undefined ? Number.NEGATIVE_INFINITY : stampOf(last).getTime() + 1000;
  const stamp = new Date(Math.max(at.getTime(), earliest))
    .toISOString()
    .replace(/[-:]/g, '')
    .slice(0, 15)
    .toLowerCase();
  const hash = createHash('sha256').update(JSON.stringify([...ids].sort()));
  return `r-${stamp}-${hash.digest('hex').slice(0, 4)}`;
}

const form = /^r-(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)-/;

/** Whether `text` begins as the name of a run whose time exists. */
export const isRunName = (text: string): boolean => !Number.isNaN(stampOf(text).getTime());

function stampOf(run: string): Date {
  const [, y, mo, d, h, mi, s] = form.exec(run) ?? [];
  return new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
