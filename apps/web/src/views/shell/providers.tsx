'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { TooltipProvider } from '../../ui/tooltip';
import { RequestError } from '../data/api-client';
import { UploadArea } from '../uploads/upload-area';
import { UploadsProvider } from '../uploads/uploads-context';

/** A refusal will be refused again; only silence and a server's own trouble are worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof RequestError && (error.status === 0 || error.status >= 500);
}

export function Providers({ children }: { readonly children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: worthRetrying, retryDelay: 800 } } }),
  );
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <TooltipProvider delayDuration={350} skipDelayDuration={200}>
          <UploadsProvider>
            <UploadArea>{children}</UploadArea>
          </UploadsProvider>
        </TooltipProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
