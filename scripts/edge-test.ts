// scripts/edge-test comes here, on the pinned Node and with an engine that answers.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Checklist, Unmet } from './compose/checklist.ts';
import { CASES } from './edge/cases/all-cases.ts';
import { checkAddresses } from './edge/run/address-checks.ts';
import { measure, summary } from './edge/run/bench.ts';
import { checkRenewal } from './edge/run/certificate-checks.ts';
import { checkCertifierAway, checkOwnFault } from './edge/run/certifier-checks.ts';
import { checkFaults } from './edge/run/fault-checks.ts';
import { checkGrafana } from './edge/run/grafana-checks.ts';
import { checkInFlight, checkRates } from './edge/run/limit-checks.ts';
import { checkOutage } from './edge/run/outage-checks.ts';
import { People } from './edge/run/people.ts';
import { checkReplays } from './edge/run/replay-checks.ts';
import { CaseRunner, type Running } from './edge/run/run-cases.ts';
import { checkSignIn } from './edge/run/sign-in-checks.ts';
import { checkLiveEvents, checkStreams } from './edge/run/stream-checks.ts';
import { leadBack, leading, leadToStreamer } from './edge/run/streamer.ts';
import { edgeStand, prepare } from './edge/stand/edge-stand.ts';
import { startStack, takeDown } from './edge/stand/lifecycle.ts';

const { values: options } = parseArgs({
  options: {
    /** Only cases whose id contains this. */
    only: { type: 'string' },
    /** Everything but the cases. */
    checks: { type: 'boolean', default: false },
    /** Instead of both: the time of a request through the edge, and directly. */
    bench: { type: 'boolean', default: false },
    /** Waits before taking down, for a look inside. */
    hold: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));

/** Programs in whose place the streamer stands for a while. */
const HELD_PROGRAMS = ['orchestrator', 'grafana', 'notification-manager', 'prometheus'];
const list = new Checklist(say);
const stand = await edgeStand(root, { signal: stop.signal, bench: options.bench });
say(
  `project ${stand.project.name}, ${stand.folder}, oauth2-proxy: ${stand.realProxy ? 'real' : 'double'}, Grafana: double`,
);
const closers: (() => void)[] = [];
try {
  await list.need('secrets and programs of the test are made', () => prepare(root, stand));
  await startStack(list, stand, stop.signal);
  const observer = stand.agent('observer');
  const intruder = stand.agent('intruder');
  closers.push(
    () => observer.close(),
    () => intruder.close(),
  );
  const running: Running = { stand, people: new People(stand), observer, intruder, signal: stop.signal };
  if (options.bench) await list.check('times', async () => summary(await measure(running, say)));
  else await runAll(running);
  if (options.hold) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
} catch (error) {
  if (!(error instanceof Unmet)) await list.check('the test ran to its end', () => Promise.reject(error));
} finally {
  for (const close of closers) close();
  await takeDown(list, stand, say);
}
const { passed, failed } = list.count;
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function runAll(running: Running): Promise<void> {
  if (!options.checks) await runCases(running);
  if (options.only !== undefined) return;
  await checkSignIn(list, running);
  await checkGrafana(list, running);
  await checkReplays(list, running);
  await checkAddresses(list, running, say);
  await checkLiveEvents(list, running);
  await checkBehindStreamer(running);
  await checkOutage(list, running);
  await checkCertifierAway(list, running);
  await checkFaults(list, running);
}

/** A program that holds its answers for as long as it is told, behind the routers of the real ones. */
async function checkBehindStreamer(running: Running): Promise<void> {
  await leadToStreamer(running, HELD_PROGRAMS);
  await checkStreams(list, running);
  await checkInFlight(list, running);
  await checkRenewal(list, running, leading(HELD_PROGRAMS));
  await checkOwnFault(list, running);
  await leadBack(running);
  await checkRates(list, running, say);
}

async function runCases(running: Running): Promise<void> {
  const runner = new CaseRunner(running);
  const left = CASES.filter(({ id }) => id.includes(options.only ?? ''));
  while (left.length > 0) {
    // What has to wait for a limit lets others go first.
    const at = left.findIndex((one) => !runner.mustWait(one));
    const [one] = left.splice(Math.max(0, at), 1);
    if (one === undefined) break;
    const result = await runner.run(one);
    list.note(`twin    ${one.id}`, result.twin);
    list.note(`refused ${one.id}: ${result.found}`, result.refusal);
  }
}
