/** The product's mark: a path over three stones. */
export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <path d="M4 15.5V11a3 3 0 0 1 3-3h6a3 3 0 0 0 3-3v-.5" stroke="var(--accent)" strokeWidth="1.75" />
      <circle cx="4" cy="15.5" r="2.5" fill="var(--text)" />
      <circle cx="10" cy="8" r="2" fill="var(--surface)" stroke="var(--accent)" strokeWidth="1.5" />
      <circle cx="16" cy="4.5" r="2.5" fill="var(--accent)" />
    </svg>
  );
}
