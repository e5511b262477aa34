import type { Verdict } from '../gate/gate.ts';
import type { Seen } from './ports.ts';

/** What the gate said of each candidate so far, each once: as it left its state, as the map of all did, or as the run ended. */
export function verdictsOf({ steps, execution }: Pick<Seen, 'steps' | 'execution'>): Verdict[] {
  const outputs = steps.flatMap((step) => (step.type === 'exited' && judges.has(step.state) ? [step.output] : []));
  const found = [...outputs, execution.output].flatMap((text) => (text === undefined ? [] : told(JSON.parse(text))));
  return [...new Map(found.map((verdict) => [`${verdict.model} v${verdict.version}`, verdict])).values()];
}

const judges = new Set(['Judge', 'Judge the candidates']);

function told(output: unknown): Verdict[] {
  const { verdicts } = (output ?? {}) as { verdicts?: unknown };
  const listed = Array.isArray(output) ? output : Array.isArray(verdicts) ? verdicts : [output];
  return (listed as Partial<Verdict>[]).filter((each): each is Verdict => each?.verdict !== undefined);
}
