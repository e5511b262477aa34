import { createHash } from 'node:crypto';
import type { Task } from './schema.ts';

/** JSON with sorted keys, so that equal values have equal bytes regardless of key order. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), undefined, indent);
}

export function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}

/** Increment when the engine produces different rows for the same plan, so that every table is rebuilt. */
const engineSemantics = 2;

/** The hash of each part that a task's output depends on, including upstream fingerprints, and one hash over all. */
export function fingerprint(
  kind: Task['kind'],
  parts: Readonly<Record<string, unknown>>,
  upstream: ReadonlyMap<string, string>,
): { value: string; parts: Record<string, string> } {
  const hashed: Record<string, string> = { engine: sha256([kind, engineSemantics]) };
  for (const [name, part] of Object.entries(parts)) hashed[name] = sha256(part);
  for (const [name, value] of upstream) hashed[`upstream ${name}`] = value;
  return { value: sha256(hashed), parts: hashed };
}
