import { Suspense } from 'react';
import { TracePage } from '../../../../../views/trace/trace-page';

export default async function Page({ params }: { readonly params: Promise<{ id: string; span: string }> }) {
  const { id, span } = await params;
  return (
    <Suspense>
      <TracePage place={{ kind: 'captures', id: decodeURIComponent(id) }} span={decodeURIComponent(span)} />
    </Suspense>
  );
}
