// Compares what each role may do with what it does on the twin. `npm run permissions` writes docs/permissions.md; with --check it only
// compares. --mutate first takes away each new or changed statement, --mutate --all every statement, which takes some five minutes.
// Exit status 1: a call was refused, a permission is unused, or nothing fails without a statement.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { takeEachAway } from '../twin/proof/mutations.ts';
import { recordPermissions } from '../twin/proof/permissions.ts';
import { faultsOf, permissionsText } from '../twin/recording/document.ts';
import { judge } from '../twin/recording/judge.ts';
import * as excuses from '../twin/recording/reasons.ts';
import { takenAway } from '../twin/recording/taken-away.ts';
import { project, setup } from './setup.mjs';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    mutate: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    customers: { type: 'string', default: '1000' },
    keep: { type: 'string' },
  },
});
setup({ twin: true });

const started = Date.now();
const options = {
  customers: Number(values.customers),
  ...(values.keep && { folder: path.resolve(values.keep) }),
  tell: (line: string) => console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`),
};
const {
  calls,
  templates,
  taken,
  faults: unshown,
} = values.mutate
  ? await takeEachAway(options, values.all ? [] : takenAway())
  : { ...(await recordPermissions(options)), taken: takenAway(), faults: [] };
const judged = judge(calls, templates);
const faults = [...unshown, ...faultsOf(judged, excuses, taken)];
const text = permissionsText(judged, excuses, taken);
const file = path.join(project, 'docs', 'permissions.md');
if (!values.check) {
  writeFileSync(file, text);
  const found = path.join(project, 'twin', 'recording', 'taken-away.json');
  if (values.mutate) writeFileSync(found, `${JSON.stringify(taken, null, 2)}\n`);
} else if (readFileSync(file, 'utf8') !== text)
  faults.push('docs/permissions.md is not current: run `npm run permissions`');
for (const fault of faults) console.error(fault);
const { size } = judged.needed;
console.log(
  `${calls.length} different calls, ${size} of ${judged.statements.length} statements needed, ${faults.length} faults`,
);
if (faults.length > 0) process.exitCode = 1;
