// Deploys everything onto an emulator of AWS on this machine and proves that it works there. No account, no credentials.
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { customers: { type: 'string', default: '1000' }, keep: { type: 'string' }, json: { type: 'boolean' } },
});
console.error(`Millrace twin: churn at ${values.customers} customers, deployed, run, answered, changed and destroyed`);
const { project, setup } = await import('./setup.mjs');
setup({ twin: true });
const { loader } = await import('../bin/loader.mjs');
const { prove } = await (await loader()).import(path.join(project, 'twin', 'proof', 'prove.ts'));
try {
  const shown = await prove({
    customers: Number(values.customers),
    ...(values.keep && { folder: path.resolve(values.keep) }),
    tell: (line) => console.error(line),
  });
  if (values.json) console.log(JSON.stringify({ holds: true, shown }, undefined, 1));
  else console.log(`the twin holds: ${shown.length} sentences shown`);
} catch (error) {
  if (values.json) console.log(JSON.stringify({ holds: false, why: error.message }, undefined, 1));
  console.error(`\nthe twin does NOT hold\n${error.message}`);
  process.exitCode = 1;
}
