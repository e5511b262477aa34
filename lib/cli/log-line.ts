import { counted, seconds } from './terminal.ts';

type Fields = Record<string, unknown>;

/** Fields that are the same on every line of a group, or are shown beside the line anyway. */
const common = new Set([
  ...['level', 'message', 'exception', 'at', 'timestamp', 'run', 'run_id', 'runId', 'task', 'stage', 'host', 'logger'],
  ...['service', 'pipeline', 'environment', 'sampling_rate', 'xray_trace_id', 'cold_start'],
  ...['function_arn', 'function_memory_size', 'function_name', 'function_request_id'],
]);

/** The task that a line belongs to; undefined if the line names none. */
export function taskOf(text: string): string | undefined {
  const task = fieldsOf(text)?.['task'];
  return typeof task === 'string' ? task : undefined;
}

/** Formats a log line: an engine event in words, a structured line as its message, anything else unchanged. */
export function readable(text: string): string {
  const line = fieldsOf(text);
  if (line === undefined) return text;
  if (typeof line['event'] === 'string') return eventInWords(line, text);
  if (typeof line['message'] !== 'string') return text;
  const level = typeof line['level'] === 'string' ? `${line['level'].toLowerCase()}  ` : '';
  const task = typeof line['task'] === 'string' ? `${line['task']}  ` : '';
  const more = Object.entries(line).filter(([name]) => !common.has(name));
  const rest = more.map(([name, value]) => `  ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const trace = typeof line['exception'] === 'string' ? `\n${line['exception'].replace(/^/gm, '    ')}` : '';
  return `${level}${task}${line['message']}${rest.join('')}${trace}`;
}

function eventInWords(event: Fields, text: string): string {
  const task = `${String(event['task'])}  `;
  const issues = Array.isArray(event['issues']) ? (event['issues'] as Fields[]) : [];
  switch (event['event']) {
    case 'stage.start':
      return `stage ${String(event['stage'])}  the engine is ready after ${took(event)}`;
    case 'task.start':
      return `${task}started, ${String(event['mode'])}: ${String(event['why'])}`;
    case 'task.done':
      return `${task}done in ${took(event)}: ${counted(Number(event['read']), 'row')} read${phasesOf(event)}`;
    case 'task.failed':
      return `${task}FAILED  ${issues.map(issueInWords).join('; ')}`;
    case 'check.done':
      return issues.length === 0 ? 'the SQL is valid' : `the SQL has errors: ${issues.map(issueInWords).join('; ')}`;
    default:
      return text;
  }
}

const took = (event: Fields) => seconds(Number(event['seconds']));

function phasesOf({ metrics }: Fields): string {
  const { phases = {} } = (metrics ?? {}) as { phases?: Record<string, number> };
  const parts = Object.entries(phases).map(([name, taken]) => `${name} ${seconds(taken)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const issueInWords = ({ code, path, message }: Fields) => `${String(code)} ${String(message)} (${String(path)})`;

/** The fields of a line that is a JSON object, or ends with one after text that a service added. */
function fieldsOf(text: string): Fields | undefined {
  const at = text.indexOf('{"');
  if (at === -1) return undefined;
  try {
    const value = JSON.parse(text.slice(at)) as Fields;
    return 'event' in value || 'message' in value ? value : undefined;
  } catch {
    return undefined;
  }
}
