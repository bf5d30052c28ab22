import type { SpanId, SpanLink } from '@causeway/core';
import { Radio } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { cx } from '../../ui/cx';
import type { Place } from '../data/place';
import { CausalityGraph } from './graph/causality-graph';
import { linkName } from './graph/queue-ends';
import { HelpDialog } from './help-dialog';
import { USUAL } from './lab/lab-options';
import { RuleLab } from './lab/rule-lab';
import { useLab } from './lab/use-lab';
import { SidePanel } from './side-panel';
import { spansThatFit } from './span-search';
import { ClockLine } from './timeline/clock-line';
import { correctedModel } from './timeline/corrected-model';
import { timelineRows } from './timeline/timeline-rows';
import { TraceTimeline } from './timeline/trace-timeline';
import { TraceHeader } from './trace-header';
import type { SpanNode, TraceModel } from './trace-model';
import { useTraceState } from './trace-state';
import styles from './trace-workbench.module.css';
import { type TraceKeyActions, useTraceKeys } from './use-trace-keys';

interface TraceWorkbenchProps {
  readonly place: Place;
  /** The span that the page is about. */
  readonly span: string;
  /** As the server assembled it. */
  readonly model: TraceModel;
}

/** Header, picture and side panel of one trace; what is selected stands in the address. */
export function TraceWorkbench({ place, span, model: served }: TraceWorkbenchProps) {
  const [state, setState] = useTraceState();
  const { lab: inLab, others } = state;
  const { off, delay, offset, rounds, correct } = inLab ? state : USUAL;
  const options = { off, delay, offset, rounds, correct };
  const lab = useLab(place, span, served, inLab || others ? { options, others } : undefined);
  const model = lab?.model ?? served;
  const [help, setHelp] = useState(false);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);

  const selectedEdge = state.edge === null ? undefined : model.byId.get(state.edge as SpanId);
  const selectedSpan = state.span === null || selectedEdge ? undefined : model.byId.get(state.span as SpanId);
  const selected = selectedEdge ?? selectedSpan;
  const selectedLink = selected ? undefined : model.view.spanLinks.find((link) => linkName(link) === state.link);
  const drawn = useMemo(() => (state.clocks === 'corrected' ? correctedModel(model) : model), [model, state.clocks]);
  const found = useMemo(() => spansThatFit(model, state.q), [model, state.q]);

  const onSpan = useCallback(
    (node: SpanNode) => setState({ span: node.id, edge: null, link: null, tab: 'details' }),
    [setState],
  );
  const onEvidence = useCallback((node: SpanNode) => setState({ edge: node.id, span: null, link: null }), [setState]);
  const onBytes = useCallback(
    (node: SpanNode) => setState({ span: node.id, edge: null, link: null, tab: 'bytes' }),
    [setState],
  );
  const onClose = useCallback(() => setState({ span: null, edge: null, link: null }), [setState]);
  const onLink = useCallback(
    (link: SpanLink) => setState({ link: linkName(link), span: null, edge: null }),
    [setState],
  );
  const onCollapse = useCallback((id: string) => setCollapsed((all) => toggled(all, id)), []);
  const onError = useCallback(
    (step: 1 | -1) => {
      const next = nextOf(served.errors, selected && served.byId.get(selected.id), step);
      if (next) onSpan(next);
    },
    [served, selected, onSpan],
  );

  const keys: TraceKeyActions = useMemo(
    () => ({
      selected,
      view: state.view,
      root: model.nodes[0],
      next: (step) => {
        const rows = timelineRows(model.nodes, collapsed).map((row) => row.node);
        const at = selected === undefined ? -1 : rows.indexOf(selected);
        const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
        if (next) setState({ span: next.id, edge: null });
      },
      // Moving about keeps the panel's tab, whichever it is
      select: (node) => setState(selectedEdge ? { edge: node.id, span: null } : { span: node.id, edge: null }),
      details: onSpan,
      evidence: onEvidence,
      show: (view) => setState({ view }),
      nextError: onError,
      search: () => search.current?.focus(),
      lab: () => setState({ lab: !inLab }),
      help: () => setHelp(true),
      clear: onClose,
    }),
    [selected, selectedEdge, state.view, model, collapsed, setState, onSpan, onEvidence, onError, onClose, inLab],
  );
  useTraceKeys(keys);

  return (
    <>
      <TraceHeader
        model={served}
        view={state.view}
        onView={(view) => setState({ view })}
        query={state.q}
        onQuery={(q) => setState({ q })}
        foundCount={found?.size}
        searchRef={search}
        onError={onError}
        lab={inLab}
        onLab={() => setState({ lab: !inLab })}
        onHelp={() => setHelp(true)}
      />
      {served.view.growing && (
        <p className={styles.growing} data-testid="growing">
          <Radio size={14} /> Still being recorded: more spans may come, and calls on shared connections or from event
          loops find their request (X04) some seconds later, for certain once the recording ends.
        </p>
      )}
      <main className={cx(styles.main, selectedSpan && state.tab === 'bytes' && styles.wide, inLab && styles.withLab)}>
        {inLab && (
          <RuleLab
            model={served}
            options={options}
            result={lab}
            onOptions={({ off: rules, ...change }) => setState({ ...change, ...(rules && { off: [...rules] }) })}
            onSpan={onSpan}
            onEvidence={onEvidence}
            onClose={() => setState({ lab: false })}
          />
        )}
        <div className={styles.picture}>
          {state.view === 'graph' ? (
            <CausalityGraph
              place={place}
              model={model}
              axis={state.axis}
              onAxis={(axis) => setState({ axis })}
              selectedSpan={selectedSpan}
              selectedEdge={selectedEdge}
              selectedLink={selectedLink}
              lab={lab?.answer}
              found={found}
              onSpan={onSpan}
              onEdge={onEvidence}
              onLink={onLink}
              onNothing={onClose}
            />
          ) : (
            <div className={styles.timeline}>
              <ClockLine
                model={model}
                corrected={state.clocks === 'corrected'}
                onCorrected={(corrected) => setState({ clocks: corrected ? 'corrected' : 'raw' })}
              />
              <TraceTimeline
                model={drawn}
                selected={selected && drawn.byId.get(selected.id)}
                found={found}
                collapsed={collapsed}
                onCollapse={onCollapse}
                onSpan={onSpan}
              />
            </div>
          )}
        </div>
        <SidePanel
          place={place}
          model={model}
          selectedSpan={selectedSpan}
          selectedEdge={selectedEdge}
          selectedLink={selectedLink}
          tab={state.tab}
          onSpan={onSpan}
          onEvidence={onEvidence}
          onBytes={onBytes}
          onLink={onLink}
          others={others}
          onOthers={(next) => setState({ others: next })}
          hiddenOthers={lab?.answer?.hiddenOthers ?? 0}
          onClose={onClose}
        />
      </main>
      <HelpDialog open={help} onOpenChange={setHelp} />
    </>
  );
}

function toggled(all: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(all);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The next of some nodes after where one is, round and round. */
function nextOf(nodes: readonly SpanNode[], from: SpanNode | undefined, step: 1 | -1): SpanNode | undefined {
  const at = from?.index ?? -1;
  if (step === 1) return nodes.find((node) => node.index > at) ?? nodes[0];
  return nodes.findLast((node) => node.index < at) ?? nodes.at(-1);
}
