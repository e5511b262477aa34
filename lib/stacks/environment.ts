import { type Issue, MillraceError } from '../errors.ts';
import { suggestion } from '../plan/suggest.ts';

/** Where and how large Millrace is deployed. Everything that may differ between two deployments is here, and nothing else is. */
export interface Environment {
  name: string;
  /** Leads every physical name, so that two environments in one account share none. Lower-case letters, digits, `-`. */
  prefix: string;
  /** 12 digits. Without one, the account of whoever deploys. */
  account?: string;
  region: string;
  /** Folder names below `pipelines/`. */
  pipelines: readonly string[];
  /** `retain`: what holds data outlives its stack, and the data stack can't be deleted. `destroy`: empty buckets go with it. */
  removal: 'retain' | 'destroy';
  retentionDays: {
    /** One of the periods that CloudWatch Logs has. */
    logs: number;
    /** Of overwritten and deleted objects; what a rollback of the lake can reach back to. */
    oldVersions: number;
    /** Of raw input files, after which they are deleted; kept for good unless told. */
    raw?: number;
    accessLogs: number;
  };
  workers: { type: 'G.1X' | 'G.2X' | 'G.4X' | 'G.8X' /** Auto-scaling stays below it. */; max: number };
  /** `flex` runs on spare capacity: about a third cheaper, may start late. */
  compute: 'standard' | 'flex';
  /** A month, USD. */
  budgetUsd: number;
  /** Who is told of alarms. Each address has to confirm the subscription. */
  alarmAddresses: readonly string[];
  /** `cron(...)` or `rate(...)` of EventBridge Scheduler, UTC; without one, only files and people start runs. */
  schedule?: string;
  /** A run is late when none has succeeded for so long; at most 24, which is as far as one alarm period reaches. */
  lateAfterHours: number;
  /** Where the runbook is read: a URL or a path; alarms link to its sections. */
  runbook: string;
  /** Resource types that the place does not have. Only an emulator lacks any. */
  lacks?: readonly ('AWS::Budgets::Budget' | 'AWS::Glue::SecurityConfiguration')[];
}

const logDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The environment of that name, checked. Throws MR600 (no such name), MR603 (a value that AWS would refuse) or MR604 (names shared). */
export function environmentNamed(environments: Readonly<Record<string, Environment>>, name: string): Environment {
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (environment === undefined) {
    const hint = suggestion(name, Object.keys(environments));
    const issue = { code: 'MR600', path: 'environments.ts', message: `there is no environment "${name}"`, hint };
    throw new MillraceError([issue], 2);
  }
  const issues = [...environmentIssues(environment), ...clashes(environments, environment)];
  if (issues.length > 0) throw new MillraceError(issues);
  return environment;
}

/** A prefix that leads another's could make two pipelines of two environments into one name. */
function clashes(environments: Readonly<Record<string, Environment>>, environment: Environment): Issue[] {
  const { name, prefix } = environment;
  return Object.entries(environments)
    .filter(([other, { prefix: theirs }]) => other !== name && leads(prefix, theirs))
    .map(([other, { prefix: theirs }]) => ({
      code: 'MR604',
      path: `environments.ts  ${name}.prefix`,
      message: `the prefixes "${prefix}" and "${theirs}" (${other}) can make the same names`,
      hint: 'let neither be the beginning of the other',
    }));
}

const leads = (a: string, b: string) => `${a}-`.startsWith(`${b}-`) || `${b}-`.startsWith(`${a}-`);

/** All that is wrong with an environment's values, each with its place in environments.ts. */
export function environmentIssues(environment: Environment): Issue[] {
  const { name, prefix, account, region, retentionDays, workers, schedule } = environment;
  const wrong = (field: string, message: string, hint: string): Issue => ({
    code: 'MR603',
    path: `environments.ts  ${name}.${field}`,
    message,
    hint,
  });
  const issues: Issue[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix))
    issues.push(
      wrong('prefix', `"${prefix}" can't lead the name of a bucket`, 'lower-case letters, digits and single -'),
    );
  if (account !== undefined && !/^\d{12}$/.test(account))
    issues.push(wrong('account', `"${account}" is no account`, '12 digits'));
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    issues.push(wrong('region', `"${region}" is no region`, 'such as eu-central-1'));
  if (!logDays.includes(retentionDays.logs))
    issues.push(
      wrong(
        'retentionDays.logs',
        `CloudWatch has no period of ${retentionDays.logs} days`,
        `one of ${logDays.join(', ')}`,
      ),
    );
  if (!Number.isInteger(workers.max) || workers.max < 2)
    issues.push(wrong('workers.max', `Glue takes no job with ${workers.max} workers`, 'a whole number of at least 2'));
  if (schedule !== undefined && !/^(cron|rate)\(.+\)$/.test(schedule))
    issues.push(wrong('schedule', `"${schedule}" is no schedule`, 'such as cron(0 3 * * ? *) or rate(1 day)'));
  if (!(environment.budgetUsd > 0)) issues.push(wrong('budgetUsd', 'a budget is more than nothing', 'USD a month'));
  if (!(environment.lateAfterHours >= 1 && environment.lateAfterHours <= 24))
    issues.push(wrong('lateAfterHours', `${environment.lateAfterHours} hours can't be one alarm period`, '1 to 24'));
  return issues;
}
