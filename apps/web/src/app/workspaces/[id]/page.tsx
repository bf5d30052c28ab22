import { Suspense } from 'react';
import { WorkspacePage } from '../../../views/workspaces/workspace-page';

export default async function Page({ params }: { readonly params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <WorkspacePage place={{ kind: 'workspaces', id: decodeURIComponent(id) }} />
    </Suspense>
  );
}
