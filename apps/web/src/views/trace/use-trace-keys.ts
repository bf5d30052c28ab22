import { useEffect } from 'react';
import type { SpanNode } from './trace-model';

/** What the keyboard can ask of the trace page. */
export interface TraceKeyActions {
  readonly selected: SpanNode | undefined;
  readonly view: 'graph' | 'timeline';
  readonly root: SpanNode | undefined;
  /** Rows of the timeline, for up and down there. */
  readonly next: (step: 1 | -1) => void;
  readonly select: (node: SpanNode) => void;
  readonly details: (node: SpanNode) => void;
  readonly evidence: (node: SpanNode) => void;
  readonly show: (view: 'graph' | 'timeline') => void;
  readonly nextError: (step: 1 | -1) => void;
  readonly search: () => void;
  readonly lab: () => void;
  readonly help: () => void;
  readonly clear: () => void;
}

/** Keys of the whole page; keys typed into a text box, a menu or a dialog are left alone. */
export function useTraceKeys(actions: TraceKeyActions): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event.target)) return;
      const run = actionOf(event.key, actions);
      if (run === undefined) return;
      // Enter and Space on a button press that button
      if (event.key === 'Enter' && event.target instanceof HTMLButtonElement && !event.target.dataset.span) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [actions]);
}

function actionOf(key: string, actions: TraceKeyActions): (() => void) | undefined {
  const { selected, view, root } = actions;
  const go = (node: SpanNode | undefined) => node && (() => actions.select(node));
  const step = (by: 1 | -1) => (view === 'timeline' ? () => actions.next(by) : undefined);
  switch (key) {
    case 'ArrowUp':
      return step(-1) ?? go(selected === undefined ? root : selected.parent);
    case 'ArrowDown':
      return step(1) ?? go(selected === undefined ? root : selected.children[0]);
    case 'ArrowLeft':
      return view === 'timeline' ? go(selected?.parent) : go(siblingOf(selected, -1));
    case 'ArrowRight':
      return view === 'timeline' ? go(selected?.children[0]) : go(siblingOf(selected, 1));
    case 'Enter':
      return selected && (() => actions.details(selected));
    case 'e':
      return selected && (() => actions.evidence(selected));
    case 'g':
      return () => actions.show('graph');
    case 't':
      return () => actions.show('timeline');
    case 'n':
    case '.':
      return () => actions.nextError(1);
    case 'p':
    case ',':
      return () => actions.nextError(-1);
    case 'l':
      return actions.lab;
    case '/':
      return actions.search;
    case '?':
      return actions.help;
    case 'Escape':
      return actions.clear;
    default:
      return undefined;
  }
}

function siblingOf(node: SpanNode | undefined, step: 1 | -1): SpanNode | undefined {
  const siblings = node?.parent?.children;
  if (node === undefined || siblings === undefined) return undefined;
  return siblings[siblings.indexOf(node) + step];
}

function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
