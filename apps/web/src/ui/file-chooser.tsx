import { type ReactNode, useRef } from 'react';
import { Button } from './button';

interface FileChooserProps {
  readonly onFiles: (files: File[]) => void;
  readonly kind?: 'primary' | 'plain';
  readonly icon?: ReactNode;
  /** Endings of names, as in HTML. Default: any. */
  readonly accept?: string;
  readonly title?: string;
  readonly testId: string;
  readonly children: ReactNode;
}

/** A button that lets a person choose files, one or several. */
export function FileChooser({ onFiles, kind = 'plain', icon, accept, title, testId, children }: FileChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accept}
        data-testid={testId}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button kind={kind} icon={icon} title={title} onClick={() => input.current?.click()}>
        {children}
      </Button>
    </>
  );
}
