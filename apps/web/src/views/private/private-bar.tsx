import { Blocks, Lock, X } from 'lucide-react';
import { createContext, useContext } from 'react';
import { Badge } from '../../ui/badge';
import { Button, IconButton } from '../../ui/button';
import { Tooltip } from '../../ui/tooltip';
import { PRIVATE_PAGE } from '../data/place';
import { goPrivately } from './private-address';
import styles from './private-bar.module.css';
import { closePrivate, usePrivateSession } from './private-session';
import { PRIVATE_MEANS } from './private-words';

/** Shows the protocols of the user's own. */
export const ChangeProtocols = createContext<() => void>(() => undefined);

/** In the header of all private pages: says that they are, and what can be done with it. */
export function PrivateBar() {
  const { opened, modules } = usePrivateSession();
  const changeProtocols = useContext(ChangeProtocols);
  return (
    <>
      <Tooltip text={PRIVATE_MEANS}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard gets to read what private means, too */}
        <span className={styles.badge} tabIndex={0} data-testid="private-badge">
          <Badge tone="ok">
            <Lock size={11} /> Private
          </Badge>
        </span>
      </Tooltip>
      <Button
        kind="quiet"
        icon={<Blocks size={14} />}
        aria-label="Protocols of your own"
        className={styles.protocols}
        onClick={changeProtocols}
        data-testid="open-protocols"
      >
        {modules.length === 0 ? 'Protocols…' : `Protocols (${modules.length})…`}
      </Button>
      {opened !== undefined && (
        <IconButton
          label="Close the file"
          onClick={() => {
            closePrivate();
            goPrivately(PRIVATE_PAGE);
          }}
        >
          <X size={16} />
        </IconButton>
      )}
    </>
  );
}
