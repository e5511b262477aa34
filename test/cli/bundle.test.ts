import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled } from '../../bin/bundle.mjs';
import { withSourcePlaces } from '../../lib/cli/source-places.ts';
import { projectFolder } from '../../lib/local/root.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(scratch, ...names);

async function write(name: string, text: string): Promise<string> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), text);
  return at(name);
}

/** A file that was changed just now is not cached, because it may still change. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

async function imported(folder: string | undefined, name: string) {
  expect(folder).toBeDefined();
  return (await import(pathToFileURL(path.join(folder!, `${name}.mjs`)).href)) as Record<string, unknown>;
}

describe('a bundle', () => {
  test('is made once, and again if any of its sources changes', async () => {
    const entry = await write('once/entry.ts', "import { b } from './b.ts';\nexport const a: number = b + 1;\n");
    await write('once/b.ts', 'export const b = 1;\n');
    await settled();
    const first = await bundled({ entry });
    expect(await imported(first, 'entry')).toMatchObject({ a: 2 });
    expect(await bundled({ entry })).toBe(first);
    await write('once/b.ts', 'export const b = 5;\n');
    await settled();
    const second = await bundled({ entry });
    expect(second).not.toBe(first);
    expect(await imported(second, 'entry')).toMatchObject({ a: 6 });
    // A process that started with the first may still load a part of it.
    expect(await readdir(first!)).toContain('entry.mjs');
    await rm(second!, { recursive: true });
    expect(await imported(await bundled({ entry }), 'entry')).toMatchObject({ a: 6 });
  });

  test('is not kept if a source changed while it was made', async () => {
    const entry = await write('changing/entry.ts', 'export const a = 1;\n');
    await writeFile(entry, 'export const a = 2;\n');
    const first = await bundled({ entry });
    await settled();
    expect(await bundled({ entry })).not.toBe(first);
  });

  test('shares the modules of another, finds packages beside its sources, and knows where these are', async () => {
    const shared = await bundled({ shared: await write('shared.ts', 'export const shared = {};\n') });
    await write('user/node_modules/near/package.json', '{ "name": "near", "type": "module", "exports": "./near.js" }');
    await write('user/node_modules/near/near.js', "export const near = 'beside it';\n");
    const entry = await write(
      'user/entry.ts',
      "export { shared } from 'other';\nexport { near } from 'near';\nexport const { url } = import.meta;\n",
    );
    const found = await imported(await bundled({ entry }, { other: path.join(shared!, 'shared.mjs') }), 'entry');
    expect(found['shared']).toBe((await imported(shared, 'shared'))['shared']);
    expect([found['near'], found['url']]).toEqual(['beside it', pathToFileURL(entry).href]);
  });

  test('with a fault in a source is none', async () => {
    expect(await bundled({ entry: await write('fault.ts', 'export const = 1;\n') })).toBeUndefined();
  });

  test('has stack traces with the places of its sources', async () => {
    const text = 'interface Any {}\n\nexport function fails(any: Any) {\n  throw new Error(String(any));\n}\n';
    const entry = await write('trace/entry.ts', text);
    const { fails } = await imported(await bundled({ entry }), 'entry');
    const stack = await Promise.resolve(1)
      .then(fails as () => void)
      .catch((error: Error) => error.stack!);
    expect(await withSourcePlaces(stack!)).toContain(`${entry}:4:9`);
  });
});

describe('the CLI', () => {
  const millrace = (...args: string[]) =>
    spawnSync(process.execPath, [at('clone', 'bin', 'millrace.mjs'), ...args], { cwd: at('clone'), encoding: 'utf8' });

  beforeAll(async () => {
    for (const name of ['bin', 'lib', 'lambdas', 'pipelines', 'environments.ts', 'package.json']) {
      await cp(path.join(projectFolder, name), at('clone', name), { recursive: true });
    }
    for (const name of ['glue-scripts', '.venv']) await symlink(path.join(projectFolder, name), at('clone', name));
    const packages = path.join(projectFolder, 'node_modules');
    await mkdir(at('clone', 'node_modules'));
    for (const name of await readdir(packages)) {
      if (name.startsWith('.') || ['aws-cdk-lib', 'constructs'].includes(name)) continue;
      await symlink(path.join(packages, name), at('clone', 'node_modules', name));
    }
  });

  test('loads CDK only to synthesise, and nothing file by file', async () => {
    for (const verb of ['status', 'models', 'logs', 'doctor']) {
      const { stderr } = millrace(verb, ...(verb === 'models' ? ['list'] : []), 'churn', '--root', at('root'));
      expect(stderr).not.toMatch(/MR507|MR533|MR539/);
    }
    const data = ['--data', at('data'), '--root', at('root')];
    expect(millrace('generate', 'churn', '--customers', '20', '--out', at('data')).status).toBe(0);
    const { status, stdout } = millrace('plan', 'churn', ...data);
    expect([status, stdout]).toEqual([0, expect.stringContaining('never built')]);
    expect(await readdir(at('clone', 'node_modules', '.cache'))).toEqual(['millrace']);
    expect(millrace('synth', '--env', 'dev').stderr).toContain('aws-cdk-lib');
  });

  test('reports a fault in `environments.ts`, and runs again when it is mended', async () => {
    const file = at('clone', 'environments.ts');
    const text = await readFile(file, 'utf8');
    for (const [broken, why] of [
      [`${text}\nexport const = 1;\n`, /MR533 {2}a file of the project cannot be loaded: .*\n {2}at /],
      [
        `${text}\nthrow new Error('out of order');\n`,
        /MR533 {2}a file of the project cannot be loaded: out of order\n/,
      ],
    ] as const) {
      await writeFile(file, broken);
      const { status, stderr } = millrace('status', 'churn', '--root', at('root'));
      expect([status, stderr]).toEqual([5, expect.stringMatching(why)]);
    }
    await writeFile(file, text);
    expect(millrace('status', 'churn', '--root', at('root')).status).toBe(0);
  });
});
