// Runs a TypeScript file from the command line: `node bin/typescript.mjs bin/app.ts`.
import path from 'node:path';
import { loader } from './loader.mjs';

await (await loader()).import(path.resolve(process.argv[2] ?? ''));
