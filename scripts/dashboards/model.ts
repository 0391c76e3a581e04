/** What a dashboard of the fleet is made of, before the SDK turns it into Grafana's JSON. */

/** Name of a container, as the label `service` of metrics and of log lines has it. */
export type Source =
  | 'orchestrator'
  | 'portfolio-manager'
  | 'market-analyst'
  | 'risk-manager'
  | 'trade-executor'
  | 'notification-manager'
  | 'redis'
  | 'postgres'
  | 'traefik'
  | 'prometheus'
  /** Of the services that are chosen above. */
  | '$service';

export interface Query {
  readonly expr: string;
  /** Name of the series; `{{label}}` is replaced. */
  readonly legend: string;
}

/** From this value on the figure has this colour; the first is the base. */
export type Step = readonly [from: number | null, color: Color];

/** Colours mean something: green is well, orange wants a look today, red wants somebody now, blue is no judgement. */
export type Color = 'green' | 'orange' | 'red' | 'blue' | 'text';

export interface PanelSpec {
  readonly kind: 'stat' | 'lines' | 'bars' | 'table' | 'timeline' | 'log-lines' | 'log-volume';
  readonly title: string;
  /** Sentences: what it shows, and what a person does when it looks wrong. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Where the lines of those who export it are. */
  readonly logsOf: Source;
  /** Page in docs/runbooks, without the ending. */
  readonly runbook?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly steps?: readonly Step[];
  /** Words for values. */
  readonly words?: Readonly<Record<string, readonly [text: string, color: Color]>>;
  /** Said where there is nothing, when that is an answer. */
  readonly noValue?: string;
  readonly stacked?: boolean;
}

/** Grafana's ids of units (constants of the SDK's `units`), and money. */
export type Unit =
  | 'short'
  | 'none'
  | 'percent'
  | 'percentunit'
  | 's'
  | 'bytes'
  | 'Bps'
  | 'ops'
  | 'reqps'
  | 'dtdurations'
  | 'suffix: USDT';

/** A row of panels of one height, side by side over the whole width. */
export interface Band {
  readonly height: number;
  readonly panels: readonly PanelSpec[];
}

export interface Section {
  readonly title: string;
  readonly bands: readonly Band[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The choice of services above the panels. */
  readonly variables: 'none' | 'service' | 'logs';
  readonly from: string;
  readonly refresh: string;
  readonly sections: readonly Section[];
}
