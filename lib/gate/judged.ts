import type { Dossier } from '../documents/model.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Promotion } from './ports.ts';

/** The metric that judges versions, and its value for this version on its hold-out. */
export function judgedBy(dossier: Dossier): Pick<Promotion, 'metric' | 'value'> {
  const { parts, judgedBy } = objectiveOf(dossier);
  return { metric: parts.metric, value: judgedBy.in(dossier.metrics) };
}
