import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ServiceSummary } from '../../api/contract';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Kbd } from '../../ui/kbd';
import { Segmented } from '../../ui/segmented';
import { Select } from '../../ui/select';
import { parseDuration } from '../format/duration';
import { formatPlural } from '../format/quantity';
import { ProtocolBadge } from '../identity/protocol-badge';
import { ServiceName } from '../identity/service-name';
import styles from './filter-bar.module.css';
import { isFiltered, type SetTraceFilters, type TraceFilters } from './trace-filters';

interface FilterBarProps {
  readonly filters: TraceFilters;
  readonly onChange: SetTraceFilters;
  readonly services: readonly ServiceSummary[];
  readonly total: number | undefined;
  readonly loading: boolean;
}

/** How long after the last key the list is asked for. */
const TYPING_MS = 250;

export function FilterBar({ filters, onChange, services, total, loading }: FilterBarProps) {
  const search = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useSettledText(filters.q ?? '', (q) => onChange({ q: q || null }));
  const [min, setMin] = useSettledText(filters.min ?? '', (text) => onChange({ min: text || null }));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      search.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const protocols = [...new Set(services.flatMap((service) => service.protocols))].sort();
  return (
    <search className={styles.bar}>
      <Field
        label="Search traces"
        placeholder="Path, query, service, trace id…"
        className={styles.search}
        inputRef={search}
        icon={<Search size={14} />}
        suffix={typed === '' ? <Kbd>/</Kbd> : undefined}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        data-testid="trace-search"
      />
      <Segmented
        label="Status"
        value={filters.status ?? 'all'}
        options={[
          { value: 'all', text: 'All' },
          { value: 'ok', text: 'OK' },
          { value: 'error', text: 'Errors' },
          { value: 'incomplete', text: 'Incomplete' },
        ]}
        onChange={(status) => onChange({ status: status === 'all' ? null : status })}
      />
      <Select
        label="Service"
        value={filters.service}
        all="All services"
        options={services.map(({ service }) => ({ value: service, text: <ServiceName service={service} /> }))}
        onChange={(service) => onChange({ service })}
      />
      <Select
        label="Protocol"
        value={filters.protocol}
        all="All protocols"
        options={protocols.map((protocol) => ({ value: protocol, text: <ProtocolBadge protocol={protocol} /> }))}
        onChange={(protocol) => onChange({ protocol })}
      />
      <Field
        label="Shortest duration, for example 5 ms"
        className={styles.min}
        placeholder="≥ 5 ms"
        value={min}
        aria-invalid={min !== '' && parseDuration(min) === undefined}
        onChange={(event) => setMin(event.target.value)}
      />
      {isFiltered(filters) && (
        <Button kind="quiet" icon={<X size={14} />} onClick={() => onChange(null)}>
          Clear
        </Button>
      )}
      <span className={styles.total} data-loading={loading} aria-live="polite">
        {total !== undefined && formatPlural(total, 'trace')}
      </span>
    </search>
  );
}

/** A text that is passed on once typing pauses, and follows changes that come from elsewhere. */
function useSettledText(value: string, settle: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => settle(next), TYPING_MS);
  };
  return [text, change];
}
