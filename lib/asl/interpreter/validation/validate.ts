import type { Issue } from '../../../errors.ts';
import { each, isObject, join } from './checks.ts';
import { checkRetryAndCatch } from './error-rules.ts';
import { checkExpressions } from './expression-rules.ts';
import { checkFields, type Fields, partFields, type Report, stateFields } from './state-fields.ts';
import { checkTransitions } from './transitions.ts';
import { checkVariables } from './variables.ts';

/**
 * Everything in a machine that Step Functions would refuse or that this interpreter does not support; empty for a valid machine. Paths
 * lead through the document: `States["Each item"].ItemProcessor.States.Judge.Retry[0].MaxAttempts`.
 *
 * MR120 not a machine · MR121 unknown type of state · MR122 Next and End · MR123 unknown target · MR124 unreachable state ·
 * MR125 missing or unknown field · MR126 invalid value · MR127 JSONata · MR128 Retry and Catch · MR129 names
 */
export function validateMachine(machine: unknown): Issue[] {
  if (!isObject(machine)) return [{ code: 'MR120', path: 'machine', message: 'a state machine must be a JSON object' }];
  const issues: Issue[] = [];
  const report: Report = (code, path, message, hint) => {
    issues.push({ code, path: path === '' ? 'machine' : path, message, ...(hint !== undefined && { hint }) });
  };
  checkGraph(machine, '', partFields.machine, new Map(), report);
  checkVariables(machine, '', [], report);
  return issues;
}

/** Checks one graph and its nested graphs. State names are unique in the whole machine, so `names` is shared. */
function checkGraph(graph: unknown, path: string, fields: Fields, names: Map<string, string>, report: Report): void {
  if (!isObject(graph)) {
    report('MR120', path, 'must be an object with StartAt and States');
    return;
  }
  checkFields(graph, path, fields, report);
  if (!isObject(graph['States'])) return;
  const states = graph['States'];
  if (Object.keys(states).length === 0) report('MR120', join(path, 'States'), 'has no states');
  for (const [name, state] of Object.entries(states)) {
    const place = join(join(path, 'States'), name);
    const first = names.get(name);
    if (first !== undefined) {
      report(
        'MR129',
        place,
        `another state has the name "${name}": ${first}`,
        'state names must be unique in the whole machine',
      );
    }
    if (name.length > 80) report('MR129', place, 'a state name has at most 80 characters');
    names.set(name, first ?? place);
    checkState(state, place, names, report);
  }
  checkTransitions(graph, states, path, report);
}

function checkState(state: unknown, path: string, names: Map<string, string>, report: Report): void {
  const fields = isObject(state) && typeof state['Type'] === 'string' && typesOfState.get(state['Type']);
  if (!isObject(state) || !fields) {
    const type = isObject(state) ? JSON.stringify(state['Type']) : 'not an object';
    report('MR121', path, `unknown type of state: ${type}`, `known: ${[...typesOfState.keys()].join(', ')}`);
    return;
  }
  checkFields(state, path, fields, report);
  checkExpressions(state, path, report);
  checkRetryAndCatch(state, path, report);
  each(state['Choices'], (rule, i) => {
    if (isObject(rule)) checkFields(rule, `${path}.Choices[${i}]`, partFields.rule, report);
    else report('MR126', `${path}.Choices[${i}]`, 'must be an object');
  });
  if (state['Type'] === 'Wait' && 'Seconds' in state === 'Timestamp' in state) {
    report('MR125', path, 'a Wait state needs either Seconds or Timestamp');
  }
  const [heartbeat, timeout] = [state['HeartbeatSeconds'], state['TimeoutSeconds']];
  if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout) {
    report('MR126', `${path}.HeartbeatSeconds`, `must be less than TimeoutSeconds, which is ${timeout}`);
  }
  each(state['Branches'], (branch, i) => checkGraph(branch, `${path}.Branches[${i}]`, partFields.graph, names, report));
  if (isObject(state['ItemProcessor'])) {
    checkGraph(state['ItemProcessor'], `${path}.ItemProcessor`, partFields.itemProcessor, names, report);
  }
}

// A name such as "constructor" must not be found on the prototype of the table.
const typesOfState = new Map<string, Fields>(Object.entries(stateFields));
