'use client';
import { FileDown } from 'lucide-react';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import styles from './upload-area.module.css';
import { UploadTray } from './upload-tray';
import { useUploads } from './uploads-context';

/** The whole window takes files. */
export function UploadArea({ children }: { readonly children: ReactNode }) {
  const { start } = useUploads();
  const [over, setOver] = useState(false);
  // Enter and leave come for every element passed, so they are counted
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  const onDragEnter = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    depth.current += 1;
    setOver(true);
  };
  const onDragLeave = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    depth.current -= 1;
    if (depth.current <= 0) setOver(false);
  };
  const onDrop = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    start(event.dataTransfer.files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; the file button is the way for the keyboard
    <div
      className={styles.area}
      onDragEnter={onDragEnter}
      onDragLeave={onDragLeave}
      onDragOver={(event) => carriesFiles(event) && event.preventDefault()}
      onDrop={onDrop}
    >
      {children}
      {over && (
        <div className={styles.overlay}>
          <div className={styles.target}>
            <FileDown size={28} />
            <p className={styles.title}>Drop to open the capture</p>
            <p>.causeway.msgpack, .pcap or .pcapng, any size; several at once are fine</p>
          </div>
        </div>
      )}
      <UploadTray />
    </div>
  );
}
