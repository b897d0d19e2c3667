-- Limits of the archive's role, for every connection that it opens. Run once, and after changing them:
--   sudo -u postgres psql --file=deploy/postgresql.sql
-- They end what would hold others up. Migrations lift the first one for themselves (deploy/upgrade).

-- No page, import or index needs a single statement of a minute.
ALTER ROLE archive SET statement_timeout = '60s';
-- A process that hangs inside a transaction would keep every other writer waiting.
ALTER ROLE archive SET idle_in_transaction_session_timeout = '10min';
-- A client that is gone is noticed while its statement runs.
ALTER ROLE archive SET client_connection_check_interval = '10s';
