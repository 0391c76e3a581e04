import * as analysis from './analysis.ts';
import type { EventDefinition } from './definition.ts';
import * as execution from './execution.ts';
import * as market from './market.ts';
import * as notification from './notification.ts';
import * as optimization from './optimization.ts';
import * as orchestration from './orchestration.ts';
import * as portfolio from './portfolio.ts';
import * as risk from './risk.ts';

/** Every event type of the fleet, by stream. The order is that of the documentation. */
export const eventCatalog: readonly EventDefinition[] = [
  market.barClosed,
  market.marketDataStale,
  market.marketDataRecovered,
  analysis.signalProduced,
  portfolio.cyclePlanned,
  portfolio.positionChanged,
  portfolio.equityMarked,
  portfolio.orderProposed,
  portfolio.cancelProposed,
  risk.orderApproved,
  risk.orderDenied,
  risk.orderAuthorised,
  risk.cancelAuthorised,
  execution.orderAccepted,
  execution.orderFilled,
  execution.orderCanceled,
  execution.orderRejected,
  execution.orderExpired,
  execution.orderUnknown,
  execution.orderResolved,
  execution.accountSnapshot,
  execution.cashMoved,
  execution.reconciliationCompleted,
  execution.tradingStateApplied,
  orchestration.tradingStateChanged,
  orchestration.analyzeRequested,
  orchestration.flattenRequested,
  orchestration.cancelAllRequested,
  orchestration.dayOpened,
  orchestration.dayClosed,
  optimization.studyRequested,
  optimization.studyFinished,
  optimization.parametersDeployed,
  notification.notificationRaised,
];

/** Consumer groups that each stream must have: trimming waits for all of them. */
export const streamGroups: Readonly<Record<string, readonly string[]>> = {
  'market.bars': ['risk', 'portfolio', 'orchestrator'],
  'market.events': ['risk', 'portfolio', 'execution', 'orchestrator'],
  'analysis.signals': ['portfolio', 'orchestrator'],
  'portfolio.events': ['risk', 'orchestrator'],
  'risk.requests': ['risk'],
  'risk.responses': ['portfolio', 'execution', 'orchestrator'],
  'exec.orders': ['execution'],
  'exec.status': ['portfolio', 'risk', 'orchestrator'],
  'orchestrator.commands': ['analysis', 'portfolio', 'risk', 'execution', 'optimizer'],
  'opt.requests': ['optimizer'],
  'opt.results': ['analysis', 'notify'],
  'notify.events': ['notify'],
};

/** The catalog in the form that the stream kit takes: parse throws with the path of the first fault. */
export const catalog = {
  streams: Object.keys(streamGroups),
  groupsOf: (stream: string): readonly string[] => streamGroups[stream] ?? [],
  entry(type: string) {
    return entries.get(type);
  },
} as const;

const entries = new Map(
  eventCatalog.map((definition) => [
    definition.type,
    {
      type: definition.type,
      v: definition.v,
      stream: definition.stream,
      partitionBy: definition.partitionBy,
      parse: (data: unknown): unknown => {
        const parsed = definition.schema.safeParse(data);
        if (parsed.success) return parsed.data;
        const issue = parsed.error.issues[0];
        throw new Error(`${definition.type}: ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
      },
    },
  ]),
);
