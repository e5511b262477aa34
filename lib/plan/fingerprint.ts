import { sha256 } from './canonical-json.ts';
import type { Task } from './schema.ts';

/** Raise when the engine gives other rows for the same plan, so that every table is built anew. */
const engineSemantics = 2;

/** Hash of each part that a task's output depends on, and one over all of them. Upstream fingerprints are a part. */
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
