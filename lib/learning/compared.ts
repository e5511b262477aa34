/** How a candidate must compare with the live version, both judged on the same rows, which neither of the two learned from. */
export const comparedWithLive = ['not-worse', 'better', 'ignored'] as const;

/** What a feature does that explains the label alone. */
export const whenLeaking = ['warn', 'hold'] as const;
