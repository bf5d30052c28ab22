const OLDEST = [20, 19];

/** Ends the process with one sentence when this Node is too old. */
export function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  console.error(
    `Causeway needs Node ${OLDEST.join('.')} or later, and this is ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
  process.exit(1);
}
