import type { SpanProtocol } from '../span';
import { textOf } from './attributes';
import type { DescribedRequest } from './described-request';
import type { AttributeMap } from './reported-span';

const SYSTEMS: ReadonlyMap<string, SpanProtocol> = new Map([
  ['kafka', 'kafka'],
  ['rabbitmq', 'amqp'],
  ['nats', 'nats'],
  ['mqtt', 'mqtt'],
  ['pulsar', 'pulsar'],
  ['rocketmq', 'rocketmq'],
  ['activemq', 'openwire'],
]);

/** Messaging: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/, old and new names. */
export function describeMessaging(attributes: AttributeMap): DescribedRequest | undefined {
  const system = textOf(attributes, 'messaging.system');
  if (system === undefined) return undefined;
  const destination = textOf(attributes, 'messaging.destination.name', 'messaging.destination');
  return {
    protocol: SYSTEMS.get(system) ?? 'app',
    method: textOf(attributes, 'messaging.operation.name', 'messaging.operation.type', 'messaging.operation'),
    resource: destination,
    endpoint: textOf(attributes, 'messaging.destination.template') ?? destination,
  };
}
