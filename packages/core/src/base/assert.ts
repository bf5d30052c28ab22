/** Ends a switch over a closed union: the compiler proves that nothing is left; at run time it names what was. */
export function assertUnreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
