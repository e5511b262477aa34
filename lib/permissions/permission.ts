/** One permission: actions and resources. */
export interface Permission {
  actions: readonly string[];
  resources: readonly string[];
  conditions?: Record<string, Record<string, string | string[]>>;
  /** Why the resources cannot be named exactly; required if one contains a `*`. */
  why?: string;
}

/** Permission to pass a role to one service. */
export const passesRole = (roleArn: string, service: string): Permission => ({
  actions: ['iam:PassRole'],
  resources: [roleArn],
  conditions: { StringEquals: { 'iam:PassedToService': service } },
});
