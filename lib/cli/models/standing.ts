import type { Promotion } from '../../gate/ports.ts';
import { rolledBack } from '../../gate/twins.ts';

export function happened({ rollback, by, run }: Promotion): string {
  if (rollback !== undefined) return `made live by a roll-back from v${rollback.from} (${rollback.transition})`;
  return by === undefined ? `promoted by the gate in ${run}` : `promoted by ${by}`;
}

export function standing(log: readonly Promotion[], version: number): string {
  if (log.at(-1)?.version === version) return 'live';
  if (rolledBack(log).includes(version)) return 'rolled back';
  return log.some((entry) => entry.version === version) ? 'was live' : 'never live';
}

export const entryOf = (log: readonly Promotion[], version: number) =>
  log.findLast((entry) => entry.version === version && entry.rollback === undefined);

export const minute = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
