import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Question, Reply } from './ask.ts';

const ANSWER_MS_MAX = 60_000;

/** The program `agent` in a container or a network namespace of the test, asked from here. */
export class AgentProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 0;

  /** The program that starts it there, and that program's arguments. */
  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string) {
    this.#child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, ...reply } = JSON.parse(line) as Reply & { id: number };
      this.#waiting.get(id)?.(reply);
      this.#waiting.delete(id);
    });
    this.#child.on('close', () => {
      for (const tell of this.#waiting.values()) tell({ body: '', error: 'AGENT_GONE' });
      this.#waiting.clear();
    });
    this.#child.stderr.resume();
  }

  ask(question: Question): Promise<Reply> {
    const id = this.#next++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ body: '', error: 'AGENT_SILENT' });
      }, ANSWER_MS_MAX);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.#child.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
    });
  }

  async get(url: string): Promise<string> {
    const { origin, pathname, search } = new URL(url);
    const path = pathname + search;
    const reply = await this.ask({ target: origin, method: 'GET', path, headers: [], timeoutMs: 20_000 });
    if (reply.status !== 200) throw new Error(`${url}: ${reply.error ?? reply.status}`);
    return reply.body;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }
}
