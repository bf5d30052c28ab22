import { ChartGantt, ChevronDown, ChevronUp, FlaskConical, GitFork, Keyboard, Search } from 'lucide-react';
import type { Ref } from 'react';
import { serviceOf } from '../../api/span-facts';
import { Button, IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { cx } from '../../ui/cx';
import { Field } from '../../ui/field';
import { Kbd } from '../../ui/kbd';
import { Segmented } from '../../ui/segmented';
import { formatDuration } from '../format/duration';
import { epochNanoseconds, formatInstant, formatZone } from '../format/instant';
import { formatPlural } from '../format/quantity';
import { ProtocolBadge } from '../identity/protocol-badge';
import { ServiceName } from '../identity/service-name';
import { StatusIcon } from '../identity/status-icon';
import styles from './trace-header.module.css';
import { requestOf, type TraceModel } from './trace-model';

interface TraceHeaderProps {
  readonly model: TraceModel;
  readonly view: 'graph' | 'timeline';
  readonly onView: (view: 'graph' | 'timeline') => void;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly foundCount: number | undefined;
  readonly searchRef: Ref<HTMLInputElement>;
  readonly onError: (step: 1 | -1) => void;
  /** The rule lab is open. */
  readonly lab: boolean;
  readonly onLab: () => void;
  readonly onHelp: () => void;
}

export function TraceHeader(props: TraceHeaderProps) {
  const { model, view, onView, query, onQuery, foundCount, searchRef, onError, lab, onLab, onHelp } = props;
  const { view: trace, nodes, errors, services } = model;
  const root = nodes[0]!.span;
  const started = epochNanoseconds(trace.timeOrigin, trace.start);
  return (
    <div className={styles.header}>
      <div className={styles.summary}>
        <StatusIcon status={root.status} incomplete={root.incomplete !== undefined} size={16} />
        <h1 className={styles.title}>
          <ServiceName service={serviceOf(root)} strong />
          <ProtocolBadge protocol={root.protocol} />
          <span className={styles.request} title={root.resource}>
            {requestOf(root)}
          </span>
        </h1>
        <dl className={styles.facts}>
          <div>
            <dt className="visually-hidden">Duration</dt>
            <dd className={styles.duration} data-testid="trace-duration">
              {formatDuration(trace.end - trace.start)}
            </dd>
          </div>
          <div>
            <dt className="visually-hidden">Spans</dt>
            <dd>{formatPlural(nodes.length, 'span')}</dd>
          </div>
          <div>
            <dt className="visually-hidden">Services</dt>
            <dd>{formatPlural(services.length, 'service')}</dd>
          </div>
          <div>
            <dt className="visually-hidden">Started</dt>
            <dd title="Start of the first span, in your time zone">
              {formatInstant(started)} {formatZone(started)}
            </dd>
          </div>
        </dl>
      </div>
      <div className={styles.tools} role="toolbar" aria-label="Trace">
        <Segmented
          label="View"
          value={view}
          options={[
            {
              value: 'graph',
              testId: 'view-graph',
              text: (
                <>
                  <GitFork size={14} /> Graph
                </>
              ),
            },
            {
              value: 'timeline',
              testId: 'view-timeline',
              text: (
                <>
                  <ChartGantt size={14} /> Timeline
                </>
              ),
            },
          ]}
          onChange={onView}
        />
        <Field
          label="Search in this trace"
          placeholder="Search in this trace"
          className={styles.search}
          inputRef={searchRef}
          icon={<Search size={14} />}
          suffix={foundCount === undefined ? <Kbd>/</Kbd> : foundCount}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              onQuery('');
              event.currentTarget.blur();
            }
          }}
        />
        {errors.length > 0 && (
          <span className={styles.errors}>
            <StatusIcon status="server_error" size={13} />
            {formatPlural(errors.length, 'error')}
            <IconButton label="Previous error" keys="," onClick={() => onError(-1)}>
              <ChevronUp size={14} />
            </IconButton>
            <IconButton label="Next error" keys="." onClick={() => onError(1)}>
              <ChevronDown size={14} />
            </IconButton>
          </span>
        )}
        <span className={styles.end}>
          <Button
            icon={<FlaskConical size={14} />}
            aria-pressed={lab}
            title="Try other rules and tolerances on this trace (l)"
            className={cx(lab && styles.pressed)}
            onClick={onLab}
            data-testid="open-lab"
          >
            Rule lab
          </Button>
          <IconButton label="Keyboard" keys="?" onClick={onHelp}>
            <Keyboard size={16} />
          </IconButton>
          <CopyButton what="link" caption="Copy link" text={() => window.location.href} />
        </span>
      </div>
    </div>
  );
}
