-- Up Migration
-- One row for each use of a tool, written before it runs and completed after. Arguments are kept as a hash alone.
create table calls (
  id             uuid primary key,
  tool           text not null,
  via            text not null check (via in ('mcp', 'command')),
  caller         text not null,
  arguments_hash text not null check (arguments_hash ~ '^[0-9a-f]{64}$'),
  request_id     text not null,
  begun_at       timestamptz not null default now(),
  -- `begun` stays only where the process died, or Postgres went away, in the middle.
  outcome        text not null default 'begun' check (outcome in ('begun', 'ok', 'failed', 'refused')),
  error_code     text,
  latency_ms     double precision check (latency_ms >= 0)
);
create index calls_by_time on calls (begun_at desc);

-- Servers whose tools the hub offers, with the tools pinned by a hash of name, description and schema.
create table servers (
  name       text primary key,
  kind       text not null check (kind in ('built-in')),
  tools      jsonb not null,
  version    text not null,
  seen_at    timestamptz not null default now()
);

-- Down Migration
drop table servers, calls;
