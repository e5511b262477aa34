/** One call that a role's credentials made. */
export interface Call {
  /** Physical name of the role. */
  role: string;
  action: string;
  resource: string;
  allowed: boolean;
  /** Numbers of the role's statements that allow it, each by itself. */
  by: number[];
  /** How many statements the role had. */
  statements: number;
}

/** The calls of a recording, a line each, without repetitions. */
export function callsIn(text: string): Call[] {
  const calls = new Map<string, Call>();
  for (const line of text.split('\n').filter((entry) => entry !== '')) {
    const { role, action, resource, decision, by, statements } = JSON.parse(line) as {
      role: string;
      action: string;
      resource: string;
      decision: string;
      by: number[];
      statements: number;
    };
    const name = role.split('/')[1] ?? role;
    const call = { role: name, action, resource, allowed: decision === 'Allow', by, statements };
    calls.set(JSON.stringify(call), call);
  }
  return [...calls.values()];
}
