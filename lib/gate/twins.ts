import type { Dossier } from '../documents/model.ts';
import { MillraceError } from '../errors.ts';
import type { Promotion, QualityPorts } from './ports.ts';

/** Versions that were rolled back and not promoted again since, latest first. */
export function rolledBack(log: readonly Promotion[]): number[] {
  const bad = new Set<number>();
  for (const { version, rollback } of log) {
    if (rollback === undefined) bad.delete(version);
    else {
      bad.delete(rollback.from);
      bad.add(rollback.from);
    }
  }
  return [...bad].reverse();
}

/** Maximum versions to check, because each is a document to read. */
const most = 20;

/** A version that was rolled back and learned from the same rows in the same way as the candidate, so both are the same model. */
export async function twinRolledBack(
  { learned }: Dossier,
  { model, version }: { model: string; version: number },
  log: readonly Promotion[],
  ports: Pick<QualityPorts, 'dossier'>,
): Promise<number | undefined> {
  if (learned === undefined) return undefined;
  const others = rolledBack(log).filter((other) => other !== version);
  for (const other of others.slice(0, most)) {
    const known = await knownDossier(model, other, ports);
    if (known?.learned?.rows === learned.rows && known.learned.parameters === learned.parameters) return other;
  }
  return undefined;
}

/** Undefined if it is missing or damaged, because that is no reason to hold a candidate. */
export async function knownDossier(
  model: string,
  version: number,
  ports: Pick<QualityPorts, 'dossier'>,
): Promise<Dossier | undefined> {
  try {
    return await ports.dossier(model, version);
  } catch (error) {
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}
