import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmrEngine } from '../../lib/constructs/emr/emr-engine.ts';
import { cdk } from '../../lib/deploy/cdk.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { Account } from '../../twin/proof/account.ts';

const [account, region] = ['000000000000', 'us-east-1'];
const bucket = `cdk-hnb659fds-assets-${account}-${region}`;

/** The real CDK CLI uploads the engine's packages, which nothing made before. */
describe.skipIf(!isTwinInstalled())("the engine's packages for EMR", () => {
  let twin: Twin;
  let scratch: string;
  const before = { ...process.env };

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-upload-'));
    twin = await startTwin({ folder: path.join(scratch, 'twin') });
    Object.assign(process.env, twin.environment, { CDK_VALIDATION: 'false' });
    await run('bootstrap', `aws://${account}/${region}`);
  });
  afterAll(async () => {
    await twin?.stop();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const run = (...args: string[]) =>
    cdk(args, { projectFolder, env: 'twin', output: path.join(scratch, 'out'), quiet: true });

  /** Deploys a stack whose packages this script makes. */
  async function deployed(name: string, hash: string, script: string) {
    const pack = path.join(scratch, 'pack.mjs');
    await writeFile(pack, script);
    const app = new App({ outdir: path.join(scratch, name) });
    const stack = new Stack(app, 'Engine', { env: { account, region } });
    const engineFolder = path.join(projectFolder, 'glue-scripts');
    const engine = new EmrEngine(stack, 'Engine', { engineFolder, packages: { hash, command: ['node', pack] } });
    new CfnOutput(stack, 'Packages', { value: `${engine.packages} ${name}` });
    await run('deploy', '--app', app.synth().directory, '--all', '--require-approval', 'never');
  }

  const calls = () => readFile(path.join(scratch, 'calls'), 'utf8');
  const makes = (text: string) => `
    import { appendFileSync, writeFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(path.join(scratch, 'calls'))}, 'called ');
    writeFileSync(${JSON.stringify(path.join(scratch, 'packed.zip'))}, ${JSON.stringify(text)});
    console.log(${JSON.stringify(path.join(scratch, 'packed.zip'))});`;

  test('are made when they are uploaded, once for each hash', async () => {
    const hash = 'a'.repeat(64);
    // CDK takes a file of at most 22 bytes for an empty archive, and makes it again.
    const numpy = 'numpy '.repeat(10);
    await deployed('first', hash, makes(numpy));
    expect(await new Account().text(bucket, `${hash}.zip`)).toBe(numpy);
    await deployed('second', hash, makes('not made'));
    expect(await calls()).toBe('called ');
    await deployed('third', 'b'.repeat(64), makes('pandas'));
    expect(await new Account().text(bucket, `${'b'.repeat(64)}.zip`)).toBe('pandas');
  });

  test('stop the deployment if they cannot be made, and the reason is shown', async () => {
    const failing = "console.error('MR732  no connection'); process.exitCode = 5;";
    await expect(deployed('failing', 'c'.repeat(64), failing)).rejects.toThrow('MR732  no connection');
  });
});
