'use client';
import { Upload } from 'lucide-react';
import { FileChooser } from '../../ui/file-chooser';
import { useUploads } from './uploads-context';

export function UploadButton() {
  const { start } = useUploads();
  return (
    <FileChooser kind="primary" icon={<Upload size={14} />} onFiles={start} testId="upload-input">
      Open capture…
    </FileChooser>
  );
}
