/** What private means, in the same words wherever it is offered. */
export const PRIVATE_MEANS = 'Read in this browser tab only; nothing is sent to the server.';
