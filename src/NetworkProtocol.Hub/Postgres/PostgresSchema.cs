using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The tables of the store, in the schema hub. Times are milliseconds since 1970-01-01 UTC.</summary>
internal static class PostgresSchema
{
    /// <summary>The version of the tables, which a change of them increases.</summary>
    public const int Version = 2;

    /// <summary>The oldest server, which is the oldest that PostgreSQL's makers care for.</summary>
    private const int OldestServer = 13;

    /// <summary>
    /// Names are compared by their bytes, as SQLite does, so that a place in a list means the same in both. The rows that every transaction
    /// changes (latest, rollups, lanes) have no index on what changes and room in their pages, so that a change is written into the page of
    /// the old row and no index learns of it.
    /// </summary>
    private const string Create =
        """
        CREATE TABLE hub.version (version integer NOT NULL);
        CREATE TABLE hub.sources (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, identity text NOT NULL,
            first_seen bigint NOT NULL, last_seen bigint NOT NULL, series bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
        CREATE TABLE hub.lanes (
            source bigint NOT NULL, lane integer NOT NULL, epoch bigint NOT NULL, mark bigint NOT NULL, checksum bigint,
            stream bigint NOT NULL, messages bigint NOT NULL, duplicates bigint NOT NULL, lost bigint NOT NULL,
            dead_letters bigint NOT NULL, last_time bigint, last_arrival bigint, behind bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (source, lane)) WITH (fillfactor = 50);
        CREATE TABLE hub.streams (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL, lane integer NOT NULL, epoch bigint NOT NULL);
        CREATE TABLE hub.series (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL, topic text COLLATE "C" NOT NULL,
            field text COLLATE "C" NOT NULL, UNIQUE (source, topic, field));
        CREATE TABLE hub.latest (
            series bigint PRIMARY KEY, unit text NOT NULL, time bigint NOT NULL, value double precision, payload bytea)
            WITH (fillfactor = 50);
        CREATE TABLE hub.readings (
            series bigint NOT NULL, time bigint NOT NULL, stream bigint NOT NULL, sequence bigint NOT NULL, part integer NOT NULL,
            value double precision, payload bytea, PRIMARY KEY (series, time, stream, sequence, part)) PARTITION BY RANGE (time);
        CREATE TABLE hub.rollups (
            series bigint NOT NULL, resolution integer NOT NULL, start bigint NOT NULL, count bigint NOT NULL,
            sum double precision NOT NULL, min double precision NOT NULL, max double precision NOT NULL, last double precision NOT NULL,
            last_time bigint NOT NULL, PRIMARY KEY (series, resolution, start)) WITH (fillfactor = 70);
        CREATE INDEX rollups_by_start ON hub.rollups (resolution, start);
        CREATE TABLE hub.losses (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL, lane integer NOT NULL, epoch bigint NOT NULL,
            first bigint NOT NULL, count bigint NOT NULL, reason integer NOT NULL, at bigint NOT NULL);
        CREATE INDEX losses_by_source ON hub.losses (source, id);
        CREATE TABLE hub.dead_letters (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL, sequence bigint NOT NULL, time bigint NOT NULL,
            topic text NOT NULL, payload bytea NOT NULL, reason text NOT NULL, at bigint NOT NULL);
        CREATE INDEX dead_letters_by_source ON hub.dead_letters (source, id);
        CREATE TABLE hub.probe (id integer PRIMARY KEY, at bigint NOT NULL);
        """;

    /// <summary>Makes a store of version 1 one of version 2. A node with the program of version 1 goes on until it starts again.</summary>
    private const string Upgrade = "ALTER TABLE hub.lanes ADD COLUMN behind bigint NOT NULL DEFAULT 0;";

    /// <summary>
    /// What waits for the next hub. A database of an earlier program gets these tables when it is opened. The key of the outbox begins with
    /// the lane, whose oldest rows are wanted; that of forward_rollups begins with what finds the rollups whose time is over.
    /// </summary>
    private const string Forward =
        """
        CREATE TABLE hub.outbox (
            id bigint GENERATED ALWAYS AS IDENTITY, lane integer NOT NULL, source text NOT NULL, time bigint NOT NULL, topic text NOT NULL,
            payload bytea NOT NULL, after_alarm bigint, PRIMARY KEY (lane, id));
        CREATE TABLE hub.forward_rollups (
            resolution integer NOT NULL, start bigint NOT NULL, series bigint NOT NULL, PRIMARY KEY (resolution, start, series));
        CREATE TABLE hub.forward_lanes (
            lane integer PRIMARY KEY, epoch bigint NOT NULL, is_fresh boolean NOT NULL, mark bigint NOT NULL, checksum bigint,
            lost bigint NOT NULL, dropped bigint NOT NULL, untold bigint NOT NULL, pending bigint[] NOT NULL) WITH (fillfactor = 50);
        """;

    /// <summary>
    /// Every row of these tables is deleted soon, and a search for the oldest ones steps over all deleted ones that are not vacuumed yet.
    /// The server's own setting waits for a share of the largest size.
    /// </summary>
    private const string Vacuum =
        """
        ALTER TABLE hub.outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
            toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000);
        ALTER TABLE hub.forward_rollups SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
        """;

    /// <summary>Makes sure that the server fits and that the tables exist. Nodes that start at once wait for each other.</summary>
    /// <exception cref="HubStoreException">The server or the tables do not fit.</exception>
    public static async Task PrepareAsync(string name, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new HubStoreException($"The hub's store ({name}) cannot be used: the server is PostgreSQL "
                + $"{connection.PostgreSqlVersion.Major}, and the hub needs {OldestServer} or newer.");
        }

        var encoding = await AskAsync<string>(connection, "SELECT current_setting('server_encoding')", cancellationToken);
        if (encoding != "UTF8")
        {
            throw new HubStoreException($"The hub's store ({name}) cannot be used: the database has the encoding {encoding}. "
                + "Create it with ENCODING 'UTF8' TEMPLATE template0.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await AskAsync<object>(connection, $"SELECT pg_advisory_xact_lock({PostgresLocks.Schema})", cancellationToken);
        var version = await VersionAsync(name, connection, cancellationToken);
        if (version > Version)
        {
            throw new HubStoreException($"The hub's store ({name}) has version {version}, and this program knows versions up to {Version}: "
                + "a newer program has written it. Use that program, or restore the backup that was taken before it.");
        }

        if (version == 0)
        {
            await ExecuteAsync(connection, $"{Create} INSERT INTO hub.version VALUES ({Version});", cancellationToken);
        }
        else if (version < Version)
        {
            await ExecuteAsync(connection, $"{Upgrade} UPDATE hub.version SET version = {Version};", cancellationToken);
        }

        if (await AskAsync<string>(connection, "SELECT to_regclass('hub.outbox')::text", cancellationToken) is null)
        {
            await ExecuteAsync(connection, Forward, cancellationToken);
        }

        if (await AskAsync<object>(
            connection, "SELECT 1 FROM pg_class WHERE oid = 'hub.outbox'::regclass AND reloptions IS NULL", cancellationToken) is not null)
        {
            await ExecuteAsync(connection, Vacuum, cancellationToken); // unless an operator has chosen
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <returns>0 if the schema is empty; it exists then.</returns>
    private static async Task<int> VersionAsync(string name, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await AskAsync<object>(connection, "SELECT 1 FROM pg_namespace WHERE nspname = 'hub'", cancellationToken) is null)
        {
            await ExecuteAsync(connection, "CREATE SCHEMA hub", cancellationToken);
            return 0;
        }

        if (await AskAsync<object>(connection, "SELECT to_regclass('hub.version')::text", cancellationToken) is string)
        {
            return await AskAsync<int>(connection, "SELECT max(version) FROM hub.version", cancellationToken);
        }

        return await AskAsync<object>(
            connection, "SELECT 1 FROM pg_class WHERE relnamespace = 'hub'::regnamespace LIMIT 1", cancellationToken) is null
            ? 0
            : throw new HubStoreException(
                $"The hub's store ({name}) cannot be used: its schema hub has tables of another program. "
                    + "Give the hub a database of its own.");
    }

    private static async Task<T?> AskAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is T found ? found : default;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
