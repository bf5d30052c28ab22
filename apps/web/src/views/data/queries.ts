import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  CaptureDetail,
  CaptureState,
  CaptureSummary,
  RelatedSpansView,
  SpanEvents,
  Status,
  TraceList,
  TraceQuery,
  TraceView,
} from '../../api/contract';
import { request, withJson } from './api-client';
import { type Place, placeApi } from './place';

/** While something grows it is asked for again this often; a new trace must be seen within two seconds. */
const GROWING_MS = 1000;
/** The list is looked at now and then for live captures that begin elsewhere. */
const IDLE_MS = 4000;
/** A trace that somebody reads need not follow as closely. */
const GROWING_TRACE_MS = 2000;
const PAGE_SIZE = 200;

/** The capture changes by itself: bytes arrive, or the ingest reads on. */
export function isGrowing(state: CaptureState): boolean {
  return state === 'receiving' || state === 'queued' || state === 'ingesting';
}

export function useStatus() {
  return useQuery({ queryKey: ['status'], queryFn: () => request<Status>('/api/status'), staleTime: 60_000 });
}

export function useCaptures() {
  return useQuery({
    queryKey: ['captures'],
    queryFn: async () => (await request<{ captures: CaptureSummary[] }>('/api/captures')).captures,
    refetchInterval: (query) => (query.state.data?.some((capture) => isGrowing(capture.state)) ? GROWING_MS : IDLE_MS),
  });
}

export function useCapture(place: Place) {
  return useQuery({
    queryKey: ['capture', placeApi(place)],
    queryFn: () => request<CaptureDetail>(placeApi(place)),
    enabled: place.kind === 'captures',
    refetchInterval: (query) => (query.state.data && isGrowing(query.state.data.state) ? GROWING_MS : false),
  });
}

export function useRenameCapture() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      request<CaptureSummary>(capturePath(id), withJson('PATCH', { name })),
    onSuccess: (_, { id }) => {
      client.invalidateQueries({ queryKey: ['captures'] });
      client.invalidateQueries({ queryKey: ['capture', capturePath(id)] });
    },
  });
}

export function useDeleteCapture() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<void>(capturePath(id), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['captures'] }),
  });
}

/** Pages of traces; `growing` keeps asking while the capture grows. */
export function useTraces(place: Place, filters: TraceQuery, growing: boolean, version = '') {
  return useInfiniteQuery({
    queryKey: ['traces', placeApi(place), filters, version],
    queryFn: ({ pageParam, signal }) =>
      request<TraceList>(`${placeApi(place)}/traces?${searchOf({ ...filters, ...pageParam, limit: PAGE_SIZE })}`, {
        signal,
      }),
    initialPageParam: {} as { cursor?: string },
    getNextPageParam: (page) => (page.nextCursor === undefined ? undefined : { cursor: page.nextCursor }),
    refetchInterval: growing ? GROWING_MS : false,
    placeholderData: keepPreviousData,
  });
}

export function useTrace(place: Place, span: string) {
  return useQuery({
    queryKey: ['trace', placeApi(place), span],
    queryFn: () => request<TraceView>(`${placeApi(place)}/traces/${encodeURIComponent(span)}`),
    staleTime: 30_000,
    refetchInterval: (query) => (query.state.data?.growing ? GROWING_TRACE_MS : false),
  });
}

/** What the trace may be assembled from; asked for once somebody wants to. */
export function useRelatedSpans(place: Place, span: string, enabled: boolean) {
  return useQuery({
    queryKey: ['related', placeApi(place), span],
    queryFn: () => request<RelatedSpansView>(`${placeApi(place)}/traces/${encodeURIComponent(span)}/related`),
    enabled,
    staleTime: 300_000,
  });
}

export function useSpanEvents(place: Place, span: string) {
  return useQuery({
    queryKey: ['events', placeApi(place), span],
    queryFn: () => request<SpanEvents>(`${placeApi(place)}/spans/${encodeURIComponent(span)}/events`),
    staleTime: 300_000,
  });
}

export function capturePath(id: string): string {
  return placeApi({ kind: 'captures', id });
}

function searchOf(query: TraceQuery): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return search.toString();
}
