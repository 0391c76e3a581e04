import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase } from '@fleet/shared/service';
import { type NotifyConfig, readConfig, readPolicy } from './config.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { SlackCondition } from './delivery/slack-condition.ts';
import { slackPoster } from './delivery/slack-poster.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { type NotifyMetrics, notifyMetrics } from './metrics.ts';
import { notificationReader } from './notifying/notification-reader.ts';
import type { NotificationPolicy } from './notifying/policy.ts';
import { HANDLES, notifyingProcessor } from './notifying/processor.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const policy = readPolicy(config);
  const base = await openService(identity, config, resources, { signal });
  const slack = new SlackCondition(config.SLACK_BOT_TOKEN !== undefined);
  const dispatchers: Dispatcher[] = [];
  const waiting = () => dispatchers.reduce((sum, dispatcher) => sum + dispatcher.waiting, 0);
  const metrics = notifyMetrics(base.metrics, { waiting, slackState: () => slack.state });
  if (slack.state === 'not-configured')
    base.logger.warn('SLACK_BOT_TOKEN is not set: notifications are stored and logged, none is sent');
  const runner = await base.startRunner({
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
    deps: {
      reader: notificationReader(base.pool, base.run.run),
      submit: (input) => runner.submit(input),
      newId: randomUUID,
      wall: base.clock.wall,
    },
    status: () => ({ slack: { state: slack.state, faults: slack.faults, waiting: waiting() } }),
  });
  return {
    logger: base.logger,
    stopping: async () => {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.finish()));
    },
  };
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

interface ProcessorParts extends Omit<Parts, 'slack'> {
  readonly dispatcher: Dispatcher;
}

function processorOf({ base, policy, metrics, dispatcher }: ProcessorParts) {
  const { logger, config } = base;
  return notifyingProcessor({
    routing: { ...policy, slackConfigured: config.SLACK_BOT_TOKEN !== undefined },
    dispatcher,
    told: (told, raised) => {
      metrics.told(told, raised.severity);
      if (told.outcome !== 'stored-only') return;
      const fields = { notification: told.notificationId, ...raised };
      logger[raised.severity === 'info' ? 'info' : 'warn'](fields, `notification: ${raised.title}`);
    },
  });
}
