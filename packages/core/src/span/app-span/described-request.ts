import type { MessageStatus } from '../../message/message';
import type { SpanProtocol } from '../span';

/** What the attributes of a span say of the request that it stands for; undefined = they do not say. */
export interface DescribedRequest {
  readonly protocol: SpanProtocol;
  readonly method?: string | undefined;
  readonly resource?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly domain?: string | undefined;
  readonly version?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly statusCode?: number | string | undefined;
}
