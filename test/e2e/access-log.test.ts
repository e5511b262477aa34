import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millrace, openLab, run } from './lab.ts';

let lab: Awaited<ReturnType<typeof openLab>>;
beforeAll(async () => {
  lab = await openLab();
  await mkdir(lab.at('weblogs'), { recursive: true });
  await mkdir(lab.at('data', 'access'), { recursive: true });
  await writeFile(
    lab.at('weblogs', 'pipeline.ts'),
    `import { affected, definePipeline } from 'millrace';
export default definePipeline({
  name: 'weblogs',
  sources: {
    access: {
      format: 'access-log',
      path: 'access/*.log',
      columns: [
        'host', 'ident', 'user', 'time', 'request', 'method', 'target', 'protocol', 'status', 'bytes', 'referer', 'agent',
      ],
    },
  },
  tables: {
    requests: {
      layer: 'silver',
      sql: 'requests.sql',
      reads: { access: { use: 'rows', scope: 'new', quarantine: { is_request: 'method IS NOT NULL' } } },
      columns: { host: 'string', day: 'date', status: 'int', bytes: 'bigint' },
    },
    hosts: {
      layer: 'gold',
      sql: 'hosts.sql',
      reads: { requests: { use: 'aggregate', scope: affected('host') } },
      columns: { host: 'string', requests: 'bigint', bytes: 'bigint' },
      key: ['host'],
    },
  },
});
`,
  );
  await writeFile(
    lab.at('weblogs', 'requests.sql'),
    'SELECT _row, host, CAST(time AS DATE) AS day, status, coalesce(bytes, 0) AS bytes FROM access',
  );
  await writeFile(
    lab.at('weblogs', 'hosts.sql'),
    'SELECT host, count(*) AS requests, sum(bytes) AS bytes, count(*) AS _rows_requests FROM requests GROUP BY host',
  );
  await log('a.log', [
    line('h1', '17/May/2015:10:05:03 +0000', '"GET /a HTTP/1.1" 200 203'),
    line('h2', '17/May/2015:23:05:03 -0200', '"GET /b?c=d HTTP/1.1" 304 -'),
    'h1 - - [17/May/2015:10:05:43 +0000] "GET /c HTTP/1.1" 200 5 "-" "cut off',
    line('h1', '31/Feb/2015:10:05:03 +0000', '"GET /a HTTP/1.1" 200 1'),
    line('h3', '17/May/2015:10:05:03 +0000', '"-" 408 0'),
  ]);
});
afterAll(() => lab.close());

const line = (host: string, time: string, request: string) => `${host} - - [${time}] ${request} "-" "Mozilla/5.0"`;
const log = (name: string, lines: string[]) => writeFile(lab.at('data', 'access', name), `${lines.join('\n')}\n`);
const given = () => [lab.at('weblogs'), '--data', lab.at('data'), '--root', lab.at('root')];

test('requests are rows with types, and lines of another form are quarantined with their reasons', async () => {
  const { document, err } = await run(...given());
  expect([document.status, document.issues], err).toEqual(['succeeded', []]);
  expect(document.tasks).toMatchObject([
    { task: 'access', read: 5, written: 3, quarantined: { 'access-log:line': 1, 'access-log:time': 1 } },
    { task: 'requests', read: 3, written: 2, quarantined: { is_request: 1 } },
    { task: 'hosts', read: 2, aggregated: { hosts: 2 } },
  ]);
  const { out } = await millrace('show', lab.at('weblogs'), 'quarantine.access', '--root', lab.at('root'), '--json');
  expect(out).toContain('not a line of the combined log format');
  expect(out).toContain('31/Feb/2015');
  const rows = await millrace('show', lab.at('weblogs'), 'silver.requests', '--root', lab.at('root'), '--json');
  // 23:05 at two hours behind UTC is the next day in UTC.
  expect(rows.out).toContain('2015-05-18');
});

test('a new file changes the rows of its hosts only', async () => {
  await log('b.log', [line('h2', '18/May/2015:10:05:03 +0000', '"POST /x HTTP/1.1" 500 7')]);
  const { document } = await run(...given());
  expect(document.tasks).toMatchObject([
    { task: 'access', mode: 'incremental', read: 1, written: 1 },
    { task: 'requests', mode: 'incremental', read: 1 },
    { task: 'hosts', mode: 'incremental', read: 2, aggregated: { hosts: 2 } },
  ]);
});

test('discover proposes an access log if nearly all lines are requests, else text', async () => {
  const { out } = await millrace('discover', lab.at('data', 'access'), '--root', lab.at('root'));
  expect(out).toContain("format: 'text'");
  await log('a.log', Array<string>(20).fill(line('h1', '17/May/2015:10:05:03 +0000', '"GET /a HTTP/1.1" 200 203')));
  const found = await millrace('discover', lab.at('data', 'access'), '--root', lab.at('root'));
  expect(found.out).toMatch(
    /access: \{\n {2}format: 'access-log',\n {2}path: 'access\/\*\.log',\n {2}columns: \['host', /,
  );
});
