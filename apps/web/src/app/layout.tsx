import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { THEME_SCRIPT } from '../ui/theme-script';
import { Providers } from '../views/shell/providers';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Causeway', template: '%s · Causeway' },
  description: 'Wireshark for distributed requests',
  icons: { icon: '/icon.svg' },
};

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant, needed before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
