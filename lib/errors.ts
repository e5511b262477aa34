/** An error as data: collected where it is found, rendered once. `path` is the place, `hint` is one thing to do. */
export interface Issue {
  /** `MR1xx` definition, `MR2xx` input, `MR3xx` rows and tables, `MR4xx` models, `MR5xx` this machine, `MR6xx` and `MR7xx` the cloud. */
  code: string;
  /** A place a reader can open: `pipelines/churn/pipeline.ts  tables.x.reads` or `silver/x.sql:3:8`. */
  path: string;
  message: string;
  hint?: string;
}

export type ExitCode = 1 | 2 | 3 | 5;

/** Carries issues to the CLI, which alone turns them into text; a stack trace never reaches a user. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  constructor(
    readonly issues: readonly Issue[],
    readonly exitCode: ExitCode = 1,
  ) {
    super(issues.map((issue) => `${issue.code} ${issue.message}`).join('; '));
  }
}
