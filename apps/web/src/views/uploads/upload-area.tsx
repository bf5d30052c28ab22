import { FileDown, FileLock2 } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { PRIVATE_PAGE } from '../data/place';
import { useOpenPrivately } from '../private/open-privately';
import { PRIVATE_MEANS } from '../private/private-words';
import styles from './upload-area.module.css';
import { UploadTray } from './upload-tray';
import { useUploads } from './uploads-context';

/** The whole window takes files; where they are dropped says whether the server gets them. On private pages it never does. */
export function UploadArea({ children }: { readonly children: ReactNode }) {
  const { start } = useUploads();
  const openPrivately = useOpenPrivately();
  const isPrivate = usePathname() === PRIVATE_PAGE;
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
    const target = (event.target as Element).closest('[data-drop]')?.getAttribute('data-drop');
    if (isPrivate || target === 'private') openPrivately(event.dataTransfer.files);
    else if (target === 'upload') start(event.dataTransfer.files);
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
          {!isPrivate && (
            <div className={styles.target} data-drop="upload">
              <FileDown size={28} />
              <p className={styles.title}>Drop to open the capture</p>
              <p>.causeway.msgpack, .pcap or .pcapng, any size; several at once are fine</p>
              <p>The server keeps it, and others who use it see it.</p>
            </div>
          )}
          <div className={styles.target} data-drop="private">
            <FileLock2 size={28} />
            <p className={styles.title}>Drop to open it privately</p>
            <p>{PRIVATE_MEANS}</p>
          </div>
        </div>
      )}
      <UploadTray />
    </div>
  );
}
