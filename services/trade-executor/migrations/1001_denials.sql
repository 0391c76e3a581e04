-- Up Migration
-- What risk said of the manual proposals that it denied. The order itself ends as DENIED.
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check check (state in
  ('PROPOSED', 'DENIED', 'AUTHORISED', 'SUBMITTING', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'REJECTED',
   'CANCEL_PENDING', 'CANCELED', 'EXPIRED', 'UNKNOWN'));
create index orders_proposed on orders (run) where state = 'PROPOSED';

create table denials (
  run             text not null,
  client_order_id text not null,
  code            text not null,
  message         text not null,
  primary key (run, client_order_id)
);

-- Down Migration
drop table denials;
drop index orders_proposed;
delete from orders where state = 'DENIED';
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check check (state in
  ('PROPOSED', 'AUTHORISED', 'SUBMITTING', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'REJECTED',
   'CANCEL_PENDING', 'CANCELED', 'EXPIRED', 'UNKNOWN'));
