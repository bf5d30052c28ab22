import type { Route } from '../http/router';
import { otlpRoutes } from '../otlp/otlp-routes';
import { captureRoutes } from './captures';
import type { Services } from './services';
import { spanEventRoutes } from './span-events';
import { statusRoutes } from './status';
import { traceRoutes } from './traces';
import { uploadRoutes } from './uploads';

/** The whole API, as `src/api/contract.ts` lists it, and OTLP's. */
export function apiRoutes(services: Services): readonly Route[] {
  return [
    ...statusRoutes(services),
    ...captureRoutes(services),
    ...traceRoutes(services),
    ...spanEventRoutes(services),
    ...uploadRoutes(services),
    ...otlpRoutes(services.otlp),
  ];
}
