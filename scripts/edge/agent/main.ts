// Runs inside a container and asks from there: a line of JSON in, a line of JSON out.
import { createInterface } from 'node:readline';
import { ask, type Question } from './ask.ts';

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...question } = JSON.parse(line) as Question & { id: number };
  void ask(question).then((answer) => process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`));
}
