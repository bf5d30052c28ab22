import { FileCode2, Plus, Trash2 } from 'lucide-react';
import { IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { FileChooser } from '../../ui/file-chooser';
import { Notice } from '../../ui/notice';
import { setModules, usePrivateSession } from './private-session';
import styles from './protocols-dialog.module.css';

interface ProtocolsDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Modules with protocols of the user's own, which private files are read with. */
export function ProtocolsDialog({ open, onOpenChange }: ProtocolsDialogProps) {
  const { modules, looking, problem } = usePrivateSession();
  const add = async (files: readonly File[]) => {
    const added = await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() })));
    // One of the same name is a newer version of it.
    const kept = modules.filter(({ name }) => !added.some((each) => each.name === name));
    setModules([...kept, ...added]);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Protocols of your own"
      description="JavaScript modules that read protocols Causeway does not know. They are asked before the built-in ones, run in this tab beside the file, and can reach no network. Files that are open are read again."
      actions={
        <FileChooser
          kind="primary"
          icon={<Plus size={14} />}
          accept=".js,.mjs"
          testId="protocol-input"
          onFiles={(files) => void add(files)}
        >
          Add a module…
        </FileChooser>
      }
    >
      <div className={styles.body}>
        {problem?.code === 'bad-module' && (
          <Notice tone="danger" title="The module is of no use">
            {problem.message}
          </Notice>
        )}
        {modules.length > 0 && (
          <ul className={styles.list} aria-label="Modules" aria-busy={looking}>
            {modules.map((module) => (
              <li key={module.name} className={styles.module} data-testid="protocol-module">
                <FileCode2 size={14} />
                <span className={styles.name}>{module.name}</span>
                <IconButton
                  label={`Remove ${module.name}`}
                  onClick={() => setModules(modules.filter((each) => each !== module))}
                >
                  <Trash2 size={14} />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        {modules.length === 0 && (
          <p className={styles.none}>None yet. An example is in examples/protocols/ledger.js.</p>
        )}
      </div>
    </Dialog>
  );
}
