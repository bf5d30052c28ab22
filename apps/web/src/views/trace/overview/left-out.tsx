import type { PrunedTree } from '../../../api/contract';
import { serviceOf } from '../../../api/span-facts';
import type { Place } from '../../data/place';
import { formatPlural } from '../../format/quantity';
import { AppLink } from '../../shell/app-link';
import { traceHref } from '../trace-address';
import type { TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import { KEY_NAMES } from './overview-facts';
import styles from './trace-overview.module.css';

const SHOWN = 8;

interface LeftOutProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly others: boolean;
  readonly onOthers: (others: boolean) => void;
  readonly hiddenOthers: number;
}

/** Related trees that are no part of the trace: why the search met them, and a switch to see them beside it. */
export function LeftOut({ place, model, others, onOthers, hiddenOthers }: LeftOutProps) {
  const { pruned, prunedSpans } = model.view;
  return (
    <section data-testid="left-out">
      <h3 className={styles.title}>Left out</h3>
      <p className={styles.round}>
        The search also met {formatPlural(prunedSpans, 'span')} of other traces. They share a key with this one, but no
        rule ties them to it.
      </p>
      <label className={styles.switch}>
        <input
          type="checkbox"
          checked={others}
          onChange={(event) => onOthers(event.target.checked)}
          data-testid="show-left-out"
        />
        Show them beside the trace
      </label>
      {others && hiddenOthers > 0 && (
        <p className={styles.round}>{formatPlural(hiddenOthers, 'trace')} more are not drawn: there are too many.</p>
      )}
      <ul>
        {pruned.slice(0, SHOWN).map((tree) => (
          <li key={tree.root}>
            <AppLink className={styles.link} href={traceHref(place, tree.root)} title={reasonOf(tree, model)}>
              <span className={styles.what}>
                <TreeName model={model} tree={tree} />
                <span className={styles.reason}>{reasonOf(tree, model)}</span>
              </span>
              <span>{formatPlural(tree.spanCount, 'span')}</span>
            </AppLink>
          </li>
        ))}
      </ul>
      {pruned.length > SHOWN && <p className={styles.round}>{formatPlural(pruned.length - SHOWN, 'trace')} more.</p>}
    </section>
  );
}

function TreeName({ model, tree }: { readonly model: TraceModel; readonly tree: PrunedTree }) {
  const root = model.outside.get(tree.root);
  if (root === undefined) return <code>{tree.root}</code>;
  return (
    <>
      <b>{serviceOf(root)}</b> <code>{requestOf(root)}</code>
    </>
  );
}

/** `X-Request-ID abc is that of nginx GET /orders`. */
function reasonOf({ why }: PrunedTree, model: TraceModel): string {
  const other = model.byId.get(why.with)?.span ?? model.outside.get(why.with);
  const value = why.key.slice(why.key.lastIndexOf('|') + 1);
  const shared = `same ${KEY_NAMES[why.kind]} ${value}`;
  return other === undefined ? shared : `${shared} as ${serviceOf(other)} ${requestOf(other)}`;
}
