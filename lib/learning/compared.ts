/** How a candidate must compare with the live version. Both are judged on the same rows, and neither learned from them. */
export const comparedWithLive = ['not-worse', 'better', 'ignored'] as const;

/** What happens if one feature explains the label alone. */
export const whenLeaking = ['warn', 'hold'] as const;
