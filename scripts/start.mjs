// Starts a TypeScript file of this folder, `node scripts/start.mjs scripts/lint.ts --option`, in a fresh clone too: TypeScript
// cannot be loaded before the npm packages are there, so the set-up comes first.
import path from 'node:path';
import { project, setup } from './setup.mjs';

setup();
const { loader } = await import('../bin/loader.mjs');
const [file = ''] = process.argv.splice(2, 1);
await (await loader()).import(path.resolve(project, file));
