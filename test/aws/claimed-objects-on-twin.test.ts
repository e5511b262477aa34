import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { layout } from '../../lib/lake/layout.ts';
import { type EngineEvent, runEngine } from '../../lib/local/engine.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type IngestTask, type Plan, planSchema } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';

/** The engine reads inputs in S3 itself, on Spark in its Python workers. They must be the objects that the claim listed. */

const engines = (['sail', 'spark'] as const).filter(
  (engine) => engine === 'sail' || existsSync(path.join(projectFolder, '.venv-spark')),
);
const python = path.join(projectFolder, '.venv', 'bin', 'python');
const planFile = path.join(projectFolder, 'contracts', 'golden', 'small.plan.json');

describe.skipIf(!isTwinInstalled())('objects that a run claimed', () => {
  let twin: Twin;
  let between: Server;
  let scratch: string;
  let plan: Plan;
  /** What happens before the second piece of an object is read. */
  let beforeSecondPiece: (() => Promise<unknown>) | undefined;
  const before = { ...process.env };
  const client = () => new S3Client({ forcePathStyle: true, endpoint: twin.endpoint });
  const put = (key: string, body: string | Uint8Array) =>
    client().send(new PutObjectCommand({ Bucket: 'raw', Key: key, Body: body }));

  beforeAll(async () => {
    twin = await startTwin();
    Object.assign(process.env, twin.environment);
    between = await passingOn(twin.endpoint, () => {
      const action = beforeSecondPiece;
      beforeSecondPiece = undefined;
      return action?.();
    });
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    await client().send(new CreateBucketCommand({ Bucket: 'raw' }));
    plan = planSchema.parse(JSON.parse(await readFile(planFile, 'utf8')));
  });
  afterAll(async () => {
    between?.close();
    await twin?.[Symbol.asyncDispose]();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
    beforeSecondPiece = undefined;
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  /** The work order of a first run that reads these sources as they are now. */
  async function claimed(...sources: string[]): Promise<string> {
    const { bookmarkPorts } = await import('../../lib/aws/bookmark-ports.ts');
    const names = { BOOKMARKS_TABLE: 'none', REGISTRY_TABLE: 'none', LAKE_BUCKET: 'none' };
    const tasks = plan.tasks.filter((task): task is IngestTask => sources.includes(task.name));
    const { files } = await bookmarkPorts({ PIPELINE: 'small', ...names }).inputs({ ...plan, tasks }, 's3://raw');
    const items = sources.map((task) => ({
      task,
      ...{ mode: 'full', why: 'never built', fingerprint: 'f', parts: {}, since: {} },
      files: files[task]!.map(({ path, uri, etag, size }) => ({ path, uri, etag, size, replace: false })),
    }));
    const at = { run: 'r1', pipeline: 'small', sequence: 1, startedAt: '2025-02-01T00:00:00.000Z' };
    const order = path.join(scratch, 'work.json');
    const rest = { parameters: { as_of: '2025-01-01' }, items, skipped: [] };
    await writeFile(order, JSON.stringify({ format: 'millrace-work', version: 1, ...at, ...rest }));
    return order;
  }

  async function read(engine: (typeof engines)[number], work: string) {
    const events: EngineEvent[] = [];
    const root = path.join(scratch, 'root');
    const args = ['--plan', planFile, '--work', work, '--stage', 'build', '--run', 'r1', '--root', root];
    const log = path.join(scratch, 'engine.log');
    const { code } = await runEngine(engine, [...args, '--engine', engine], log, (event) => {
      events.push(event);
    });
    return {
      code,
      rows: events.flatMap((event) => (event.event === 'task.done' ? [[event.task, event.written] as const] : [])),
      issues: events.flatMap((event) => (event.event === 'task.failed' ? event.issues : [])),
      isCommitted: (table: string) => existsSync(path.join(root, layout.table('small', 'bronze', table))),
    };
  }

  /** A Parquet file whose size does not depend on the town's letter. */
  function towns(letter: string): Uint8Array {
    const script = `import sys, pyarrow as pa, pyarrow.parquet as pq\npq.write_table(pa.table({'town': ['${letter}'], 'size': [7]}), sys.argv[1])`;
    const file = path.join(scratch, 'towns.parquet');
    const { status, stderr } = spawnSync(python, ['-c', script, file]);
    if (status !== 0) throw new Error(String(stderr));
    return new Uint8Array(readFileSync(file));
  }

  const people = (town: string) => `id,town,born\na,${town},1990-01-01\n`;
  const visit = '{"id":"a","at":"2024-12-01T00:00:00Z","minutes":5}\n';

  describe.each(engines)('are read by %s', (engine) => {
    test('as they were', async () => {
      await put('people/1.csv', people('X'));
      await put('visits/1.json', visit);
      await put('towns/1.parquet', towns('X'));
      const found = await read(engine, await claimed('people', 'visits', 'towns'));
      const rows = Object.fromEntries(found.rows);
      expect([found.code, rows]).toEqual([0, { people: 1, towns: 1, visits: 1 }]);
    });

    // Each run on Spark starts a JVM, and the reader is the same: the rest runs on Sail alone.
    test.each(
      [
        ['people', 'people/1.csv', () => people('X'), () => people('Y')] as const,
        ['towns', 'towns/1.parquet', () => towns('X'), () => towns('Y')] as const,
      ].filter(([source]) => engine === 'sail' || source === 'people'),
    )('or not at all if another object of the same size has the key: %s', async (source, key, first, second) => {
      await put(key, first());
      const work = await claimed(source);
      await put(key, second());
      const found = await read(engine, work);
      const message = expect.stringContaining('its ETag was') as string;
      expect(found.issues).toMatchObject([{ code: 'MR208', path: key, message }]);
      expect([found.code, found.isCommitted(source)]).toEqual([1, false]);
    });

    test('or not at all if the object is replaced between two of its pieces', async () => {
      const large = (town: string) => `id,town,born\n${`a,${town},1990-01-01\n`.repeat(600_000)}`;
      await put('people/1.csv', large('X'));
      const work = await claimed('people');
      beforeSecondPiece = () => put('people/1.csv', large('Y'));
      const found = await read(engine, work);
      expect(found.issues).toMatchObject([{ code: 'MR208', path: 'people/1.csv' }]);
      expect([found.code, found.isCommitted('people')]).toEqual([1, false]);
    });

    test.runIf(engine === 'sail')('or not at all if the object is gone', async () => {
      await put('people/1.csv', people('X'));
      const work = await claimed('people');
      await client().send(new DeleteObjectCommand({ Bucket: 'raw', Key: 'people/1.csv' }));
      const found = await read(engine, work);
      expect(found.issues).toMatchObject([{ code: 'MR206', path: 'people/1.csv' }]);
      expect([found.code, found.isCommitted('people')]).toEqual([1, false]);
    });
  });
});

/** A server that passes every request on to an endpoint, those for a later piece of an object after an action. */
async function passingOn(endpoint: string, before: () => Promise<unknown> | undefined): Promise<Server> {
  const server = createServer((asked, answer) => {
    const { method = 'GET', url = '/', headers } = asked;
    const later = method === 'GET' && /^bytes=[1-9]/.test(headers.range ?? '');
    const pass = () => {
      const onward = request(`${endpoint}${url}`, { method, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    };
    void Promise.resolve(later ? before() : undefined).then(pass);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
