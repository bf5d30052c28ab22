'use client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import type { CaptureSummary } from '../../api/contract';
import { RequestError } from '../data/request-error';
import { browserTransport } from './browser-transport';
import { speedometer } from './speedometer';
import { uploadFile } from './upload-file';

/** One upload as the tray shows it. */
export interface UploadItem {
  readonly key: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  readonly state: 'sending' | 'waiting' | 'done' | 'failed';
  /** Why it waits or failed. */
  readonly reason?: string;
  /** The stable word of the error. */
  readonly code?: string;
  readonly capture?: CaptureSummary;
}

interface Uploads {
  readonly items: readonly UploadItem[];
  start(files: Iterable<File>): void;
  /** Stops an upload, or takes a finished one off the list. */
  remove(key: number): void;
  /** Tries a failed one again from where it stood. */
  resume(key: number): void;
}

interface Running {
  readonly file: File;
  readonly abort: AbortController;
  upload?: string;
}

const UploadsContext = createContext<Uploads | null>(null);

/** Uploads outlive the page they were begun on, so they are kept above all pages. */
export function UploadsProvider({ children }: { readonly children: ReactNode }) {
  const [items, setItems] = useState<readonly UploadItem[]>([]);
  const running = useRef(new Map<number, Running>());
  const lastKey = useRef(0);
  const client = useQueryClient();

  const change = useCallback((key: number, part: Partial<UploadItem>) => {
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);

  const send = useCallback(
    async (key: number, file: File, upload?: string) => {
      const own: Running = { file, abort: new AbortController(), ...(upload !== undefined && { upload }) };
      running.current.set(key, own);
      const speed = speedometer();
      try {
        const watcher = {
          onBegun: (id: string) => {
            own.upload = id;
          },
          onProgress: (sentBytes: number) =>
            change(key, { state: 'sending', sentBytes, bytesPerSecond: speed(sentBytes, performance.now()) }),
          onWaiting: (reason: string) => change(key, { state: 'waiting', reason, bytesPerSecond: 0 }),
        };
        const capture = await uploadFile(file, browserTransport(own.abort.signal), watcher, upload);
        change(key, { state: 'done', capture, sentBytes: file.size });
        client.invalidateQueries({ queryKey: ['captures'] });
      } catch (error) {
        if (own.abort.signal.aborted) return;
        const code = error instanceof RequestError ? error.code : 'unexpected';
        change(key, { state: 'failed', code, reason: error instanceof Error ? error.message : String(error) });
      }
    },
    [change, client],
  );

  const start = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        const key = ++lastKey.current;
        const item = { key, name: file.name, sizeBytes: file.size, sentBytes: 0, bytesPerSecond: 0 };
        setItems((all) => [...all, { ...item, state: 'sending' }]);
        void send(key, file);
      }
    },
    [send],
  );

  const remove = useCallback((key: number) => {
    running.current.get(key)?.abort.abort();
    running.current.delete(key);
    setItems((all) => all.filter((item) => item.key !== key));
  }, []);

  const resume = useCallback(
    (key: number) => {
      const own = running.current.get(key);
      if (own === undefined) return;
      change(key, { state: 'sending' });
      void send(key, own.file, own.upload);
    },
    [change, send],
  );

  const value = useMemo(() => ({ items, start, remove, resume }), [items, start, remove, resume]);
  return <UploadsContext.Provider value={value}>{children}</UploadsContext.Provider>;
}

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (uploads === null) throw new Error('useUploads needs an UploadsProvider above it');
  return uploads;
}
