import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folders whose tests deploy to the emulator or start many processes. */
const folders = ['aws', 'cloud-faults', 'deployed', 'differential', 'e2e', 'kills', 'twin'];

/** What a test file may change in its process, so that another file in the same process would notice. */
const changes = /\bvi\.|process\.(env|on|once|chdir|exitCode)\b|globalThis|answering-server|stand-in-python/;

/** The test files that need a separate process, relative to the project. */
export function alone(tests: string): string[] {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  const needIt = (file: string) =>
    folders.includes(file.split(path.sep)[0] ?? '') || changes.test(readFileSync(path.join(tests, file), 'utf8'));
  return files.filter(needIt).map((file) => ['test', ...file.split(path.sep)].join('/'));
}
