// Writes what the two languages share into contracts/: JSON Schemas from zod, and golden plans; and into the
// engine: its types, and the schemas that it holds its input against. A test compares them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { project, setup } from './setup.mjs';

setup();
const { loader } = await import('../bin/loader.mjs');
const jiti = await loader();
const { contractFiles, engineFiles } = await jiti.import('../lib/documents/contracts.ts');
const { goldenPlans } = await jiti.import('../test/plan/golden-plans.ts');

const write = (folder, files) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
};
process.chdir(project);
write(path.join(project, 'contracts'), contractFiles());
write(path.join(project, 'contracts', 'golden'), await goldenPlans());
write(path.join(project, 'glue-scripts', 'engine'), engineFiles());
