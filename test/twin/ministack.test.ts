import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MillraceError } from '../../lib/errors.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { call } from './readings.ts';

const installed = isTwinInstalled();
const title = 'a twin';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';

/** Whether something listens on the port. */
const listens = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    socket.once('connect', () => resolve(true));
    for (const no of ['error', 'timeout']) socket.once(no, () => resolve(false));
    socket.once('close', () => socket.destroy());
  });

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'millrace-twin-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const tables = async (twin: Twin) => (await call(twin, 'DynamoDB_20120810.ListTables', {}))['TableNames'];

  test('answers only on 127.0.0.1, is emptied by a reset, and ends when disposed', async () => {
    const twin = await startTwin({ patience: 5000 });
    const port = Number(new URL(twin.endpoint).port);
    try {
      await call(twin, 'DynamoDB_20120810.CreateTable', {
        TableName: 'bookmarks',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
      expect(await tables(twin)).toEqual(['bookmarks']);
      await twin.reset();
      expect(await tables(twin)).toEqual([]);
      const others = Object.values(networkInterfaces()).flatMap((list) => list!.filter(({ internal }) => !internal));
      for (const { address, family } of others) {
        if (family === 'IPv4') expect(await listens(address, port)).toBe(false);
      }
    } finally {
      await twin[Symbol.asyncDispose]();
    }
    expect(await listens('127.0.0.1', port)).toBe(false);
    await expect(access(twin.logFile)).rejects.toThrow();
    await expect(twin.reset()).rejects.toMatchObject({ issues: [{ code: 'MR653' }] });
  });

  test('two twins share no state', async () => {
    const [one, other] = await Promise.all([startTwin({ patience: 1000 }), startTwin({ patience: 1000 })]);
    try {
      await call(one, 'AWSStepFunctions.CreateActivity', { name: 'here' });
      const { activities } = await call(other, 'AWSStepFunctions.ListActivities', {});
      expect(activities).toEqual([]);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  test('that does not start is reported with its last output', async () => {
    const broken = startTwin({ folder, settings: { PYTHONHOME: folder } });
    await expect(broken).rejects.toBeInstanceOf(MillraceError);
    await expect(broken).rejects.toMatchObject({ exitCode: 5, issues: [{ code: 'MR651' }] });
    const message = await broken.catch((failure: MillraceError) => failure.issues[0]!.message);
    const log = await readFile(path.join(folder, 'ministack.log'), 'utf8');
    expect(message).toContain(log.trimEnd().split('\n').at(-1));
  });

  test('that does not start in time is stopped', async () => {
    const late = startTwin({ folder, startTimeout: 1, patience: 0 });
    await expect(late).rejects.toMatchObject({
      issues: [{ code: 'MR651', message: expect.stringContaining('0.001 s') }],
    });
  });
});

test.skipIf(installed)('without its Python environment a twin is refused, with a hint', async () => {
  await expect(startTwin()).rejects.toMatchObject({ exitCode: 5, issues: [{ code: 'MR650' }] });
});
