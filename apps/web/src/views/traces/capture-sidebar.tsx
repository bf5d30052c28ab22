import type { ReactNode } from 'react';
import type { CaptureDetail, ServiceSummary } from '../../api/contract';
import { cx } from '../../ui/cx';
import { formatDuration } from '../format/duration';
import { formatInstant, formatZone } from '../format/instant';
import { formatBytes, formatCount } from '../format/quantity';
import { ProtocolBadge } from '../identity/protocol-badge';
import { ServiceName } from '../identity/service-name';
import styles from './capture-sidebar.module.css';
import { gapsOf } from './coverage-words';

interface CaptureSidebarProps {
  readonly capture: CaptureDetail;
  readonly service: string | null;
  readonly onService: (service: string | null) => void;
}

export function CaptureSidebar({ capture, service, onService }: CaptureSidebarProps) {
  return (
    <aside className={styles.sidebar} aria-label="About this capture">
      <Section title="Services" note={capture.services.length > 0 ? String(capture.services.length) : undefined}>
        {capture.services.length === 0 && <p className={styles.quiet}>None yet.</p>}
        <ul className={styles.services}>
          {capture.services.map((one) => (
            <ServiceItem
              key={one.service}
              summary={one}
              chosen={service === one.service}
              onClick={() => onService(service === one.service ? null : one.service)}
            />
          ))}
        </ul>
      </Section>
      <Section title="What was seen">
        <Coverage capture={capture} />
      </Section>
      <Section title="Recording">
        <dl className={styles.facts}>
          {factsOf(capture).map(([name, value]) => (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd title={value}>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </aside>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ReactNode;
}

function Section({ title, note, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>
        {title}
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </h2>
      {children}
    </section>
  );
}

interface ServiceItemProps {
  readonly summary: ServiceSummary;
  readonly chosen: boolean;
  readonly onClick: () => void;
}

function ServiceItem({ summary, chosen, onClick }: ServiceItemProps) {
  return (
    <li>
      <button
        type="button"
        className={cx(styles.service, chosen && styles.chosen)}
        aria-pressed={chosen}
        title={chosen ? 'Show all services' : `Show only traces through ${summary.service}`}
        onClick={onClick}
      >
        <span className={styles.line}>
          <ServiceName service={summary.service} strong />
          <span className={styles.protocols}>
            {summary.protocols.map((protocol) => (
              <ProtocolBadge key={protocol} protocol={protocol} />
            ))}
          </span>
        </span>
        <span className={styles.numbers}>
          <span>{formatCount(summary.spanCount)} spans</span>
          {summary.errorCount > 0 && <span className={styles.errors}>{formatCount(summary.errorCount)} errors</span>}
          <span className={styles.latency}>
            p50 {formatDuration(summary.p50Ns)} · p95 {formatDuration(summary.p95Ns)}
          </span>
        </span>
      </button>
    </li>
  );
}

function Coverage({ capture }: { readonly capture: CaptureDetail }) {
  const coverage = capture.coverage;
  if (coverage === undefined) return <p className={styles.quiet}>Known once the capture is read.</p>;
  const gaps = gapsOf(coverage);
  return (
    <>
      <dl className={styles.facts}>
        <Fact name="Events" value={formatCount(coverage.events)} />
        <Fact name="Messages" value={formatCount(coverage.messages)} />
        <Fact name="Connections" value={formatCount(coverage.sockets)} />
      </dl>
      {gaps.length === 0 && capture.damage.length === 0 ? (
        <p className={styles.complete}>Nothing was lost.</p>
      ) : (
        <ul className={styles.gaps}>
          {gaps.map((gap) => (
            <li key={gap.name}>
              <p className={styles.gapLine}>
                <span>{gap.name}</span>
                <b>{gap.amount}</b>
              </p>
              <p className={styles.meaning}>{gap.meaning}</p>
            </li>
          ))}
          {capture.damage.map((sentence) => (
            <li key={sentence} className={styles.meaning}>
              {sentence}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function factsOf(capture: CaptureDetail): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['Host', capture.hostName],
    ['Labels', capture.labels && labelsText(capture.labels)],
    ['Kernel', capture.kernel],
    ['Architecture', capture.architecture],
    ['Producer', capture.producer],
    ['Size', formatBytes(capture.sizeBytes)],
    ['Payload limit', capture.payloadLimit === undefined ? undefined : `${capture.payloadLimit} B a call`],
    ['Filters', capture.filters && filtersText(capture.filters)],
    ['Redacted', capture.redactions && capture.redactions.length > 0 ? capture.redactions.join(', ') : undefined],
  ];
  if (capture.startedAt !== undefined) {
    const started = BigInt(capture.startedAt);
    facts.push(['Started', `${formatInstant(started).slice(0, 23)} ${formatZone(started)}`]);
    if (capture.endedAt !== undefined)
      facts.push(['Length', formatDuration(Number(BigInt(capture.endedAt) - started))]);
  }
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function filtersText(filters: Readonly<Record<string, unknown>>): string {
  return Object.entries(filters)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) =>
      value === true ? name : `${name} ${Array.isArray(value) ? value.join(' ') : String(value)}`,
    )
    .join(', ');
}
