/** Where the engine's entry is on a laptop. A step or a job of EMR submits it, and the engine's arguments follow it. */
export const engineScript = 'glue-scripts/main.py';
