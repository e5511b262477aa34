/** What checkov writes for templates: one report, or a list with one for each kind of file. */
export type CheckovReport = OneReport | OneReport[];

interface OneReport {
  results?: { failed_checks: { check_id: string; check_name: string; file_path: string; resource: string }[] };
  summary?: { passed: number; parsing_errors: number };
}

interface Reason {
  check: string;
  /** The resources, as checkov names them. */
  resources: RegExp;
  /** By default in any template. */
  template?: RegExp;
  why: string;
}

/** What checkov reports and Millrace does on purpose. */
const reasons: readonly Reason[] = [
  {
    check: 'CKV_AWS_117',
    resources: /^AWS::Lambda::Function\./,
    why: 'the functions call services of AWS only, with IAM; in a network they would need an endpoint for each service',
  },
  {
    check: 'CKV_AWS_115',
    resources: /^AWS::Lambda::Function\./,
    why: 'reserved concurrency is taken from the account, whose limit may be 10; the state machine and the queues bound the calls',
  },
  {
    check: 'CKV_AWS_173',
    resources: /^AWS::Lambda::Function\./,
    why: 'the variables are names of resources, no secrets',
  },
  {
    check: 'CKV_AWS_116',
    resources: /^AWS::Lambda::Function\.(Bookmarks|Quality)/,
    why: 'the state machine calls them and handles the error; only asynchronous calls can have dead letters',
  },
  {
    check: 'CKV_AWS_18',
    resources: /^AWS::S3::Bucket\.AccessLogs/,
    why: 'it holds the access logs of the others',
  },
  {
    check: 'CKV_AWS_195',
    resources: /^AWS::Glue::Job\./,
    template: /millrace-twin-[^/]*$/,
    why: 'the emulator has no security configurations',
  },
];

/** What checkov found without a reason. Adds to `used` the reasons that were needed. */
export function judge(report: CheckovReport, templates: number, used: Set<string>): string[] {
  const reports = [report].flat();
  const summaries = reports.flatMap(({ summary }) => summary ?? []);
  const passed = summaries.reduce((sum, each) => sum + each.passed, 0);
  const unread = summaries.reduce((sum, each) => sum + each.parsing_errors, 0);
  if (passed === 0 || unread > 0) return [`checkov did not read all ${templates} templates: ${unread} errors, ${passed} checks passed`];
  return reports
    .flatMap(({ results }) => results?.failed_checks ?? [])
    .filter(({ check_id, resource, file_path }) => {
      const reason = reasons.find(
        ({ check, resources, template = /./ }) =>
          check === check_id && resources.test(resource) && template.test(file_path),
      );
      if (reason !== undefined) used.add(reason.check);
      return reason === undefined;
    })
    .map((each) => `${each.file_path.replace(/^\//, '')}: ${each.resource}: ${each.check_id} ${each.check_name}`);
}

/** The reasons that nothing needed. */
export const unusedReasons = (used: ReadonlySet<string>): string[] =>
  reasons
    .filter(({ check }) => !used.has(check))
    .map(({ check }) => `validation/checkov.ts: nothing needs the reason for ${check} any more: remove it`);
