import type { HostClocks } from '@causeway/core';
import type { ServiceSummary, WorkspaceDetail, WorkspaceState, WorkspaceSummary } from '../api/contract';
import type { CaptureRecord } from './capture-record';
import { hostNames, spanSources } from './span-sources';

/** All that is known of a workspace beside its traces. */
export interface WorkspaceRecord {
  readonly id: string;
  readonly name: string;
  readonly state: WorkspaceState;
  readonly problem: string | undefined;
  /** By id. */
  readonly captures: readonly CaptureRecord[];
  /** The clocks that its traces were assembled by. */
  readonly hostClocks: HostClocks;
  readonly services: readonly ServiceSummary[];
  readonly spanCount: number;
  readonly traceCount: number;
  readonly errorTraceCount: number;
  readonly createdAt: string;
}

export function workspaceSummary(record: WorkspaceRecord): WorkspaceSummary {
  const { id, name, state, problem, spanCount, traceCount, errorTraceCount, createdAt } = record;
  return {
    ...{ id, name, state },
    ...(problem !== undefined && { problem }),
    captures: record.captures.map(({ id: capture, name: captureName, header }) => ({
      id: capture,
      name: captureName,
      ...(header?.hostName && { hostName: header.hostName }),
    })),
    ...{ spanCount, traceCount, errorTraceCount, createdAt },
  };
}

export function workspaceDetail(record: WorkspaceRecord): WorkspaceDetail {
  return {
    ...workspaceSummary(record),
    services: record.services,
    clocks: [...record.hostClocks.values()],
    hostNames: hostNames(spanSources(record.captures)),
  };
}
