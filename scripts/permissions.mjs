// What each role may do against what it does, on the twin: `node scripts/permissions.mjs [--check]` writes docs/permissions.md, or
// says whether it is as it would be written. Status 1 where a call is refused or a permission is for nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    customers: { type: 'string', default: '1000' },
    keep: { type: 'string' },
  },
});
const { project, setup } = await import('./setup.mjs');
setup({ twin: true });
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const load = (file) => jiti.import(path.join(project, 'twin', file));
const { recordPermissions } = await load('proof/permissions.ts');
const { judge } = await load('recording/judge.ts');
const { faultsOf, permissionsText } = await load('recording/document.ts');
const { reasons } = await load('recording/reasons.ts');

const started = Date.now();
const { calls, templates } = await recordPermissions({
  customers: Number(values.customers),
  ...(values.keep && { folder: path.resolve(values.keep) }),
  tell: (line) => console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`),
});
const judged = judge(calls, templates);
const faults = faultsOf(judged, reasons);
const text = permissionsText(judged, reasons);
const file = path.join(project, 'docs', 'permissions.md');
if (!values.check) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text)
  faults.push('docs/permissions.md is not current: run `node scripts/permissions.mjs`');
for (const fault of faults) console.error(fault);
console.log(`${calls.length} different calls, ${judged.needed.length} statements needed, ${faults.length} faults`);
if (faults.length > 0) process.exitCode = 1;
