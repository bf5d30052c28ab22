import { CircleCheck, CircleDashed, OctagonAlert, TriangleAlert } from 'lucide-react';

type ShownStatus = 'ok' | 'client_error' | 'server_error' | 'unknown';

/** Shape and colour both tell the status; the words are its name for a screen reader. */
const LOOK = {
  ok: { Icon: CircleCheck, colour: 'var(--ok)', text: 'OK' },
  client_error: { Icon: TriangleAlert, colour: 'var(--warn)', text: 'Client error' },
  server_error: { Icon: OctagonAlert, colour: 'var(--danger)', text: 'Server error' },
  unknown: { Icon: CircleDashed, colour: 'var(--text-3)', text: 'Status not known' },
} as const;

interface StatusIconProps {
  readonly status: ShownStatus;
  /** A half is missing: shown as the unknown mark whatever the other half said. */
  readonly incomplete?: boolean;
  readonly size?: number;
}

export function StatusIcon({ status, incomplete = false, size = 14 }: StatusIconProps) {
  const { Icon, colour, text } = LOOK[incomplete && status === 'ok' ? 'unknown' : status];
  const label = incomplete ? `${text}, incomplete` : text;
  return (
    <span role="img" aria-label={label} title={label} style={{ color: colour, display: 'inline-flex' }}>
      <Icon size={size} />
    </span>
  );
}
