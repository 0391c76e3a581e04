import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../compose/until.ts';
import type { AgentProcess } from '../agent/agent-process.ts';
import { badRequest, type EdgeCase, leadsToProgram, type RequestSpec } from '../cases/request-spec.ts';
import { rawRequest } from '../client/raw-request.ts';
import type { EdgeStand } from '../stand/edge-stand.ts';
import { type Evidence, evidence, handedToPrograms } from './evidence.ts';
import { expand } from './expand.ts';
import { layerOf, type Outcome, refusalFault, twinFault } from './judge.ts';
import type { People } from './people.ts';
import { question, wire } from './wire.ts';

export interface Running {
  readonly stand: EdgeStand;
  readonly people: People;
  readonly observer: AgentProcess;
  readonly intruder: AgentProcess;
  readonly signal: AbortSignal;
}

export interface CaseResult {
  readonly id: string;
  /** Undefined where it held. */
  readonly refusal: string | undefined;
  readonly twin: string | undefined;
  /** Where and with what the refusal came: `oauth2-proxy 401`. */
  readonly found: string;
}

/** Calls a minute that a service's own limit gives one address on its admin routes, with some to spare. */
const ADMIN_CALLS_MAX = 54;
const MINUTE_MS = 60_000;
const COUNTED_MS_MAX = 5_000;

/** One after the other, so that what was counted meanwhile is of this request. The twin first: a dead edge proves nothing. */
export class CaseRunner {
  readonly #running: Running;
  #adminCalls: number[] = [];
  #last: Omit<Evidence, 'programs'> | undefined;

  constructor(running: Running) {
    this.#running = running;
  }

  async run(one: EdgeCase): Promise<CaseResult> {
    this.#running.signal.throwIfAborted();
    const program = leadsToProgram(one.base);
    const twin = await this.#outcome(one.base, program);
    const bad = badRequest(one);
    const refused = await this.#outcome(bad, program);
    return {
      ...{ id: one.id, twin: twinFault(one, twin), refusal: refusalFault(one, bad, refused) },
      found: `${layerOf(bad, refused)} ${refused.status ?? refused.problem}`,
    };
  }

  async #outcome(spec: RequestSpec, program: boolean): Promise<Outcome> {
    const { stand, people, observer } = this.#running;
    await this.#pace(spec);
    const signIns = people.signIns;
    const filled = await expand(spec, stand, people);
    // Before the count: a sign-in that is needed for it asks the same programs.
    const send = await this.#prepared(filled);
    // Nothing else asks meanwhile, so the last count still holds.
    const last = signIns === people.signIns ? this.#last : undefined;
    const before = last ?? (await evidence(observer));
    const handedBefore = program ? await handedToPrograms(observer) : 0;
    const answer = await send();
    const passed = (answer.status ?? 0) >= 200 && (answer.status ?? 0) < 300;
    const handed = program ? await this.#handed(handedBefore + (passed ? 1 : 0)) : 0;
    const after = await evidence(observer);
    this.#last = after;
    return {
      ...answer,
      seen: {
        services: after.services - before.services,
        proxy: after.proxy - before.proxy,
        programs: handed - handedBefore,
      },
    };
  }

  /** Traefik counts once it has answered: what has passed is waited for. */
  async #handed(wanted: number): Promise<number> {
    const { observer, signal } = this.#running;
    let found = 0;
    const missing = async (): Promise<string | null> => {
      found = await handedToPrograms(observer);
      return found < wanted ? `${found} of ${wanted}` : null;
    };
    // That it never comes is the twin's fault, and said there.
    await until(COUNTED_MS_MAX, signal, missing).catch(() => signal.throwIfAborted());
    return found;
  }

  async #prepared(spec: RequestSpec): Promise<() => Promise<Omit<Outcome, 'seen'>>> {
    const { stand, people, intruder, observer } = this.#running;
    if (spec.from !== 'outside') {
      const asked = await question(spec, stand, people);
      const agent = spec.from === 'agents' ? intruder : observer;
      return async () => {
        const { status, body, error = '' } = await agent.ask(asked);
        return { ...(status === undefined ? {} : { status }), body, problem: error };
      };
    }
    const bytes = await wire(spec, stand, people);
    return async () => {
      const answer = await rawRequest(bytes);
      return answer.kind === 'answer'
        ? { status: answer.status, body: answer.body, problem: '' }
        : { body: '', problem: answer.problem };
    };
  }

  /** True when another case might go first meanwhile. */
  mustWait(one: EdgeCase): boolean {
    const calls = [one.base, badRequest(one)].filter(isPaced).length;
    return calls > 0 && this.#lastMinute().length + calls > ADMIN_CALLS_MAX;
  }

  #lastMinute(): readonly number[] {
    this.#adminCalls = this.#adminCalls.filter((at) => Date.now() - at < MINUTE_MS);
    return this.#adminCalls;
  }

  /** Waits until the service would not answer 429 for the number alone. */
  async #pace(spec: RequestSpec): Promise<void> {
    if (!isPaced(spec)) return;
    const [first] = this.#lastMinute();
    if (this.#adminCalls.length >= ADMIN_CALLS_MAX && first !== undefined)
      await sleep(first + MINUTE_MS - Date.now(), undefined, { signal: this.#running.signal });
    this.#adminCalls.push(Date.now());
  }
}

function isPaced({ from, path }: RequestSpec): boolean {
  return from === 'outside' && path.includes('/admin/');
}
