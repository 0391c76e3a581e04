import { endpoint, fieldFaults, ValidationFailed } from '@fleet/shared/http';
import { z } from 'zod';
import { figuresOf, type OrchestratorDeps, personsInput } from './deps.ts';
import { tradingSchema, tradingView } from './schemas.ts';

const SYMBOLS_MAX = 200;

export const postRun = endpoint({
  method: 'post',
  path: '/orchestrate/run',
  summary: 'Ask the analyst for its view of symbols now',
  description:
    'Bars drive the cycles by themselves; this asks for a view between them. It lifts no halt. The view is kept by the ' +
    'market analyst under the id that is answered.',
  tags: ['orchestrate'],
  body: z.strictObject({
    symbols: z
      .array(z.string().regex(/^[A-Z0-9]{4,20}$/))
      .min(1)
      .max(SYMBOLS_MAX)
      .optional(),
  }),
  status: 202,
  response: z.object({ analysisId: z.string(), symbols: z.array(z.string()), trading: tradingSchema }),
  errors: ['NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const symbols = [...new Set(body.symbols ?? deps.symbols)];
    const strangers = symbols.filter((symbol) => !deps.symbols.includes(symbol));
    if (strangers.length > 0) {
      const message = `${strangers.join(', ')}: not traded here; the symbols are ${deps.symbols.join(', ')}`;
      throw new ValidationFailed(message, fieldFaults([{ in: 'body', field: 'symbols', message }]));
    }
    const input = personsInput(deps, context, { reason: 'analysis requested', actor: context.address });
    await deps.submit('person.analyze', `person.analyze:${input.requestId}`, { ...input, symbols }, context);
    const { trading } = figuresOf(deps);
    return { analysisId: `orchestrator:${input.requestId}`, symbols, trading: tradingView(trading) };
  },
});
