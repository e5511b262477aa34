// Synthesises each environment twice: against the clock, then with all of CDK's rules as errors. `npm run synth -- [--env NAME]... [--limit SECONDS]`
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from './environment.mjs';
import { ended, synthesised } from './synthesis.mjs';

const { values } = parseArgs({
  options: {
    env: { type: 'string', multiple: true, default: ['dev', 'staging', 'prod'] },
    limit: { type: 'string', default: '15' },
  },
});

await ended(async () => {
  const { MillraceError } = await load('lib/errors.ts');
  for (const name of values.env) {
    const plain = await synthesised(name, { validated: false }, ({ stacks, templates, seconds }) => ({
      seconds,
      sizes: stacks.map(({ stackName }, i) => {
        const { Resources } = JSON.parse(readFileSync(templates[i], 'utf8'));
        return { name: stackName, resources: Object.keys(Resources).length };
      }),
    }));
    if (plain.seconds >= Number(values.limit)) {
      const message = `the synthesis of ${name} took ${plain.seconds.toFixed(1)} s, less than ${values.limit} s are asked`;
      const hint = 'run it on a machine with nothing else to do, or allow more with `--limit 60`';
      throw new MillraceError([{ code: 'MR621', path: name, message, hint }]);
    }
    const seconds = await synthesised(name, { validated: true }, (found) => found.seconds);
    const resources = plain.sizes.reduce((sum, size) => sum + size.resources, 0);
    const parts = plain.sizes.map((size) => `${size.name} ${size.resources}`).join(', ');
    const times = `${plain.seconds.toFixed(1)} s; with CDK's rules ${seconds.toFixed(1)} s, none broken`;
    console.log(`${name.padEnd(8)} ${plain.sizes.length} stacks, ${resources} resources (${parts}), ${times}`);
  }
});
