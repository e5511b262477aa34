/** Key of the tag with the environment's name, on everything that is billed: the budget counts only resources with it. */
export const environmentTag = 'millrace:environment';
