import { pathEndpoint } from '../path-endpoint';
import type { MutableFields } from '../protocol-parser';
import { readTraceHeader } from '../trace-context';
import type { FieldName } from './field-names';
import { grpcCode, grpcMessage } from './grpc-status';
import type { FieldSink } from './hpack';

const GRPC_TYPE = 'application/grpc';

/**
 * What a header block says: RFC 9113, section 8.3, and gRPC over HTTP2
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Pseudo-headers come first; trailers have none.
 */
export class HeaderBlock implements FieldSink {
  /** Of the first field: tells headers from trailers. `unknown` = it was not seen. */
  first: 'none' | 'pseudo' | 'regular' | 'unknown' = 'none';
  method: string | undefined = undefined;
  path: string | undefined = undefined;
  status: string | undefined = undefined;
  /** The content type says gRPC, or a status of gRPC is there. */
  isGrpc = false;
  /** A field was referred to that was sent before it could be seen. */
  hasGaps = false;
  private authority: string | undefined = undefined;
  private host: string | undefined = undefined;
  private grpcStatus: string | undefined = undefined;
  private grpcMessage: string | undefined = undefined;
  private fields: MutableFields = {};

  /** `fields` takes the trace context as it comes. */
  reset(fields: MutableFields): this {
    this.first = 'none';
    this.method = undefined;
    this.path = undefined;
    this.status = undefined;
    this.isGrpc = false;
    this.hasGaps = false;
    this.authority = undefined;
    this.host = undefined;
    this.grpcStatus = undefined;
    this.grpcMessage = undefined;
    this.fields = fields;
    return this;
  }

  field(name: FieldName, value: string | undefined): void {
    if (this.first === 'none') {
      this.first = name === 'unknown' ? name : name === 'pseudo' || name.startsWith(':') ? 'pseudo' : 'regular';
    }
    if (name === 'unknown') this.hasGaps = true;
    if (value === undefined) return;
    switch (name) {
      case 'other':
      case 'pseudo':
      case 'unknown':
        return;
      case ':method':
        this.method = value;
        return;
      case ':path':
        this.path = value;
        return;
      case ':authority':
        this.authority = value;
        return;
      case ':status':
        this.status = value;
        return;
      case 'host':
        this.host = value;
        return;
      case 'content-type':
        if (value.startsWith(GRPC_TYPE)) this.isGrpc = true;
        return;
      case 'grpc-status':
        this.grpcStatus = value;
        this.isGrpc = true;
        return;
      case 'grpc-message':
        this.grpcMessage = value;
        return;
      default:
        readTraceHeader(name, value, this.fields);
    }
  }

  /** Puts the request that the block makes into `fields`. */
  fillRequest(fields: MutableFields): void {
    if (this.method !== undefined) fields.method = this.method;
    if (this.path !== undefined) {
      fields.resource = this.path;
      fields.endpoint = this.isGrpc ? this.path : pathEndpoint(this.path);
    }
    const domain = this.authority || this.host;
    if (domain) fields.domain = domain;
  }

  /** Puts the outcome that the block tells of into `fields`: of the response's head, its trailers, or both in one. */
  fillOutcome(fields: MutableFields): void {
    const code = this.status === undefined ? Number.NaN : Number(this.status);
    if (code >= 100 && code <= 599) {
      fields.statusCode = code;
      fields.status = code < 400 ? 'ok' : code < 500 ? 'client_error' : 'server_error';
    }
    if (this.grpcStatus === undefined || !/^[0-9]{1,9}$/.test(this.grpcStatus)) return;
    const grpc = Number(this.grpcStatus);
    const [name, status] = grpcCode(grpc);
    fields.status = status;
    // Both codes are numbers below 600 and do not meet: the one that tells of a failure is the one to see.
    if (grpc === 0) return;
    fields.statusCode = grpc;
    fields.exception = this.grpcMessage ? grpcMessage(this.grpcMessage) : name;
  }
}
