import type { Route } from '../http/router';
import { otlpRoutes } from '../otlp/otlp-routes';
import { captureRoutes } from './captures';
import type { Services } from './services';
import { createEventReader, spanEventRoutes } from './span-events';
import { statusRoutes } from './status';
import { traceRoutes } from './traces';
import { uploadRoutes } from './uploads';
import { workspaceRoutes } from './workspaces';

/** The whole API, as `src/api/contract.ts` lists it, and OTLP's. */
export function apiRoutes(services: Services): readonly Route[] {
  const events = createEventReader(services);
  return [
    ...statusRoutes(services),
    ...captureRoutes(services),
    ...traceRoutes(services),
    ...spanEventRoutes(services, events),
    ...workspaceRoutes(services, events),
    ...uploadRoutes(services),
    ...otlpRoutes(services.otlp),
  ];
}
