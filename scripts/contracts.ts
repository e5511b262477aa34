// Writes what the two languages share into contracts/: JSON Schemas from zod, and golden plans; and into the
// engine: its types, and the schemas that it holds its input against. A test compares them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contractFiles, engineFiles } from '../lib/documents/contracts.ts';
import { goldenPlans } from '../test/plan/golden-plans.ts';
import { project } from './setup.mjs';

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

process.chdir(project);
write(path.join(project, 'contracts'), contractFiles());
write(path.join(project, 'contracts', 'golden'), await goldenPlans());
write(path.join(project, 'glue-scripts', 'engine'), engineFiles());
