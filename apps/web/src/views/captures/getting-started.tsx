'use client';
import { FileDown, FileLock2, Radio, SquareTerminal } from 'lucide-react';
import { useEffect, useState } from 'react';
import { CommandLine } from '../../ui/command-line';
import { OpenPrivately } from '../private/open-privately';
import { PRIVATE_MEANS } from '../private/private-words';
import styles from './getting-started.module.css';

/** How a capture comes to be: large when there is none yet, a quiet foot of the list otherwise. */
export function GettingStarted({ first }: { readonly first: boolean }) {
  // The address is the browser's, which the server does not know while it draws the first time
  const [origin, setOrigin] = useState('http://127.0.0.1:3000');
  useEffect(() => setOrigin(window.location.origin), []);
  return (
    <section className={styles.section} data-testid="getting-started">
      {first ? (
        <>
          <h2 className={styles.lead}>See every request, and why each edge is there</h2>
          <p className={styles.text}>
            A capture holds what the kernel saw of your programs: no change to them, no SDK. Record one, attach a
            running host, or drop a file somebody sent you.
          </p>
        </>
      ) : (
        <h2 className={styles.heading}>Add a capture</h2>
      )}
      <div className={styles.ways}>
        <div className={styles.way}>
          <h3 className={styles.wayTitle}>
            <SquareTerminal size={16} /> Record a program
          </h3>
          <CommandLine command="sudo npx causeway record -o shop.causeway.msgpack -- node shop.js" />
          <p className={styles.text}>
            Follows the program and all it starts. Programs that run already: <code>--comm nginx</code>,{' '}
            <code>--port 5432</code> or <code>--pid N</code>.
          </p>
        </div>
        <div className={styles.way}>
          <h3 className={styles.wayTitle}>
            <Radio size={16} /> Watch live
          </h3>
          <CommandLine command={`sudo npx causeway stream --to ${origin} --comm node`} />
          <p className={styles.text}>The capture appears in the list and its traces within two seconds.</p>
        </div>
        <div className={styles.way}>
          <h3 className={styles.wayTitle}>
            <FileDown size={16} /> Open a file
          </h3>
          <p className={styles.text}>
            Drop a <code>.causeway.msgpack</code>, <code>.pcap</code> or <code>.pcapng</code> on this page, or press
            “Open capture…”. Uploads resume after a broken connection. Sample captures come with Causeway, in its{' '}
            <code>captures</code> folder.
          </p>
        </div>
        <div className={styles.way}>
          <h3 className={styles.wayTitle}>
            <FileLock2 size={16} /> Open a file privately
          </h3>
          <p className={styles.text}>
            {PRIVATE_MEANS} Several files are read together. Drop them on the half of the page that says so, or choose
            them:
          </p>
          <div>
            <OpenPrivately testId="private-input-below" />
          </div>
        </div>
      </div>
    </section>
  );
}
