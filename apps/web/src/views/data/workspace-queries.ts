import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { WorkspaceDetail, WorkspaceRequest, WorkspaceState, WorkspaceSummary } from '../../api/contract';
import { request, withJson } from './api-client';
import { type Place, placeApi } from './place';
import { useCapture } from './queries';

/** It is assembled again and again while one of its captures grows, so it is always looked at. */
const ASSEMBLING_MS = 1000;
const IDLE_MS = 4000;

export function isAssembling(state: WorkspaceState): boolean {
  return state === 'queued' || state === 'assembling';
}

export function useWorkspaces() {
  return useQuery({
    queryKey: ['workspaces'],
    queryFn: async () => (await request<{ workspaces: WorkspaceSummary[] }>('/api/workspaces')).workspaces,
    refetchInterval: (query) => (query.state.data?.some(({ state }) => isAssembling(state)) ? ASSEMBLING_MS : IDLE_MS),
  });
}

export function useWorkspace(place: Place) {
  return useQuery({
    queryKey: ['workspace', placeApi(place)],
    queryFn: () => request<WorkspaceDetail>(placeApi(place)),
    enabled: place.kind === 'workspaces',
    // A private one stays as it is.
    refetchInterval: (query) =>
      !place.isPrivate && (query.state.data && isAssembling(query.state.data.state) ? ASSEMBLING_MS : IDLE_MS),
  });
}

/** What the place is called, and, of a capture, what was seen of it. */
export function usePlace(place: Place) {
  const capture = useCapture(place);
  const workspace = useWorkspace(place);
  return { name: capture.data?.name ?? workspace.data?.name, capture: capture.data };
}

export function useCreateWorkspace() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: WorkspaceRequest) => request<WorkspaceSummary>('/api/workspaces', withJson('POST', wanted)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['workspaces'] }),
  });
}

export function useRenameWorkspace() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      request<WorkspaceSummary>(workspacePath(id), withJson('PATCH', { name })),
    onSuccess: (_, { id }) => {
      client.invalidateQueries({ queryKey: ['workspaces'] });
      client.invalidateQueries({ queryKey: ['workspace', workspacePath(id)] });
    },
  });
}

export function useDeleteWorkspace() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<void>(workspacePath(id), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['workspaces'] }),
  });
}

function workspacePath(id: string): string {
  return placeApi({ kind: 'workspaces', id });
}
