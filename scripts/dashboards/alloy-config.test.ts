import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alloyFaults } from './alloy-faults.ts';

const text = readFileSync(join(import.meta.dirname, '../../alloy/config.alloy'), 'utf8');

describe('alloy/config.alloy', () => {
  it('is what Alloy takes, and names what there is', () => {
    expect(alloyFaults(text)).toEqual([]);
  });

  // Each closing bracket, the last first.
  const closing = [...text.matchAll(/^ *\}\]?$/gm)].map(({ index }) => index).reverse();
  it.each(closing)('is refused without the bracket at %i', (at) => {
    const end = text.indexOf('\n', at);
    expect(alloyFaults(text.slice(0, at) + text.slice(end + 1))).not.toEqual([]);
  });

  it.each([
    ['attrs.tag"', 'attrs.tagg"', 'stage.json: no line has attrs.tagg'],
    ['http://loki:3100', 'http://lokki:3100', 'lines go to http://lokki:3100/loki/api/v1/push'],
    ['/loki/api/v1/push', '/loki/api/v1/pull', 'lines go to http://loki:3100/loki/api/v1/pull'],
    ['    url = "http://loki:3100/loki/api/v1/push"\n', '', 'lines go to undefined'],
    [
      'loki.process.containers.receiver',
      'loki.process.container.receiver',
      'loki.process.container.receiver is of no component',
    ],
    [
      'local.file_match.containers.targets',
      'local.file_match.containers.target',
      'local.file_match.containers.target is of no component',
    ],
    ['loki.write.loki.receiver', 'loki.process.containers.receiver', 'loki.write.loki.receiver goes nowhere'],
    ['loki.write "loki"', 'loki.writer "loki"', 'loki.writer is not known'],
    ['loki.write "loki"', 'loki.write', 'loki.write has no label'],
    ['stage.docker { }', 'stage.dokcer { }', 'loki.process > stage.dokcer is not known'],
    ['sync_period ', 'sync_periode ', 'local.file_match: sync_periode is not known'],
    ['"10s"', '"10"', 'local.file_match: sync_period is no duration'],
    [
      'tail_from_end           = false',
      'tail_from_end           = "no"',
      'loki.source.file: tail_from_end is no boolean',
    ],
    ['service = "tag"', 'service = "tagg"', 'stage.labels: tagg was not found before'],
    ['cycle     = "cycle"', 'cycle     = "cycel"', 'stage.structured_metadata: cycel was not found before'],
    ['source            = "ts"', 'source            = "tz"', 'stage.timestamp: tz was not found before'],
    ['level  = "warn"', 'level  = "warn', 'what is "\\"warn'],
    [
      'forward_to = [loki.write',
      'forward_to = [loki.write.loki.receiver loki.write',
      '"," is missing, found loki.write.loki.receiver',
    ],
  ])('is refused when %j is %j', (from, to, fault) => {
    expect(text).toContain(from);
    expect(alloyFaults(text.replace(from, to))).toContainEqual(expect.stringContaining(fault));
  });
});
