import { createHash } from 'node:crypto';
import { defineError, isFleetError, safeError } from '@fleet/shared/errors';
import type { CallStore, Outcome } from '../calls/call-store.ts';
import type { FleetClient } from '../fleet/fleet-client.ts';
import { cleaned } from './clean-text.ts';
import type { Tool } from './tool.ts';

export const ToolUnknown = defineError({
  code: 'TOOL_UNKNOWN',
  title: 'There is no such tool',
  status: 404,
  retry: 'park',
  action: 'Use a name that tools/list or GET /mcp/status gives.',
});
export const ToolInputInvalid = defineError({
  code: 'TOOL_INPUT_INVALID',
  title: 'The arguments do not fit the tool',
  status: 400,
  retry: 'park',
  action: "Correct the arguments by the tool's input schema.",
});
export const ToolResultTooLarge = defineError({
  code: 'TOOL_RESULT_TOO_LARGE',
  title: 'The answer is too large to hand on',
  status: 502,
  retry: 'park',
  action: 'Ask for less (limit), or use the HTTP route of the service itself.',
});
export const TooManyToolCalls = defineError({
  code: 'TOO_MANY_TOOL_CALLS',
  title: 'Too many tools run at once',
  status: 429,
  retry: 'retry',
  action: 'Wait for the answers under way, then ask again.',
});
export const CallsNotRecorded = defineError({
  code: 'CALL_NOT_RECORDED',
  title: 'The call could not be recorded, so it was not made',
  status: 503,
  retry: 'retry',
  action: 'Ask again when the database of the hub is back.',
});

export interface ToolCall {
  readonly tool: string;
  readonly arguments: unknown;
  readonly via: 'mcp' | 'command';
  readonly caller: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface ToolDeskOptions {
  readonly tools: readonly Tool[];
  readonly fleet: FleetClient;
  readonly store: CallStore;
  readonly newId: () => string;
  readonly monotonic: () => number;
  readonly onCall: (tool: string, outcome: Outcome, latencyMs: number) => void;
  readonly onRecordFailed: (error: unknown, id: string) => void;
  readonly concurrentMax?: number;
  readonly timeoutMs?: number;
}

const CONCURRENT_MAX = 8;
const TOOL_MS_MAX = 8_000;
const RESULT_CHARACTERS_MAX = 200_000;
const NAME_CHARACTERS_MAX = 100;

/** Where every use of a tool passes, however it came: recorded first, bounded, cleaned, completed after. */
export class ToolDesk {
  readonly #options: ToolDeskOptions;
  #running = 0;

  constructor(options: ToolDeskOptions) {
    this.#options = options;
  }

  get tools(): readonly Tool[] {
    return this.#options.tools;
  }

  get running(): number {
    return this.#running;
  }

  /** The tool's answer. Throws the named errors of this file and of the fleet client. */
  async call(call: ToolCall): Promise<Readonly<Record<string, unknown>>> {
    const { newId, monotonic } = this.#options;
    const id = newId();
    const begun = monotonic();
    await this.#begin(id, call);
    try {
      const result = await this.#run(call);
      await this.#finish(id, call, { outcome: 'ok', errorCode: null, latencyMs: monotonic() - begun });
      return result;
    } catch (error) {
      const outcome = isFleetError(error) && (error.status ?? 500) < 500 ? 'refused' : 'failed';
      const errorCode = isFleetError(error) ? error.code : 'INTERNAL';
      await this.#finish(id, call, { outcome, errorCode, latencyMs: monotonic() - begun });
      throw error;
    }
  }

  async #run(call: ToolCall): Promise<Readonly<Record<string, unknown>>> {
    const tool = this.#options.tools.find(({ name }) => name === call.tool);
    if (tool === undefined) throw new ToolUnknown(`no tool is named "${shortName(call.tool)}"`);
    const input = tool.input.safeParse(call.arguments ?? {});
    if (!input.success) throw new ToolInputInvalid(faultText(input.error.issues));
    if (this.#running >= (this.#options.concurrentMax ?? CONCURRENT_MAX)) throw new TooManyToolCalls();
    this.#running += 1;
    try {
      const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? TOOL_MS_MAX);
      const signal = AbortSignal.any([call.signal, timeout]);
      const { fleet } = this.#options;
      return bounded(await tool.run(input.data, { fleet, signal, requestId: call.requestId }));
    } finally {
      this.#running -= 1;
    }
  }

  async #begin(id: string, call: ToolCall): Promise<void> {
    try {
      await this.#options.store.begin({
        id,
        tool: shortName(call.tool),
        via: call.via,
        caller: call.caller,
        argumentsHash: hashOf(call.arguments),
        requestId: call.requestId,
      });
    } catch (cause) {
      throw new CallsNotRecorded(undefined, { cause });
    }
  }

  async #finish(id: string, call: ToolCall, end: Parameters<CallStore['finish']>[1]): Promise<void> {
    const known = this.#options.tools.some(({ name }) => name === call.tool);
    this.#options.onCall(known ? call.tool : 'unknown', end.outcome, end.latencyMs);
    // The answer is there: a row that stays `begun` and a log line are better than withholding it.
    await this.#options.store
      .finish(id, end)
      .catch((error: unknown) => this.#options.onRecordFailed(error, id));
  }
}

/** SHA-256 of the arguments as JSON with sorted names: equal arguments have equal hashes, and none is stored. */
export function hashOf(input: unknown): string {
  const text = JSON.stringify(input ?? {}, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

function bounded(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const clean = cleaned(result) as Readonly<Record<string, unknown>>;
  const characters = JSON.stringify(clean).length;
  if (characters > RESULT_CHARACTERS_MAX)
    throw new ToolResultTooLarge(`it has ${characters} characters, ${RESULT_CHARACTERS_MAX} are allowed`);
  return clean;
}

function shortName(name: string): string {
  return String(cleaned(name)).slice(0, NAME_CHARACTERS_MAX);
}

function faultText(issues: readonly { readonly path: PropertyKey[]; readonly message: string }[]): string {
  const texts = issues.map(({ path, message }) => `${path.map(String).join('.') || 'arguments'}: ${message}`);
  return texts.join('; ').slice(0, 500);
}

/** What a client is told of a failure: our own words, never those of an unknown error. */
export function failureText(error: unknown): string {
  if (!isFleetError(error))
    return 'INTERNAL: something went wrong inside the hub; its log has the request id.';
  return `${error.code}: ${safeError(error).message} What to do: ${error.action}`;
}
