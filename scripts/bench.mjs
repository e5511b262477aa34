// Millrace against its peers, as ratios in one run. See bench/README.md.
import path from 'node:path';
import { project, setup } from './setup.mjs';

const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['--incremental', '--growth'];
console.error(`Millrace bench: ${args.join(' ')}`);
setup({ spark: true });
const { python, step } = await import('./steps.mjs');
step('', [python, path.join(project, 'bench', 'run.py'), ...args]);
