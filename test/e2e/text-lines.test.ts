import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millrace, openLab, run } from './lab.ts';

let lab: Awaited<ReturnType<typeof openLab>>;
beforeAll(async () => {
  lab = await openLab();
  await mkdir(lab.at('logs'), { recursive: true });
  await mkdir(lab.at('data', 'access'), { recursive: true });
  await writeFile(
    lab.at('logs', 'pipeline.ts'),
    `import { affected, definePipeline } from 'millrace';
export default definePipeline({
  name: 'logs',
  sources: { access: { format: 'text', path: 'access/*.log', columns: ['line'] } },
  tables: {
    requests: {
      layer: 'silver',
      sql: 'requests.sql',
      reads: { access: { use: 'rows', scope: 'new', quarantine: { is_request: "line RLIKE '^[^ ]+ [A-Z]+ /'" } } },
      columns: { host: 'string', method: 'string' },
    },
  },
});
`,
  );
  await writeFile(
    lab.at('logs', 'requests.sql'),
    "SELECT _row, split(line, ' ')[0] AS host, split(line, ' ')[1] AS method FROM access",
  );
  await writeFile(
    lab.at('data', 'access', 'a.log'),
    Buffer.concat([
      Buffer.from('h1 GET /\r\n\nno request\nh2 POST /x'),
      Buffer.from([0xff]),
      Buffer.from('\nh3 GET /y'),
    ]),
  );
});
afterAll(() => lab.close());

test('lines of a log are rows that SQL parses, and each is accounted for', async () => {
  const { document, err } = await run(lab.at('logs'), '--data', lab.at('data'), '--root', lab.at('root'));
  expect([document.status, document.issues], err).toEqual(['succeeded', []]);
  const [access, requests] = document.tasks;
  expect(access).toMatchObject({ read: 5, written: 4, quarantined: { encoding: 1 } });
  expect(requests).toMatchObject({ read: 4, written: 2, quarantined: { is_request: 2 } });
});

test('discover proposes it for a folder of logs', async () => {
  const { out, err } = await millrace('discover', path.join(lab.at('data'), 'access'), '--root', lab.at('root'));
  expect(out).toBe("access: {\n  format: 'text',\n  path: 'access/*.log',\n  columns: ['line'],\n},\n");
  expect(err).toContain('some bytes are not UTF-8');
});

test.each([
  ["columns: ['line', 'more']", /MR10\d.*columns/],
  ["columns: ['line'], headers: { line: 'Line' }", /MR10\d.*headers/],
])('a text with %s is refused', async (columns, message) => {
  const folder = lab.at(`${columns.length}`, 'logs');
  await mkdir(folder, { recursive: true });
  const source = `{ format: 'text', path: 'access/*.log', ${columns} }`;
  await writeFile(
    path.join(folder, 'pipeline.ts'),
    `export default { name: 'logs', sources: { access: ${source} }, tables: {} };\n`,
  );
  const { code, err } = await millrace('check', folder, '--root', lab.at('root'));
  expect(code).toBe(1);
  expect(err.replaceAll('\n', ' ')).toMatch(message);
});
