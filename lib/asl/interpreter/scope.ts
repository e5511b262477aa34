import type { Json } from '../machine.ts';

/** Variables as states see them. Those of outer scopes are read, never assigned: parallel branches cannot disturb each other. */
export class Scope {
  private readonly own = new Map<string, Json>();
  constructor(private readonly outer?: Scope) {}

  assign(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.own.set(name, value);
  }

  /** Whether an enclosing scope holds this name, which a branch or an item may then not assign. */
  outerHas(name: string): boolean {
    return this.outer !== undefined && (this.outer.own.has(name) || this.outer.outerHas(name));
  }

  all(): Record<string, Json> {
    return { ...this.outer?.all(), ...Object.fromEntries(this.own) };
  }
}
