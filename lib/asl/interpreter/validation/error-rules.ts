import { each, isObject } from './checks.ts';
import { checkFields, partFields, type Report } from './state-fields.ts';

/** Error names of the States Language: no other name may begin with `States.`. */
const known = new Set(
  [
    [
      'ALL',
      'DataLimitExceeded',
      'ExceedToleratedFailureThreshold',
      'HeartbeatTimeout',
      'Http.Socket',
      'IntrinsicFailure',
    ],
    [
      'ItemReaderFailed',
      'NoChoiceMatched',
      'ParameterPathFailure',
      'Permissions',
      'QueryEvaluationError',
      'BranchFailed',
    ],
    ['ResultPathMatchFailure', 'ResultWriterFailed', 'Runtime', 'TaskFailed', 'Timeout'],
  ].flatMap((names) => names.map((name) => `States.${name}`)),
);

/** Checks the retriers and catchers of a state: their fields and their error names. */
export function checkRetryAndCatch(state: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  for (const [field, fields] of [['Retry', partFields.retrier] as const, ['Catch', partFields.catcher] as const]) {
    const listed = state[field];
    each(listed, (entry, i) => {
      const place = `${path}.${field}[${i}]`;
      if (!isObject(entry)) return report('MR126', place, 'must be an object');
      checkFields(entry, place, fields, report);
      checkNames(entry['ErrorEquals'], `${place}.ErrorEquals`, i === (listed as unknown[]).length - 1, report);
    });
  }
}

function checkNames(names: unknown, path: string, last: boolean, report: Report): void {
  if (!Array.isArray(names)) return;
  for (const name of names) {
    if (typeof name !== 'string' || name === '') report('MR128', path, 'an error name must be a non-empty string');
    else if (name.startsWith('States.') && !known.has(name)) {
      report('MR128', path, `"${name}" is not an error of the States Language; only those may begin with "States."`);
    }
  }
  if (!names.includes('States.ALL')) return;
  if (names.length > 1) report('MR128', path, 'States.ALL must be the only error in its list');
  if (!last) report('MR128', path, 'States.ALL must come last; later entries are never used');
}
