// Deploys everything onto an emulator of AWS on this machine and proves that it works there. No account, no credentials.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prove } from '../twin/proof/prove.ts';
import { setup } from './setup.mjs';

const { values } = parseArgs({
  options: { customers: { type: 'string', default: '1000' }, keep: { type: 'string' }, json: { type: 'boolean' } },
});
console.error(`Millrace twin: churn at ${values.customers} customers, deployed, run, answered, changed and destroyed`);
setup({ twin: true });
const say = (document: object) => console.log(JSON.stringify(document, undefined, 1));
try {
  const shown = await prove({
    customers: Number(values.customers),
    ...(values.keep && { folder: path.resolve(values.keep) }),
    tell: (line) => console.error(line),
  });
  if (values.json) say({ holds: true, shown });
  else console.log(`the twin holds: ${shown.length} sentences shown`);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  if (values.json) say({ holds: false, why });
  console.error(`\nthe twin does NOT hold\n${why}`);
  process.exitCode = 1;
}
