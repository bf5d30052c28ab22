import { Suspense } from 'react';
import { CapturePage } from '../../../views/traces/capture-page';

export default async function Page({ params }: { readonly params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <CapturePage place={{ kind: 'captures', id: decodeURIComponent(id) }} />
    </Suspense>
  );
}
