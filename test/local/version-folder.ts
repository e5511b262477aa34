import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The manifest of a model version with these files. */
export function manifestOf(files: Readonly<Record<string, string>>): string {
  const described = Object.entries(files).map(([name, text]) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return [name, { sha256, bytes: Buffer.byteLength(text) }];
  });
  return JSON.stringify({ format: 'millrace-manifest', version: 1, files: Object.fromEntries(described) });
}

/** Writes a whole model version. */
export async function writeVersion(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ ...files, 'manifest.json': manifestOf(files) }))
    await writeFile(path.join(folder, name), text);
}
