/** One permission: what may be done to what. */
export interface Permission {
  actions: readonly string[];
  resources: readonly string[];
  conditions?: Record<string, Record<string, string | string[]>>;
  /** Why its resources can't be named to the last letter; required where one holds a `*`. */
  why?: string;
}

/** To hand a role to one service. */
export const passesRole = (roleArn: string, service: string): Permission => ({
  actions: ['iam:PassRole'],
  resources: [roleArn],
  conditions: { StringEquals: { 'iam:PassedToService': service } },
});
