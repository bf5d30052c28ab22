'use client';
import { FullPageMessage } from '../views/shell/full-page-message';

export default function ErrorPage({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return <FullPageMessage title="The page failed to draw" text={error.message} retry={reset} />;
}
