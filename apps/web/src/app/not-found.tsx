import type { Metadata } from 'next';
import { FullPageMessage } from '../views/shell/full-page-message';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <FullPageMessage
      title="There is no such page"
      text="The address may be mistyped. All captures are listed on the first page."
    />
  );
}
