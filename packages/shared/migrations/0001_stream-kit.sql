-- Up Migration
-- Tables of the stream kit, in each service's own schema (the search path points there).

-- One active consumer of a partition: who holds it, under which epoch, until when by this server's clock.
CREATE TABLE leases (
  partition  integer PRIMARY KEY CHECK (partition >= 0),
  run        text NOT NULL,
  holder     text NOT NULL,
  epoch      bigint NOT NULL CHECK (epoch > 0),
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Ids whose effect is committed. The same event has its own row in each group that has applied it.
CREATE TABLE inbox (
  run        text NOT NULL,
  grp        text NOT NULL,
  event_id   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run, grp, event_id)
);
CREATE INDEX inbox_by_time ON inbox USING brin (applied_at);

-- Events to publish, in the order of seq, which is assigned under the lease.
CREATE TABLE outbox (
  run          text NOT NULL,
  partition    integer NOT NULL,
  seq          bigint NOT NULL CHECK (seq > 0),
  event_id     text NOT NULL,
  stream       text NOT NULL,
  target       integer NOT NULL CHECK (target >= 0),
  fields       json NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  PRIMARY KEY (run, partition, seq)
);
CREATE INDEX outbox_unpublished ON outbox (run, partition, seq) WHERE published_at IS NULL;

-- Entries set aside: the one at fault and, behind it in order, those of its key. A key with rows here is held.
CREATE TABLE parked (
  position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run       text NOT NULL,
  partition integer NOT NULL,
  grp       text NOT NULL,
  stream    text NOT NULL,
  entry_id  text NOT NULL,
  event_id  text NOT NULL,
  key       text NOT NULL,
  type      text NOT NULL,
  fields    json NOT NULL,
  code      text NOT NULL,
  error     text NOT NULL,
  attempts  integer NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (run, partition, event_id)
);
CREATE INDEX parked_by_key ON parked (run, partition, key, position);

-- Facts that must outlive every process: the partition count, the Redis that was published to.
CREATE TABLE kit_settings (
  name  text PRIMARY KEY,
  value text NOT NULL
);

-- Down Migration
DROP TABLE kit_settings, parked, outbox, inbox, leases;
