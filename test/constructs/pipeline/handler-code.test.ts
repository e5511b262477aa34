import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { handlerCode } from '../../../lib/constructs/pipeline/handler-code.ts';
import { projectFolder } from '../../../lib/local/root.ts';
import { entries } from '../../stacks/synthesised.ts';
import { plainStack, propertiesOf } from '../alone.ts';

test('each function gets its own handler, in a file that Node can load', async () => {
  const { stack } = plainStack();
  const words = path.join(projectFolder, 'lib', 'words.ts');
  for (const [name, entry] of Object.entries({ Echo: entries.trigger, Words: words, Again: entries.trigger })) {
    const code = handlerCode(entry, projectFolder);
    new LambdaFunction(stack, name, { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
  }
  const codes = propertiesOf(stack, 'AWS::Lambda::Function').map(({ Code }) => Code.S3Key.replace('.zip', ''));
  expect(new Set(codes).size).toBe(2);
  expect(codes[0]).toBe(codes[2]);
  const load = createRequire(import.meta.url);
  const [echo, text] = codes.map((code) => {
    const folder = path.join(Stage.of(stack)!.outdir, `asset.${code}`);
    expect(readdirSync(folder).sort()).toEqual(['index.js', 'index.js.map']);
    return load(path.join(folder, 'index.js'));
  });
  expect(await echo.handler({ a: 1 })).toEqual({ a: 1 });
  expect(text.counted(2, 'row')).toBe('2 rows');
});
