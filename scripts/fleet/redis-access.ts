import { catalog } from '@fleet/domain/events';
import { SERVICES, type ServiceName } from './services.ts';

/** Who may do what in Redis: the one table from which `redis/users.acl` is made. */

/** Services that write to a stream; who reads it stands in the catalog of events. */
const WRITERS: Readonly<Record<string, readonly ServiceName[]>> = {
  'market.bars': ['market-analyst'],
  'market.events': ['market-analyst'],
  'analysis.signals': ['market-analyst'],
  'portfolio.events': ['portfolio-manager'],
  // The executor proposes the orders of people.
  'risk.requests': ['portfolio-manager', 'trade-executor'],
  'risk.responses': ['risk-manager'],
  'exec.orders': ['risk-manager'],
  'exec.status': ['trade-executor'],
  'orchestrator.commands': ['orchestrator'],
  'opt.requests': ['orchestrator', 'parameter-optimizer'],
  'opt.results': ['parameter-optimizer'],
  'notify.events': [
    ...(['orchestrator', 'portfolio-manager', 'market-analyst', 'risk-manager'] as const),
    ...(['trade-executor', 'notification-manager', 'parameter-optimizer'] as const),
  ],
};

/** The kit's own stream: the orchestrator asks every reader through it to take parked entries back. */
const CONTROL = 'fleet.control';
/** Dead letters of inputs that came over HTTP. */
const LOCAL = 'local';

/** What every connection says. INFO tells that a server has loaded its file, and a restarted one by its run_id; TIME its clock. */
const CONNECTION = '-@all +ping +hello +auth +quit +select +info +time +client|setname';
/**
 * What the kit says beyond it. CLIENT KILL is left out: a reader does without. No service runs scripts: one that wrote
 * and then never ends could only be stopped by ending Redis, and loaded ones fill its memory.
 */
const KIT = `${CONNECTION} +client|id +client|unblock +multi +exec +unwatch`;
const READ = '+xreadgroup +xack +xgroup|create +xinfo|groups +xpending +xlen';
const TRIM = '+xtrim +xinfo|groups +xpending +xrange +xrevrange +xlen';

/** Commands and keys that go together: `(+set ~trading:state)`; one right does not reach the keys of another. */
interface Grant {
  readonly commands: string;
  readonly keys: readonly string[];
}

export function streamWriters(stream: string): readonly ServiceName[] {
  return WRITERS[stream] ?? [];
}

export function streamReaders(stream: string): readonly ServiceName[] {
  const groups = new Set(catalog.groupsOf(stream));
  return SERVICES.filter(({ schema }) => groups.has(schema)).map(({ name }) => name);
}

/** The text of `redis/users.acl`: PASSWORD stands where scripts/init-secrets puts the hashes. */
export function redisUsers(): string {
  const lines = SERVICES.map(({ name, schema }) => {
    const grants = grantsOf(name, schema);
    return userLine(name, grants.length === 0 ? CONNECTION : KIT, grants);
  });
  return `${[...HEAD, ...lines, ...OTHERS].join('\n')}\n`;
}

const HEAD = [
  '# Users of Redis, made by `pnpm generate` from scripts/fleet/redis-access.ts. scripts/init-secrets puts the hashes of',
  '# the passwords in the place of PASSWORD. Nobody comes in without a name; the healthcheck may say PING.',
  '# Nobody can be the default user, but Redis reads its append-only file as it: without rights a restart would drop all',
  '# that was written by MULTI or by a script of several commands (redis/redis#14541).',
  'user default off resetpass ~* &* +@all',
  'user probe on nopass -@all +ping',
  '# For people and scripts/rotate-secret.',
  'user operator on PASSWORD ~* &* +@all',
];

const OTHERS = [
  '# Sessions alone, under the name of its cookie (oauth2-proxy/oauth2-proxy.cfg); its lock is a script, sent with each call.',
  'user oauth2-proxy on PASSWORD -@all +ping +hello +auth +quit +select +client|setname +client|setinfo (+get +set +setex +del +exists +expire +pexpire +pttl +msetnx +mset +mget +getrange +eval +evalsha ~__Secure-fleet*)',
  '# Figures of the server, and of the streams their lengths and groups: no entry of any.',
  'user redis-exporter on PASSWORD -@all +ping +hello +auth +quit +select +client|setname +client|setinfo +info +config|get +slowlog|len +slowlog|get +latency|latest +latency|histogram +dbsize (+xinfo|stream +xinfo|groups +xinfo|consumers +xlen +type +exists +memory|usage ~*)',
];

function grantsOf(name: ServiceName, schema: string): readonly Grant[] {
  const read = catalog.streams.filter((stream) => streamReaders(stream).includes(name));
  const written = catalog.streams.filter((stream) => streamWriters(stream).includes(name));
  const streams = read.length === 0 ? [] : [...kitGrants(schema, read, written)];
  return [...streams, ...ownGrants(name)];
}

/** A reader's streams, what it writes (dead letters of what it reads among it), and the marker of how far it came. */
function kitGrants(schema: string, read: readonly string[], written: readonly string[]): readonly Grant[] {
  const sources = [...read, CONTROL];
  const dead = [...sources, LOCAL].map((stream) => `${stream}.dlq`);
  const targets = keysOf([...written, ...dead]);
  const marker = `~fleet.published.${schema}.*`;
  return [
    { commands: READ, keys: keysOf(sources) },
    { commands: '+xlen', keys: keysOf(dead) },
    { commands: '+xadd +exists', keys: targets },
    { commands: '+get +set +exists +watch', keys: [marker] },
  ];
}

function ownGrants(name: ServiceName): readonly Grant[] {
  const everything = keysOf([...catalog.streams, CONTROL].flatMap((stream) => [stream, `${stream}.dlq`]));
  switch (name) {
    case 'orchestrator':
      return [
        { commands: '+set', keys: ['~trading:state'] },
        { commands: '+xadd', keys: keysOf([CONTROL]) },
        { commands: TRIM, keys: [...everything, ...keysOf([`${LOCAL}.dlq`])] },
      ];
    case 'trade-executor':
      return [{ commands: '+get', keys: ['~trading:state'] }];
    default:
      return [];
  }
}

/** Of every partition. */
function keysOf(streams: readonly string[]): string[] {
  return streams.map((stream) => `~${stream}:{*}`);
}

function userLine(name: string, commands: string, grants: readonly Grant[]): string {
  const selectors = grants.map((grant) => `(${grant.commands} ${grant.keys.join(' ')})`);
  return ['user', name, 'on', 'PASSWORD', commands, ...selectors].join(' ');
}
