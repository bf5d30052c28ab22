'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { TooltipProvider } from '../../ui/tooltip';
import { createQueryClient } from '../data/query-client';
import { UploadArea } from '../uploads/upload-area';
import { UploadsProvider } from '../uploads/uploads-context';

export function Providers({ children }: { readonly children: ReactNode }) {
  const [client] = useState(() => createQueryClient());
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
