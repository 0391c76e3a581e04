-- Up Migration
-- Bars, signals and the state of the strategies, by run. Open and close times are epoch milliseconds UTC.

-- How far the sequence of bar sets has come. A row exists once the run's feed has begun.
CREATE TABLE feeds (
  run      text PRIMARY KEY,
  interval text NOT NULL,
  -- Open time of the last set, or -1 before the first bar that the venue has.
  cursor   bigint NOT NULL CHECK (cursor >= -1)
) WITH (fillfactor = 50);

-- One row a symbol: which strategy speaks for it, and the strategy's memory after the last bar.
CREATE TABLE symbol_states (
  run            text NOT NULL,
  symbol         text NOT NULL,
  -- Version that config/strategies.yaml last gave: another one there replaces what was deployed.
  config_version text NOT NULL,
  active         jsonb,
  pending        jsonb,
  snapshot       jsonb,
  last_bar       jsonb,
  last_signal    jsonb,
  stale          boolean NOT NULL,
  repaired_bars  integer NOT NULL CHECK (repaired_bars >= 0),
  PRIMARY KEY (run, symbol)
) WITH (fillfactor = 50);

CREATE TABLE bars (
  run       text NOT NULL,
  symbol    text NOT NULL,
  open_time bigint NOT NULL CHECK (open_time >= 0),
  interval  text NOT NULL,
  open      numeric NOT NULL CHECK (open > 0),
  high      numeric NOT NULL CHECK (high >= low),
  low       numeric NOT NULL CHECK (low > 0),
  close     numeric NOT NULL CHECK (close BETWEEN low AND high),
  volume    numeric NOT NULL CHECK (volume >= 0),
  PRIMARY KEY (run, symbol, open_time)
);

CREATE TABLE signals (
  run              text NOT NULL,
  symbol           text NOT NULL,
  open_time        bigint NOT NULL CHECK (open_time >= 0),
  cycle_id         text NOT NULL,
  strategy         text NOT NULL,
  strategy_version text NOT NULL,
  target           double precision NOT NULL CHECK (target BETWEEN 0 AND 1),
  stop_distance    double precision CHECK (stop_distance > 0),
  confidence       double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  reason           text NOT NULL,
  PRIMARY KEY (run, symbol, open_time)
);

-- Which version spoke for a symbol from which set on: a backtest of the same run is told these.
CREATE TABLE strategy_versions (
  run               text NOT NULL,
  symbol            text NOT NULL,
  first_open_time   bigint NOT NULL CHECK (first_open_time >= 0),
  strategy          text NOT NULL,
  strategy_version  text NOT NULL,
  parameters        jsonb NOT NULL,
  -- Name of the optimizer's version; null when it came from config/strategies.yaml.
  parameter_version text,
  -- The deployed version that this one took back.
  rollback_of       text,
  warm_up_bars      integer NOT NULL CHECK (warm_up_bars >= 0),
  PRIMARY KEY (run, symbol, first_open_time)
);

-- Views that somebody asked for.
CREATE TABLE analyses (
  run          text NOT NULL,
  analysis_id  text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  views        jsonb NOT NULL,
  PRIMARY KEY (run, analysis_id)
);

-- Down Migration
DROP TABLE analyses, strategy_versions, signals, bars, symbol_states, feeds;
