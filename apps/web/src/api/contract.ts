import type {
  Coverage,
  HostClock,
  HostId,
  LossInterval,
  MissingEdge,
  ParentLink,
  PrunedSpan,
  RuleEvidence,
  SearchRound,
  Span,
  SpanId,
  SpanLink,
} from '@causeway/core';

/**
 * What the server answers and the pages ask: JSON, so times are numbers relative to a `timeOrigin` (decimal string,
 * nanoseconds since the Unix epoch) that stands beside them. Every error is `ApiError` with a 4xx or 5xx status.
 *
 *   GET    /api/status                                   Status
 *   GET    /api/captures                                 { captures: CaptureSummary[] }
 *   GET    /api/captures/:capture                        CaptureDetail
 *   PATCH  /api/captures/:capture       { name }         CaptureSummary
 *   DELETE /api/captures/:capture                        204
 *   GET    /api/captures/:capture/file                   the capture's bytes
 *   GET    /api/captures/:capture/traces?TraceQuery      TraceList
 *   GET    /api/captures/:capture/traces/:span           TraceView      of the tree that holds this span, whichever it is
 *   GET    /api/captures/:capture/traces/:span/related   RelatedSpansView  to assemble it otherwise
 *   GET    /api/captures/:capture/spans/:span/events     SpanEvents
 *   GET    /api/workspaces                               { workspaces: WorkspaceSummary[] }
 *   POST   /api/workspaces              WorkspaceRequest WorkspaceSummary
 *   GET    /api/workspaces/:workspace                    WorkspaceDetail
 *   PATCH  /api/workspaces/:workspace   { name?, captures? }  WorkspaceSummary
 *   DELETE /api/workspaces/:workspace                    204            its captures stay
 *   GET    /api/workspaces/:workspace/traces?TraceQuery  TraceList      over all its captures, as are the next three
 *   GET    /api/workspaces/:workspace/traces/:span       TraceView
 *   GET    /api/workspaces/:workspace/traces/:span/related  RelatedSpansView
 *   GET    /api/workspaces/:workspace/spans/:span/events SpanEvents
 *   POST   /api/uploads                 UploadRequest    Upload
 *   GET    /api/uploads/:upload                          Upload
 *   PUT    /api/uploads/:upload?offset=N  (raw bytes)    Upload         409 when offset is not `received`
 *   POST   /api/uploads/:upload/complete                 CaptureSummary 409 when bytes are missing
 *   GET    /api/private/captures/…, /api/private/workspaces/…   what GET answers above below a place, of files that were
 *                                                        opened privately: never sent, a worker of the page answers
 *   POST   /v1/traces                   spans in OTLP, as https://opentelemetry.io/docs/specs/otlp/#otlphttp has it
 */
export interface ApiError {
  readonly error: {
    /** Stable word, e.g. `not-found`, `not-a-capture`, `empty-file`, `unknown-version`, `database-unavailable`. */
    readonly code: string;
    /** One sentence that says what to do. */
    readonly message: string;
  };
}

export interface Status {
  readonly version: string;
  readonly database: 'embedded' | 'external';
  /** Whether this host could record, and the sentence that says what is missing when not. */
  readonly recording: { readonly possible: boolean; readonly reason?: string };
}

/** `receiving` = live and growing; `queued`, `ingesting`, `ready`, `failed` in the order of a job's life. */
export type CaptureState = 'receiving' | 'queued' | 'ingesting' | 'ready' | 'failed';
export type CaptureOrigin = 'upload' | 'live' | 'sample';

export interface CaptureSummary {
  readonly id: string;
  readonly name: string;
  readonly origin: CaptureOrigin;
  readonly state: CaptureState;
  /** The agent of a live capture is connected now. */
  readonly connected: boolean;
  /** Share of the file that is read, 0–1. */
  readonly progress: number;
  /** Why the state is `failed`, or what of the file was damaged and left out. */
  readonly problem?: string;
  readonly hostName?: string;
  readonly sizeBytes: number;
  readonly eventCount: number;
  readonly spanCount: number;
  readonly traceCount: number;
  /** Traces in which some span failed, `client_error` (4xx and the like) and `server_error` alike. */
  readonly errorTraceCount: number;
  /** Of the first and last event: nanoseconds since the epoch as decimal strings. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly createdAt: string;
}

export interface ServiceSummary {
  /** comm of the process, e.g. `nginx`. */
  readonly service: string;
  readonly protocols: readonly string[];
  readonly spanCount: number;
  /** Spans whose status is `client_error` or `server_error`. */
  readonly errorCount: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
}

export interface CaptureDetail extends CaptureSummary {
  readonly kernel?: string;
  readonly architecture?: string;
  readonly producer?: string;
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly payloadLimit?: number;
  readonly redactions?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly coverage?: Coverage;
  /** Damaged byte ranges and the like, one sentence each. */
  readonly damage: readonly string[];
  readonly services: readonly ServiceSummary[];
}

export interface WorkspaceRequest {
  readonly name: string;
  /** Ids of 1 to 64 captures. */
  readonly captures: readonly string[];
}

/** Once `ready` it is assembled anew when its captures change; what was listed stays until then. */
export type WorkspaceState = 'queued' | 'assembling' | 'ready' | 'failed';

/** Captures that are assembled together, e.g. those of several hosts. */
export interface WorkspaceSummary {
  readonly id: string;
  readonly name: string;
  readonly state: WorkspaceState;
  readonly problem?: string;
  readonly captures: readonly { readonly id: string; readonly name: string; readonly hostName?: string }[];
  readonly spanCount: number;
  readonly traceCount: number;
  readonly errorTraceCount: number;
  readonly createdAt: string;
}

export interface WorkspaceDetail extends WorkspaceSummary {
  readonly services: readonly ServiceSummary[];
  readonly clocks: readonly HostClock[];
  /** Names of hosts by id, as far as they are known. */
  readonly hostNames: Readonly<Record<string, string>>;
}

export interface TraceQuery {
  /** Free text: matched against root resource, endpoint, services, trace ids and X-Request-IDs. */
  readonly q?: string;
  readonly service?: string;
  readonly protocol?: string;
  readonly status?: 'ok' | 'error' | 'incomplete';
  readonly minDurationNs?: number;
  readonly maxDurationNs?: number;
  readonly minSpans?: number;
  readonly sort?: 'start' | '-start' | 'duration' | '-duration' | 'spans' | '-spans';
  readonly cursor?: string;
  readonly limit?: number;
}

export interface TraceRow {
  /** Id of the root span. */
  readonly id: string;
  readonly service: string;
  readonly protocol: string;
  readonly method?: string;
  readonly endpoint?: string;
  readonly resource?: string;
  readonly status: 'ok' | 'client_error' | 'server_error' | 'unknown';
  readonly statusCode?: string;
  /** Some span of the trace failed. */
  readonly hasError: boolean;
  readonly incomplete: boolean;
  /** Relative to `timeOrigin`. */
  readonly start: number;
  readonly durationNs: number;
  readonly spanCount: number;
  /** Services of the trace with their span counts, most first. */
  readonly services: readonly { readonly service: string; readonly spanCount: number }[];
}

export interface TraceList {
  readonly timeOrigin: string;
  readonly traces: readonly TraceRow[];
  /** Of all that match, not of this page. */
  readonly total: number;
  readonly nextCursor?: string;
}

/** Spans of another tree that the search found. */
export interface PrunedTree {
  readonly root: SpanId;
  readonly spanCount: number;
  /** Of the first of its spans. */
  readonly why: PrunedSpan;
}

/** What a host and its processes belong to, under OpenTelemetry's names, e.g. `container.id`. */
export interface HostTags {
  readonly hostId: HostId;
  readonly host: Readonly<Record<string, string>>;
  /** What the one who recorded gave to it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Processes that share attributes: those of a container. */
  readonly groups: readonly {
    readonly pids: readonly number[];
    readonly attributes: Readonly<Record<string, string>>;
  }[];
}

export interface TraceView {
  /** Of the capture or the workspace. */
  readonly captureId: string;
  readonly timeOrigin: string;
  readonly id: SpanId;
  readonly root: SpanId;
  readonly start: number;
  readonly end: number;
  /** Depth first, siblings by start. */
  readonly spans: readonly Span[];
  readonly links: readonly ParentLink[];
  readonly nearMisses: readonly RuleEvidence[];
  readonly rounds: readonly SearchRound[];
  readonly roundsExhausted: boolean;
  /** Related spans that the tree does not reach, by the tree that they are in; those with most of them first. */
  readonly pruned: readonly PrunedTree[];
  /** Of all trees, also of those that are not listed. */
  readonly prunedSpans: number;
  /** What the trace lacks, and whether losses could be the reason. */
  readonly missing: readonly MissingEdge[];
  /** Links over message queues that begin or end in the tree. */
  readonly spanLinks: readonly SpanLink[];
  /** Candidates named by near misses, ends of span links and spans of pruned trees, so that their evidence can be shown. */
  readonly outside: readonly Span[];
  /** Of the hosts and processes of its spans. */
  readonly tags: readonly HostTags[];
  /** A capture of it is still growing: more may come, and whose some calls were is found out at its end only (X04). */
  readonly growing: boolean;
  /** How far off the clocks of its hosts are. The times of the spans are as they were recorded. */
  readonly clocks: readonly HostClock[];
  /** Names of hosts by id, as far as they are known. */
  readonly hostNames: Readonly<Record<string, string>>;
}

/** All that the search from a span finds, so that its trace can be assembled by other rules and tolerances. */
export interface RelatedSpansView {
  readonly start: SpanId;
  /** In the order in which they were found, then the other ends of message-queue links. */
  readonly spans: readonly Span[];
  /** There are more; those that were found last are left out. */
  readonly omitted: number;
  /** The clocks to correct by; absent = to be found from the spans. */
  readonly hostClocks?: readonly HostClock[];
  readonly losses: readonly LossInterval[];
}

/** A raw kernel event as the details panel shows it. */
export interface RawEvent {
  readonly ordinal: number;
  readonly half: 'request' | 'response';
  readonly syscall: string;
  readonly direction: 'ingress' | 'egress';
  readonly enter: number;
  readonly exit: number;
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly fd: number;
  /** What the call returned. */
  readonly result: number;
  readonly tcpSeqEnter?: number;
  readonly tcpSeqExit?: number;
  readonly rttMicros?: number;
  /** Captured head of the payload, base64. */
  readonly payload: string;
}

export interface SpanEvents {
  readonly timeOrigin: string;
  readonly events: readonly RawEvent[];
  /** Events of the span that are not listed (see MAX_EVENTS_PER_MESSAGE). */
  readonly omitted: number;
}

export interface UploadRequest {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly received: number;
}
