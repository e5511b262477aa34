/** Key of a number in the metadata of a persistent cluster: how often it was made again. */
export const madeAgainKey = 'millrace:made-again';
