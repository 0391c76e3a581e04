-- Up Migration
-- What a study asks for and what became of it. Open studies (queued, running) drive the work, also after a crash.
create table studies (
  run               text not null,
  id                text not null,
  -- Order in which studies are worked on.
  position          bigint not null,
  state             text not null check (state in ('queued', 'running', 'completed', 'failed', 'canceled')),
  spec              jsonb not null,
  strategy          text not null,
  symbols           text[] not null,
  -- Epoch milliseconds UTC of market time; the ends are exclusive.
  train_from        bigint not null,
  train_to          bigint not null,
  test_from         bigint not null,
  test_to           bigint not null,
  -- What the first trial found: a study goes on only with the same rules and candles.
  started           jsonb,
  code              text,
  message           text not null,
  parameter_version text,
  request_id        text not null,
  requested_at      timestamptz not null,
  started_at        timestamptz,
  finished_at       timestamptz,
  primary key (run, id)
);
create index studies_open on studies (run, position) where state in ('queued', 'running');
create index studies_by_strategy on studies (strategy);

-- Every parameter set that was tried on a train period.
create table trials (
  run        text not null,
  study_id   text not null,
  index      integer not null check (index >= 0),
  parameters jsonb not null,
  objective  double precision,
  violations text[] not null,
  metrics    jsonb not null,
  primary key (run, study_id, index)
);

-- Every look at a test period; they are counted and never rank.
create table test_looks (
  run         text not null,
  study_id    text not null,
  trial_index integer not null,
  objective   double precision,
  metrics     jsonb not null,
  looked_at   timestamptz not null,
  primary key (run, study_id, trial_index)
);

-- The report's exact text, which its hash is of.
create table reports (
  run      text not null,
  study_id text not null,
  sha256   text not null check (length(sha256) = 64),
  body     text not null,
  primary key (run, study_id)
);

create table parameter_versions (
  run             text not null,
  id              text not null,
  strategy        text not null,
  symbols         text[] not null,
  parameters      jsonb not null,
  state           text not null check (state in ('pending', 'deployed', 'superseded', 'rejected')),
  study_id        text not null,
  report_sha256   text not null check (length(report_sha256) = 64),
  objective       text not null,
  train_objective double precision,
  test_objective  double precision,
  reason          text not null,
  decided_by      text,
  created_at      timestamptz not null,
  decided_at      timestamptz,
  primary key (run, id)
);
create index parameter_versions_by_time on parameter_versions (run, created_at desc);

-- What was deployed when, in order: what speaks for a symbol is what this list leaves on top.
create table deployments (
  run               text not null,
  position          bigint not null,
  parameter_version text not null,
  strategy          text not null,
  symbols           text[] not null,
  parameters        jsonb not null,
  -- The version that a rollback took off; null for a deployment.
  rollback_of       text,
  deployed_by       text not null,
  deployed_at       timestamptz not null,
  primary key (run, position)
);

-- Down Migration
drop table deployments, parameter_versions, reports, test_looks, trials, studies;
