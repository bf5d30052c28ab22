import { join } from 'node:path';
import type { NextConfig } from 'next';

const config: NextConfig = {
  // The workspace packages are TypeScript source.
  transpilePackages: ['@causeway/core', '@causeway/replay'],
  turbopack: { root: join(import.meta.dirname, '../..') },
  // The server speaks for itself; types and lint have their own check.
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
};

export default config;
