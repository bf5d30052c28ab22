'use client';
import { Upload } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../ui/button';
import { useUploads } from './uploads-context';

export function UploadButton() {
  const { start } = useUploads();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="upload-input"
        onChange={(event) => {
          if (event.target.files !== null) start(event.target.files);
          event.target.value = '';
        }}
      />
      <Button kind="primary" icon={<Upload size={14} />} onClick={() => input.current?.click()}>
        Open capture…
      </Button>
    </>
  );
}
