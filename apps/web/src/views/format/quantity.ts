const WHOLE = new Intl.NumberFormat('en-GB');

/** `1,234,567`. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** `1 span`, `2 spans`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${WHOLE.format(count)} ${count === 1 ? one : many}`;
}

/** Bytes in binary steps: `512 B`, `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}
