import { CapturesPage } from '../views/captures/captures-page';

export default function Page() {
  return <CapturesPage />;
}
