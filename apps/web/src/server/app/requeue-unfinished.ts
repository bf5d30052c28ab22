import type { Services } from '../api/services';

/** After a restart: what was being read or received is taken up again. */
export async function requeueUnfinished({ database, jobs }: Services): Promise<void> {
  const unfinished = await database.prisma.capture.findMany({
    where: { state: { in: ['queued', 'ingesting', 'receiving'] } },
    select: { id: true, state: true },
    orderBy: { createdAt: 'asc' },
  });
  for (const { id, state } of unfinished) await jobs.enqueue(state === 'receiving' ? 'follow' : 'ingest', id);
}
