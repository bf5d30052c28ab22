import type { Metadata } from 'next';
import { PrivatePage } from '../../views/private/private-page';

export const metadata: Metadata = { title: 'Private' };

export default function Page() {
  return <PrivatePage />;
}
