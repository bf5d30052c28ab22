import { unstable_createAdapterProvider as createAdapterProvider, renderQueryString } from 'nuqs/adapters/custom';
import { useCallback, useMemo } from 'react';
import { fragment, goPrivately, useFragment } from './private-address';

/** Keeps what elsewhere stands behind the `?` of the address behind its `#`: what is searched for stays in the browser, too. */
export const FragmentState = createAdapterProvider(() => {
  const [, search = ''] = useFragment().split('?');
  const searchParams = useMemo(() => new URLSearchParams(search), [search]);
  const updateUrl = useCallback((next: URLSearchParams, { history }: { history: 'push' | 'replace' }) => {
    const [path = ''] = fragment().split('?');
    goPrivately(`#${path}${renderQueryString(next)}`, history === 'push' ? 'pushState' : 'replaceState');
  }, []);
  return { searchParams, updateUrl };
});
