/** The end of the month (UTC) that a time is in: the budget of the next one begins then. */
export const monthEnd = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
