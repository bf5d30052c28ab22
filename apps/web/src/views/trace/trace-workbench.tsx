import type { SpanId } from '@causeway/core';
import { useCallback, useMemo, useRef, useState } from 'react';
import { cx } from '../../ui/cx';
import type { Place } from '../data/place';
import { CausalityGraph } from './graph/causality-graph';
import { HelpDialog } from './help-dialog';
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
  readonly model: TraceModel;
}

/** Header, picture and side panel of one trace; what is selected stands in the address. */
export function TraceWorkbench({ place, model }: TraceWorkbenchProps) {
  const [state, setState] = useTraceState();
  const [help, setHelp] = useState(false);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);

  const selectedEdge = state.edge === null ? undefined : model.byId.get(state.edge as SpanId);
  const selectedSpan = state.span === null || selectedEdge ? undefined : model.byId.get(state.span as SpanId);
  const selected = selectedEdge ?? selectedSpan;
  const drawn = useMemo(() => (state.clocks === 'corrected' ? correctedModel(model) : model), [model, state.clocks]);
  const found = useMemo(() => spansThatFit(model, state.q), [model, state.q]);

  const onSpan = useCallback((node: SpanNode) => setState({ span: node.id, edge: null, tab: 'details' }), [setState]);
  const onEvidence = useCallback((node: SpanNode) => setState({ edge: node.id, span: null }), [setState]);
  const onBytes = useCallback((node: SpanNode) => setState({ span: node.id, edge: null, tab: 'bytes' }), [setState]);
  const onClose = useCallback(() => setState({ span: null, edge: null }), [setState]);
  const onCollapse = useCallback((id: string) => setCollapsed((all) => toggled(all, id)), []);
  const onError = useCallback(
    (step: 1 | -1) => {
      const next = nextOf(model.errors, selected, step);
      if (next) onSpan(next);
    },
    [model, selected, onSpan],
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
      help: () => setHelp(true),
      clear: onClose,
    }),
    [selected, selectedEdge, state.view, model, collapsed, setState, onSpan, onEvidence, onError, onClose],
  );
  useTraceKeys(keys);

  return (
    <>
      <TraceHeader
        model={model}
        view={state.view}
        onView={(view) => setState({ view })}
        query={state.q}
        onQuery={(q) => setState({ q })}
        foundCount={found?.size}
        searchRef={search}
        onError={onError}
        onHelp={() => setHelp(true)}
      />
      <main className={cx(styles.main, selectedSpan && state.tab === 'bytes' && styles.wide)}>
        <div className={styles.picture}>
          {state.view === 'graph' ? (
            <CausalityGraph
              model={model}
              axis={state.axis}
              onAxis={(axis) => setState({ axis })}
              selectedSpan={selectedSpan}
              selectedEdge={selectedEdge}
              found={found}
              onSpan={onSpan}
              onEdge={onEvidence}
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
          tab={state.tab}
          onSpan={onSpan}
          onEvidence={onEvidence}
          onBytes={onBytes}
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
