/** One call made with a role's credentials. */
export interface Call {
  /** Physical name of the role. */
  role: string;
  action: string;
  resource: string;
  allowed: boolean;
  /** The numbers of the role's statements that allow the call, each on its own. */
  by: number[];
  /** How many statements the role had. */
  statements: number;
}

/** The calls in a recording, which has one line per call, without duplicates. */
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
