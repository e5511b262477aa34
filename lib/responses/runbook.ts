import { objectiveAlarms } from '../learning/learning.ts';

/** `stop`: no run starts until the end of the month, and the schedule is paused until then. */
export type Action = 'notify' | 'retrain' | 'rollback' | 'stop';

export interface Rule {
  action: Action;
  /** The action is not repeated on the same subject within this time, even for another alarm. */
  coolDownMinutes: number;
  /** What a person should check first. */
  advice: string;
}

/** The rule for an alarm, by the end of its name: `millrace-prod-churn-run-late` is a `run-late`. */
export const runbook = {
  'model-worse': {
    action: 'rollback',
    coolDownMinutes: 60,
    advice: 'compare the slices in the dossiers of the two versions before you promote a new one',
  },
  drift: {
    action: 'retrain',
    coolDownMinutes: 24 * 60,
    advice: 'check which feature drifted; training does not help if a source changed its meaning',
  },
  ...watchedByObjectives(),
  // A person may lift a stop at any time, and the next alarm must stop runs again at once. So there is no cool-down.
  cost: {
    action: 'stop',
    coolDownMinutes: 0,
    advice: 'check what the last runs cost and why; then lift the stop, or wait until the month is over',
  },
  budget: {
    action: 'stop',
    coolDownMinutes: 0,
    advice: 'raise the budget in environments.ts or find what spends it; then lift the stop',
  },
  'run-failed': {
    action: 'notify',
    coolDownMinutes: 15,
    advice: 'open the failed execution: its cause has a code; finished tasks are not repeated',
  },
  'run-late': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'check whether runs are stopped, the schedule is disabled, or a run is taking too long',
  },
  freshness: {
    action: 'notify',
    coolDownMinutes: 12 * 60,
    advice: 'contact the team that delivers the files: runs work but find no new files',
  },
  volume: {
    action: 'notify',
    coolDownMinutes: 12 * 60,
    advice: 'check whether files arrived, and whether any of them was empty or completely quarantined',
  },
  'quality-held': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'the live version still scores; the dossier shows why the candidate was held',
  },
  'dead-letters': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'read the messages, fix the cause, then redrive them',
  },
  'iterator-age': {
    action: 'notify',
    coolDownMinutes: 60,
    advice:
      'check whether the reader of the stream fails or is too slow: records that it does not read in time are lost',
  },
  'quarantine-share': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'look at the rules and raw rows in the quarantine table; a source may have changed',
  },
} satisfies Record<string, Rule>;

/** Alarms about a metric of an objective only notify; `model-worse` decides which version is better. */
function watchedByObjectives(): Record<string, Rule> {
  return Object.fromEntries(
    objectiveAlarms.map(({ kind, advice }) => [kind, { action: 'notify', coolDownMinutes: 60, advice }]),
  );
}

/** An alarm without a rule still notifies. */
const unknownAlarm: Rule = { action: 'notify', coolDownMinutes: 15, advice: 'the runbook has no rule for this alarm' };

/** The rule with the longest matching suffix. */
export function ruleFor(alarm: string): Rule {
  const fitting = Object.entries<Rule>(runbook).filter(([suffix]) => alarm === suffix || alarm.endsWith(`-${suffix}`));
  const [longest] = fitting.sort(([a], [b]) => b.length - a.length);
  return longest?.[1] ?? unknownAlarm;
}
