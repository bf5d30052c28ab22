import type { TapSide } from '@causeway/core';
import { ArrowDownLeft, ArrowUpRight, Box, Cable } from 'lucide-react';
import styles from './tap-side-mark.module.css';

/** Where a span was observed: at the process that called (↗) or that served (↙), on the wire, or in the program itself. */
export function TapSideMark({ tapSide }: { readonly tapSide: TapSide }) {
  const { Icon, text } = lookOf(tapSide);
  return (
    <span className={styles.mark} title={text}>
      <Icon size={12} aria-hidden="true" />
      {tapSide}
      <span className="visually-hidden">{`(${text})`}</span>
    </span>
  );
}

function lookOf(tapSide: TapSide): { readonly Icon: typeof Box; readonly text: string } {
  if (tapSide === 'c-p') return { Icon: ArrowUpRight, text: 'seen at the calling process' };
  if (tapSide === 's-p') return { Icon: ArrowDownLeft, text: 'seen at the serving process' };
  if (tapSide === 'c-app' || tapSide === 's-app' || tapSide === 'app') {
    return { Icon: Box, text: 'reported by the program itself' };
  }
  return { Icon: Cable, text: 'seen on a network interface' };
}
