/** The engine's entry file on a laptop. An EMR step or job submits it, followed by the engine's arguments. */
export const engineScript = 'glue-scripts/main.py';
