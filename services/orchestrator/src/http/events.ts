import { rawEndpoint } from '@fleet/shared/http';
import { figuresOf, type OrchestratorDeps } from './deps.ts';

export const getEvents = rawEndpoint<OrchestratorDeps>({
  method: 'get',
  path: '/events',
  summary: 'Server-sent events: changes of the trading state, cycles, fills',
  description:
    'Events `state`, `cycle` and `fill`, each told after its commit. Nothing is repeated: after a break ask GET /status.',
  tags: ['events'],
  produces: 'text/event-stream',
  errors: ['NOT_LEADER', 'TOO_MANY_LISTENERS'],
  handle: (deps, _request, response, context) => {
    figuresOf(deps);
    deps.hub.add(response, context.signal);
  },
});
