import { objectiveAlarms } from '../learning/learning.ts';

/** `stop`: no run starts until the month is over, and the schedule is paused as long. */
export type Action = 'notify' | 'retrain' | 'rollback' | 'stop';

export interface Rule {
  action: Action;
  /** The action is not taken again on the same thing within this time, whatever alarm asks for it. */
  coolDownMinutes: number;
  /** What a person looks at first. */
  advice: string;
}

/** What is done about an alarm, by the end of its name: `millrace-prod-churn-run-late` is a `run-late`. */
export const runbook = {
  'model-worse': {
    action: 'rollback',
    coolDownMinutes: 60,
    advice: 'compare the slices in the dossiers of the two versions before a new one is promoted',
  },
  drift: {
    action: 'retrain',
    coolDownMinutes: 24 * 60,
    advice: 'see which feature moved: a source that changed its meaning is not mended by training',
  },
  ...watchedByObjectives(),
  // What is stopped may be let go at any time, and has to stop again at once where there is reason to: nothing cools down.
  cost: {
    action: 'stop',
    coolDownMinutes: 0,
    advice: 'see what the last runs cost and why; then let runs start again, or leave them until the month is over',
  },
  budget: {
    action: 'stop',
    coolDownMinutes: 0,
    advice: 'raise the budget in environments.ts or find what spends it; then let runs start again',
  },
  'run-failed': {
    action: 'notify',
    coolDownMinutes: 15,
    advice: 'open the failed execution: its cause has a code; tasks that are done are not done again',
  },
  'run-late': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'see whether runs are stopped, the schedule is off, or a run has been on for too long',
  },
  freshness: {
    action: 'notify',
    coolDownMinutes: 12 * 60,
    advice: 'ask who delivers the files: runs work, and find nothing that is new',
  },
  volume: {
    action: 'notify',
    coolDownMinutes: 12 * 60,
    advice: 'see whether files arrived, and whether any of them was empty or quarantined whole',
  },
  'quality-held': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'a version that was live before still scores; the dossier tells what the candidate lacks',
  },
  'dead-letters': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'read the messages; send them back once what they ask for is possible',
  },
  'iterator-age': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'see whether the reader of the stream fails or is too slow: what is not read in time is lost',
  },
  'quarantine-share': {
    action: 'notify',
    coolDownMinutes: 60,
    advice: 'look at the rules and raw rows in the quarantine table; a source may have changed',
  },
} satisfies Record<string, Rule>;

/** An alarm about a figure of an objective is for a person: which version is better says `model-worse`. */
function watchedByObjectives(): Record<string, Rule> {
  return Object.fromEntries(
    objectiveAlarms.map(({ kind, advice }) => [kind, { action: 'notify', coolDownMinutes: 60, advice }]),
  );
}

/** An alarm that nobody wrote a rule for is still told. */
const unforeseen: Rule = { action: 'notify', coolDownMinutes: 15, advice: 'the runbook has no rule for this alarm' };

/** The rule with the longest fitting suffix. */
export function ruleFor(alarm: string): Rule {
  const fitting = Object.entries<Rule>(runbook).filter(([suffix]) => alarm === suffix || alarm.endsWith(`-${suffix}`));
  const [longest] = fitting.sort(([a], [b]) => b.length - a.length);
  return longest?.[1] ?? unforeseen;
}
