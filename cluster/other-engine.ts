import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetJobCommand, GlueClient } from '@aws-sdk/client-glue';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { pythonOf } from '../lib/local/python.ts';

const run = promisify(execFile);

/** Replaces the deployed engine of a job by that of a folder, such as the `glue-scripts` of an older commit. `scratch`: a new folder. */
export async function replaceEngine(job: string, folder: string, scratch: string): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const zip = path.join(scratch, 'engine.zip');
  await run(await pythonOf('sail'), ['-m', 'zipfile', '-c', zip, 'engine'], { cwd: folder });
  const { Job } = await new GlueClient({}).send(new GetJobCommand({ JobName: job }));
  const places = [
    [Job!.DefaultArguments!['--extra-py-files']!, zip],
    [Job!.Command!.ScriptLocation!, path.join(folder, 'main.py')],
  ] as const;
  const s3 = new S3Client({ forcePathStyle: true });
  for (const [place, file] of places) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(place)!;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(file) }));
  }
}
