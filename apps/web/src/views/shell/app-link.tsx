import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ComponentProps, useCallback } from 'react';
import { PRIVATE_PAGE } from '../data/place';
import { goPrivately } from '../private/private-address';

/** From one private place to another the page stays, and so does the file. */
const staysPrivate = (href: string) => href.startsWith(`${PRIVATE_PAGE}#`) && window.location.pathname === PRIVATE_PAGE;

type AppLinkProps = Omit<ComponentProps<typeof Link>, 'href'> & { readonly href: string };

/** A link to a place or a trace, private or not. */
export function AppLink({ href, ...rest }: AppLinkProps) {
  if (!href.startsWith(PRIVATE_PAGE)) return <Link href={href} {...rest} />;
  return (
    <Link
      href={href}
      prefetch={false}
      onNavigate={(event) => {
        if (!staysPrivate(href)) return;
        event.preventDefault();
        goPrivately(href);
      }}
      {...rest}
    />
  );
}

/** Goes where `AppLink` would. */
export function useGo(): (href: string) => void {
  const router = useRouter();
  return useCallback((href) => (staysPrivate(href) ? goPrivately(href) : router.push(href)), [router]);
}
