/** Amazon States Language in JSONata mode: the part that the interpreter supports. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value in which strings of the form `{% ... %}`, at any depth, are JSONata expressions. */
export type Template = Json;

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Assign?: Record<string, Template>;
  Output?: Template;
}

interface StateBase {
  Comment?: string;
  QueryLanguage?: 'JSONata';
  Assign?: Record<string, Template>;
  Output?: Template;
}

interface Onward {
  Next?: string;
  End?: boolean;
}

interface Fallible {
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface TaskState extends StateBase, Onward, Fallible {
  Type: 'Task';
  Resource: string;
  Arguments?: Template;
  TimeoutSeconds?: number | string;
  HeartbeatSeconds?: number | string;
  Credentials?: Template;
}

export interface PassState extends StateBase, Onward {
  Type: 'Pass';
}

export interface ChoiceRule {
  Condition: string | boolean;
  Next: string;
  Assign?: Record<string, Template>;
  Output?: Template;
}

export interface ChoiceState extends StateBase {
  Type: 'Choice';
  Choices: ChoiceRule[];
  Default?: string;
}

export interface WaitState extends StateBase, Onward {
  Type: 'Wait';
  Seconds?: number | string;
  Timestamp?: string;
}

export interface SucceedState extends Omit<StateBase, 'Assign'> {
  Type: 'Succeed';
}

export interface FailState extends Omit<StateBase, 'Assign' | 'Output'> {
  Type: 'Fail';
  Error?: string;
  Cause?: string;
}

export interface ParallelState extends StateBase, Onward, Fallible {
  Type: 'Parallel';
  Branches: Graph[];
  Arguments?: Template;
}

export interface MapState extends StateBase, Onward, Fallible {
  Type: 'Map';
  ItemProcessor: Graph & { ProcessorConfig?: { Mode?: 'INLINE' } };
  Items?: Template;
  ItemSelector?: Template;
  MaxConcurrency?: number | string;
  ToleratedFailureCount?: number | string;
  ToleratedFailurePercentage?: number | string;
}

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** A set of connected states: of a machine, a branch or an item processor. */
export interface Graph {
  Comment?: string;
  StartAt: string;
  States: Record<string, State>;
}

export interface Machine extends Graph {
  QueryLanguage: 'JSONata';
  Version?: string;
  TimeoutSeconds?: number;
}
