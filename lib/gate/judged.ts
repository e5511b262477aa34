import type { Dossier } from '../documents/model.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Promotion } from './ports.ts';

/** The metric that judges versions, and its value for this version on its hold-out. */
export function judgedBy(dossier: Dossier): Pick<Promotion, 'metric' | 'value'> {
  const { metric } = objectiveOf(dossier).judgedBy;
  return { metric, value: dossier.metrics[metric] };
}
