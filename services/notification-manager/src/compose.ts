import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase, type ServiceRunner } from '@fleet/shared/service';
import { type NotifyConfig, readConfig, readPolicy } from './config.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { SlackCondition } from './delivery/slack-condition.ts';
import { slackPoster } from './delivery/slack-poster.ts';
import { alertsToken } from './http/alerts-token.ts';
import type { NotifyDeps } from './http/deps.ts';
import { api } from './http/routes.ts';
import { within } from './http/within.ts';
import { identity } from './identity.ts';
import { alertmanagerClient } from './incidents/alertmanager-client.ts';
import { Silencer } from './incidents/silencer.ts';
import { incidentsStatus } from './incidents/status.ts';
import { Timekeeper } from './incidents/timekeeper.ts';
import { slackPeople } from './interactions/people.ts';
import { type NotifyMetrics, notifyMetrics } from './metrics.ts';
import { notificationReader } from './notifying/notification-reader.ts';
import type { NotifyState } from './notifying/notify-state.ts';
import type { Button, NotificationPolicy, Routing } from './notifying/policy.ts';
import { HANDLES, notifyingProcessor } from './notifying/processor.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const policy = readPolicy(config);
  const base = await openService(identity, config, resources, { signal });
  const slack = new SlackCondition(config.SLACK_BOT_TOKEN !== undefined);
  const dispatchers: Dispatcher[] = [];
  let runner: ServiceRunner<NotifyState> | undefined;
  const incidents = () => incidentsOf(runner, config.STREAM_PARTITIONS);
  const waiting = () => dispatchers.reduce((sum, dispatcher) => sum + dispatcher.waiting, 0);
  const metrics = notifyMetrics(base.metrics, {
    waiting,
    oldestAt: () => oldestOf(dispatchers),
    wall: base.clock.wall,
    slackState: () => slack.state,
    openIncidents: () => incidents().filter(({ status }) => status === 'open'),
  });
  tellWhatIsMissing(base);
  runner = await base.startRunner({
    catalog,
    subscriptions: [
      { stream: 'notify.events', partitions: 'own' },
      { stream: 'opt.results', partitions: 'own' },
    ],
    handles: HANDLES,
    processor: () => {
      const dispatcher = newDispatcher({ base, policy, slack, metrics });
      dispatchers.push(dispatcher);
      return processorOf({ base, policy, metrics, dispatcher });
    },
  });
  await base.serve({
    endpoints: api.endpoints,
    deps: depsOf({ base, policy, metrics, runner }),
    status: () => ({
      slack: { state: slack.state, faults: slack.faults, waiting: waiting() },
      incidents: incidentsStatus(incidents()),
    }),
  });
  return {
    logger: base.logger,
    stopping: async () => {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.finish()));
    },
  };
}

function incidentsOf(runner: ServiceRunner<NotifyState> | undefined, partitions: number) {
  return Array.from({ length: partitions }, (_, partition) => runner?.state(partition)).flatMap((state) => [
    ...(state?.incidents.byId.values() ?? []),
  ]);
}

function tellWhatIsMissing({ config, logger }: ServiceBase<NotifyConfig>): void {
  if (config.SLACK_BOT_TOKEN === undefined)
    logger.warn('SLACK_BOT_TOKEN is not set: notifications are stored and logged, none is sent');
  if (config.SLACK_SIGNING_SECRET === undefined)
    logger.warn('SLACK_SIGNING_SECRET is not set: messages have no buttons');
}

interface DepsParts extends Pick<Parts, 'base' | 'policy' | 'metrics'> {
  readonly runner: ServiceRunner<NotifyState>;
}

function depsOf({ base, policy, metrics, runner }: DepsParts): NotifyDeps {
  const { config, logger } = base;
  return {
    reader: notificationReader(base.pool, base.run.run),
    submit: (input) => runner.submit(input),
    newId: randomUUID,
    wall: base.clock.wall,
    isAlertsToken: alertsToken({
      token: config.ALERTS_TOKEN,
      hashesFile: hashesFileOf(config),
      onFault: (fault) => logger.error({ fault }, 'the hashes of the alerts token cannot be read'),
    }),
    signingSecret: config.SLACK_SIGNING_SECRET,
    personOf: slackPeople({
      people: policy.slack.people,
      configDir: config.CONFIG_DIR,
      onFault: (fault) => logger.error({ fault }, 'the list of people cannot be read'),
    }),
    metrics,
    within,
  };
}

function hashesFileOf(config: NotifyConfig): string | undefined {
  return config.ACCESS_CONTROL === 'edge' ? join(config.ACCESS_DIR, 'alerts_token_hashes') : undefined;
}

function oldestOf(dispatchers: readonly Dispatcher[]): number | null {
  const times = dispatchers.flatMap(({ oldestAt }) => oldestAt ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

interface Parts {
  readonly base: ServiceBase<NotifyConfig>;
  readonly policy: NotificationPolicy;
  readonly slack: SlackCondition;
  readonly metrics: NotifyMetrics;
}

function newDispatcher({ base, policy, slack, metrics }: Parts): Dispatcher {
  const { config, logger, clock, resources } = base;
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = config;
  const dispatcher = new Dispatcher({
    post: token === undefined ? unconfiguredPost : slackPoster({ token, apiUrl }),
    delivery: policy.delivery,
    wall: clock.wall,
    sleep: (ms, over) => sleep(ms, undefined, { signal: over }),
    random: Math.random,
    onAttempt: (delivery, result) => {
      metrics.attempted(delivery, result.kind);
      if (result.kind === 'sent') metrics.settled(delivery, (clock.wall() - delivery.createdAt) / 1_000);
      const changed = result.kind !== 'expired' && slack.note(delivery.channel, result);
      const fields = { delivery: delivery.id, channel: delivery.channel, result };
      if (result.kind === 'refused' || result.kind === 'expired')
        logger.error(fields, 'a notification was not delivered');
      else if (changed) logger.warn(fields, `Slack is ${slack.state}`);
    },
    onSettleFailed: (err) => logger.warn({ err }, 'a delivery could not be booked yet'),
  });
  resources.add('deliveries', () => dispatcher.release());
  return dispatcher;
}

/** Rows from a time with a token wait, in case that it is set again. */
const unconfiguredPost = () =>
  Promise.resolve({
    kind: 'retry',
    error: 'SLACK_BOT_TOKEN is not set',
    afterMs: null,
    needsPerson: true,
  } as const);

const LOOK_MS = 1_000;

function newSilencer({ base, policy }: Pick<Parts, 'base' | 'policy'>): Silencer {
  const { config, logger, clock, resources } = base;
  const { ALERTMANAGER_URL: url, ALERTMANAGER_USER: user, ALERTMANAGER_PASSWORD: password } = config;
  const silencer = new Silencer({
    set: url === undefined ? unconfiguredSilence : alertmanagerClient({ url, user, password }),
    delays: policy.delivery,
    wall: clock.wall,
    sleep: (ms, over) => sleep(ms, undefined, { signal: over }),
    random: Math.random,
    onTried: ({ id }, result) => {
      const level = result.kind === 'done' ? 'info' : 'warn';
      logger[level]({ silence: id, result }, 'a silence was asked of Alertmanager');
    },
  });
  resources.add('silences', () => silencer.release());
  return silencer;
}

/** Rows from a time with an address wait a while, in case that it is set again. */
const unconfiguredSilence = () =>
  Promise.resolve({ kind: 'retry', error: 'ALERTMANAGER_URL is not set' } as const);

function newTimekeeper({ base, routing }: { base: Parts['base']; routing: Routing }): Timekeeper {
  const { logger, clock, resources } = base;
  const timekeeper = new Timekeeper({
    routing,
    wall: clock.wall,
    every: (look) => {
      const timer = setInterval(look, LOOK_MS);
      return () => clearInterval(timer);
    },
    onFailed: (err) => logger.warn({ err }, 'what is due could not be decided yet'),
  });
  resources.add('due incidents', () => timekeeper.release());
  return timekeeper;
}

function routingOf({ config }: ServiceBase<NotifyConfig>, policy: NotificationPolicy): Routing {
  const { SLACK_SIGNING_SECRET: secret, ALERTMANAGER_URL: alertmanager } = config;
  const answerable: readonly Button[] = alertmanager === undefined ? ['ack'] : ['ack', 'silence'];
  return {
    ...policy,
    slackConfigured: config.SLACK_BOT_TOKEN !== undefined,
    buttons: secret === undefined ? [] : answerable,
    runbookBase: config.RUNBOOK_BASE_URL,
  };
}

interface ProcessorParts extends Omit<Parts, 'slack'> {
  readonly dispatcher: Dispatcher;
}

function processorOf({ base, policy, metrics, dispatcher }: ProcessorParts) {
  const { logger } = base;
  const routing = routingOf(base, policy);
  return notifyingProcessor({
    routing,
    dispatcher,
    silencer: newSilencer({ base, policy }),
    timekeeper: newTimekeeper({ base, routing }),
    told: (told, raised) => {
      metrics.told(told, raised.severity);
      if (told.outcome !== 'stored-only') return;
      const fields = { notification: told.notificationId, ...raised };
      logger[raised.severity === 'info' ? 'info' : 'warn'](fields, `notification: ${raised.title}`);
    },
    alerted: (counts) => metrics.alerted(counts),
    untold: ({ action, message, incidentId }) => {
      if (action === 'update') return;
      logger.warn({ incident: incidentId, message }, 'a word on an incident is stored only');
    },
  });
}
