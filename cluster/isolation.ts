import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pinnedPackages } from '../lib/constructs/locked-versions.ts';
import { projectFolder } from '../lib/local/root.ts';
import { workers } from './spark-cluster.ts';

const run = promisify(execFile);

/** What one executor sees. */
interface Executor {
  worker: string;
  files: string[];
  python: string;
  packages: Record<string, string>;
}

/** Throws unless each worker's executor sees no file of the driver, and has exactly Glue's packages. `platform`: the rig's folder. */
export async function isolation(platform: string): Promise<[seen: string, executors: Executor[]]> {
  const own = await mkdtemp(path.join(tmpdir(), 'millrace-of-the-driver-'));
  const file = path.join(own, 'rows.parquet');
  await writeFile(file, 'rows');
  const paths = [file, path.join(projectFolder, 'glue-scripts', 'main.py'), path.join(platform, 'platform.json')];
  const { spark, environment } = JSON.parse(await readFile(path.join(platform, 'platform.json'), 'utf8'));
  const script = path.join(projectFolder, 'cluster', 'isolation.py');
  const { stdout } = await run(path.join(spark, 'bin', 'spark-submit'), [script, ...paths], {
    env: { ...process.env, ...environment },
    timeout: 1_800_000,
  });
  await rm(own, { recursive: true });
  const line = stdout.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`the program printed no result: ${stdout.slice(-500)}`);
  const { executors } = JSON.parse(line) as { executors: Executor[] };
  const faults = executors.flatMap(({ worker, files, packages }) => [
    ...files.map((each) => `${worker} sees ${each}`),
    ...differences(packages).map((each) => `${worker} has ${each}`),
  ]);
  if (executors.length !== workers) faults.push(`${executors.length} of ${workers} workers answered`);
  if (faults.length > 0) throw new Error(faults.slice(0, 6).join('; '));
  return [
    `${executors.length} executors, Python ${executors[0]!.python}, ${provided().size} packages as on Glue`,
    executors,
  ];
}

/** The packages that Glue provides. */
const provided = () => pinnedPackages(path.join(projectFolder, 'glue-scripts', 'requirements-glue-5.1.txt'));

function differences(found: Record<string, string>): string[] {
  const [wanted, there] = [provided(), new Map(Object.entries(found).map(([name, version]) => [plain(name), version]))];
  const wrong = [...wanted].filter(([name, version]) => there.get(plain(name)) !== version);
  const names = new Set([...wanted.keys()].map(plain));
  const more = [...there].filter(([name]) => !names.has(name));
  return [
    ...wrong.map(([name, version]) => `${name} ${there.get(plain(name)) ?? 'absent'} instead of ${version}`),
    ...more.map(([name, version]) => `${name} ${version}, which Glue lacks`),
  ];
}

const plain = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');
