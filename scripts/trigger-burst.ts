// A burst of object events through the trigger, against an execution an event: `npm run bench -- trigger-burst [--events N] [--json]`.
import { parseArgs } from 'node:util';
import { triggerBurst as measured } from '../bench/trigger-burst.ts';
import { setup } from './setup.mjs';

const number = (n: number) => n.toLocaleString('en-US');

/** Runs it and prints it. Without a word on times, and with status 1, where the answers differ. */
export async function triggerBurst(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '10000' },
      'run-seconds': { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  setup({ twin: true });
  const tell = (line: string) => console.error(line);
  const runSeconds = Number(values['run-seconds']);
  const { burst, ways } = await measured({ events: Number(values.events), runSeconds, tell });
  const sent = new Set(burst.events.map(({ id }) => id));
  const differing = ways.filter(
    ({ answered }) => answered.size !== sent.size || [...sent].some((id) => !answered.has(id)),
  );
  const results = ways.map(({ answered, ...way }) => ({
    ...way,
    answered: answered.size,
    eventsPerSecond: burst.events.length / way.seconds,
  }));
  if (values.json)
    console.log(
      JSON.stringify({ equal: differing.length === 0, repeated: burst.repeated, ways: results }, undefined, 1),
    );
  if (differing.length > 0) {
    const counts = results.map(({ name, answered }) => `${name}: ${answered}`).join(', ');
    console.error(`ANSWERS DIFFER: of ${sent.size} events ${counts}`);
    process.exitCode = 1;
    return;
  }
  if (values.json) return;
  console.log(
    `${number(burst.events.length)} object events in an order of chance, ${burst.repeated} of them delivered twice; all ${number(sent.size)} answered, by all three`,
  );
  const titles = ['', 'runs', 'seconds', 'events/s', 'invocations'];
  const rows = [
    titles,
    ...results.map((way) => [
      way.name,
      number(way.runs),
      way.seconds.toFixed(1),
      number(Math.round(way.eventsPerSecond)),
      way.invocations === undefined ? '' : number(way.invocations),
    ]),
  ];
  const widths = titles.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
  const [deployed, here, naive] = results;
  if (deployed === undefined || here === undefined || naive === undefined) throw new Error('a way was not measured');
  const ratio = (a: number, b: number) => (a / b).toFixed(a / b < 10 ? 2 : 0);
  console.log(
    `naive / millrace: runs ${ratio(naive.runs, deployed.runs)}, seconds ${ratio(naive.seconds, here.seconds)} in this process, ${ratio(naive.seconds, deployed.seconds)} against the deployed one`,
  );
}
