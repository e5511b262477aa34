// A burst of object events through the trigger, against an execution an event: `npm run bench -- trigger-burst [--events N] [--json]`.
import path from 'node:path';
import { loader } from '../bin/loader.mjs';
import { project, setup } from './setup.mjs';

const number = (n) => n.toLocaleString('en-US');

/** Runs it and prints it. Without a word on times, and with status 1, where the answers differ. */
export async function triggerBurst({ events, 'run-seconds': runSeconds, json }) {
  setup({ twin: true });
  const file = path.join(project, 'bench', 'trigger-burst.ts');
  const { triggerBurst: measured } = await (await loader()).import(file);
  const tell = (line) => console.error(line);
  const { burst, ways } = await measured({ events: Number(events), runSeconds: Number(runSeconds), tell });
  const asked = new Set(burst.events.map(({ id }) => id));
  const differing = ways.filter(
    ({ answered }) => answered.size !== asked.size || [...asked].some((id) => !answered.has(id)),
  );
  const told = ways.map(({ answered, ...way }) => ({
    ...way,
    answered: answered.size,
    eventsPerSecond: events / way.seconds,
  }));
  if (json)
    console.log(JSON.stringify({ equal: differing.length === 0, repeated: burst.repeated, ways: told }, undefined, 1));
  if (differing.length > 0) {
    const counts = told.map(({ name, answered }) => `${name}: ${answered}`).join(', ');
    console.error(`ANSWERS DIFFER: of ${asked.size} events ${counts}`);
    process.exitCode = 1;
    return;
  }
  if (json) return;
  console.log(
    `${number(burst.events.length)} object events in an order of chance, ${burst.repeated} of them delivered twice; all ${number(asked.size)} answered, by all three`,
  );
  const rows = [
    ['', 'runs', 'seconds', 'events/s', 'invocations'],
    ...told.map((way) => [
      way.name,
      number(way.runs),
      way.seconds.toFixed(1),
      number(Math.round(way.eventsPerSecond)),
      way.invocations === undefined ? '' : number(way.invocations),
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    );
  const [deployed, here, naive] = told;
  const ratio = (a, b) => (a / b).toFixed(a / b < 10 ? 2 : 0);
  console.log(
    `naive / millrace: runs ${ratio(naive.runs, deployed.runs)}, seconds ${ratio(naive.seconds, here.seconds)} in this process, ${ratio(naive.seconds, deployed.seconds)} against the deployed one`,
  );
}
