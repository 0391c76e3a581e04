import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from './all.ts';
import { buildDashboard } from './build.ts';
import type { PanelSpec } from './model.ts';
import { panelsOf, queriesOf, substituted } from './queries.ts';
import { titlesSaid, WITHOUT_PAGE } from './runbooks.ts';

const root = join(import.meta.dirname, '../..');
const PANELS = DASHBOARDS.flatMap((dashboard) =>
  panelsOf(dashboard).map((panel): [string, PanelSpec] => [`${dashboard.title}: ${panel.title}`, panel]),
);
const KNOWN_UNITS = new Set(Object.values(units).map(String));

interface Placed {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Linked extends Placed {
  readonly links?: readonly { readonly url: string }[];
}

describe.each(DASHBOARDS.map((spec) => [spec.title, spec] as const))('%s', (_title, spec) => {
  const built = JSON.parse(JSON.stringify(buildDashboard(spec))) as {
    readonly uid: string;
    readonly panels: readonly Placed[];
    readonly tags: readonly string[];
    readonly templating: { readonly list: readonly { readonly name: string }[] };
  };

  it('has ids and titles of its own', () => {
    const ids = built.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const titles = built.panels.filter(({ type }) => type !== 'row').map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(built.uid).toMatch(/^fleet(-[a-z]+)?$/);
    expect(built.tags).toContain('fleet');
  });

  it('has panels that fill their rows and lie on none of each other', () => {
    const cells = new Set<string>();
    for (const { title, gridPos: place } of built.panels) {
      expect(place.x + place.w, title).toBeLessThanOrEqual(24);
      expect(place.w, title).toBeGreaterThanOrEqual(3);
      for (let x = place.x; x < place.x + place.w; x += 1)
        for (let y = place.y; y < place.y + place.h; y += 1) {
          expect(cells.has(`${x} ${y}`), title).toBe(false);
          cells.add(`${x} ${y}`);
        }
    }
    const height = Math.max(...built.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(cells.size).toBe(height * 24);
  });

  it('starts with figures and names every variable that its queries use', () => {
    const [row, first] = built.panels;
    expect(row?.type).toBe('row');
    expect(first?.type).toBe(spec.variables === 'logs' ? 'timeseries' : 'stat');
    const names = new Set(built.templating.list.map(({ name }) => name));
    const used = panelsOf(spec).flatMap(({ queries }) =>
      queries.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? '')),
    );
    expect(used.filter((name) => !name.startsWith('__') && !names.has(name))).toEqual([]);
  });
});

describe('panels', () => {
  it('are many', () => expect(PANELS.length).toBeGreaterThan(100));

  it.each(PANELS)('say what they show, in which unit: %s', (_name, panel) => {
    expect(panel.description).toMatch(/^[A-Z].{20,}[.]$/s);
    expect(KNOWN_UNITS.has(panel.unit) || panel.unit.startsWith('suffix: ')).toBe(true);
    expect(panel.queries.length).toBeGreaterThan(0);
    for (const { expr, legend } of panel.queries) {
      expect(substituted(expr)).not.toMatch(/\$/);
      if (panel.kind !== 'log-lines') expect(legend).not.toBe('');
    }
  });

  it('colour what is judged, and rise from the first step on', () => {
    for (const [name, { steps }] of PANELS) {
      if (steps === undefined) continue;
      expect(steps[0]?.[0], name).toBeNull();
      const values = steps.slice(1).map(([from]) => from ?? Number.NEGATIVE_INFINITY);
      expect(values, name).toEqual([...values].sort((left, right) => left - right));
    }
  });

  it('link to their logs and to a runbook page that exists, or are known to have none', () => {
    for (const spec of DASHBOARDS) {
      const built = JSON.parse(JSON.stringify(buildDashboard(spec))) as { panels: readonly Linked[] };
      for (const { title, type, links = [] } of built.panels) {
        if (type === 'row') continue;
        const urls = links.map(({ url }) => url);
        expect(urls.filter((url) => url.startsWith('/d/fleet-logs?')).length, title).toBe(1);
        const pages = urls.flatMap((url) => /^[/]public[/]runbooks[/](.+)$/.exec(url)?.[1] ?? []);
        const reason = WITHOUT_PAGE[spec.uid]?.[title];
        expect(pages.length, `${spec.uid} ${title}`).toBe(reason === undefined ? 1 : 0);
        for (const page of pages) expect(existsSync(join(root, 'docs/runbooks', page)), page).toBe(true);
      }
    }
  });

  it('have what is said of runbooks by their titles', () => {
    const titles = DASHBOARDS.flatMap((spec) => panelsOf(spec).map(({ title }) => `${spec.uid} ${title}`));
    const own = DASHBOARDS.flatMap((spec) =>
      panelsOf(spec).flatMap(({ title, runbook }) => (runbook === undefined ? [] : [`${spec.uid} ${title}`])),
    );
    expect(titlesSaid().filter((said) => !titles.includes(said) || own.includes(said))).toEqual([]);
    expect(new Set(titlesSaid()).size).toBe(titlesSaid().length);
  });

  it('refuse a variable that nobody knows', () => {
    expect(() => substituted('up{service="$nobody"}')).toThrow(/nobody knows the variable \$nobody/);
    expect(queriesOf(DASHBOARDS, 'promql').length).toBeGreaterThan(120);
  });
});
