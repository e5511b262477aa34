import { describe, expect, test } from 'vitest';
import { readTable } from '../../lib/local/table-reader.ts';
import { complains, standInPython } from './stand-in-python.ts';

const python = standInPython();
const read = (input?: string) => readTable('lookup.py', ['--key', 'id'], '/lake/t', 'look at it', input);

describe('a script that reads tables', () => {
  test('gets arguments and input, and its output is the answer', async () => {
    await python.says('script=$1; shift', 'echo "$(basename "$script") $* $(cat)"');
    expect(await read('{"a":1}')).toBe('lookup.py --key id {"a":1}\n');
    expect(await read()).toBe('lookup.py --key id \n');
  });

  test('that does not read its input still reports why it ended', async () => {
    await python.says(complains('{"code":"MR342","path":"/lake/t","message":"damaged"}'), 'exit 1');
    await expect(read('x'.repeat(1_000_000))).rejects.toMatchObject({ issues: [{ code: 'MR342', path: '/lake/t' }] });
  });

  test('that fails without an issue gives MR139, its last line and a hint', async () => {
    await python.says(complains('Traceback'), complains('ValueError: no such thing'), 'exit 1');
    await expect(read()).rejects.toMatchObject({
      issues: [
        {
          code: 'MR139',
          path: '/lake/t',
          message: 'the table cannot be read: ValueError: no such thing',
          hint: 'look at it',
        },
      ],
    });
  });

  test('with a missing package names it', async () => {
    await python.says(complains("ModuleNotFoundError: No module named 'deltalake'"), 'exit 1');
    await expect(read()).rejects.toMatchObject({ exitCode: 5, issues: [{ code: 'MR505' }] });
  });
});
