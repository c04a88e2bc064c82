using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The database: opens connections to it, makes sure that it has the tables, and measures it.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>For how long a measured size counts. Each measurement asks the file system for every partition.</summary>
    private static readonly TimeSpan SizeAge = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource _all;
    private readonly NpgsqlDataSource _source;
    private readonly Lazy<NpgsqlDataSource> _unpooled;
    private readonly SemaphoreSlim _preparing = new(1);
    private readonly TimeProvider _time;
    private volatile bool _isPrepared;
    private long _size;
    private long? _measuredAt;

    public PostgresDatabase(string connectionString, TimeProvider time)
    {
        var settings = PostgresSettings.Read(connectionString);
        _time = time;
        Name = $"PostgreSQL {settings.Host}{(settings.Host?.StartsWith('/') == true ? "" : $":{settings.Port}")}, "
            + $"database {settings.Database ?? settings.Username}";
        _all = PostgresSettings.Build(settings);
        _source = PrimaryOf(_all);
        _unpooled = new(() => PrimaryOf(PostgresSettings.BuildUnpooled(settings)));
    }

    /// <summary>The address of the database, without the user and the password.</summary>
    public string Name { get; }

    /// <summary>The series that this node knows of the database.</summary>
    public PostgresSeriesCache Series { get; } = new();

    /// <summary>The size of the tables when it was measured last; 0 until then.</summary>
    public long Size => Interlocked.Read(ref _size);

    /// <summary>Opens a connection, and creates the tables if that has not been done.</summary>
    /// <exception cref="HubStoreException">The database cannot be used; the message says why.</exception>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_source, cancellationToken);

    /// <summary>
    /// Opens a connection that may be used for a long time and whose locks end with it, because no pool keeps it. The server ends it when
    /// this node is gone or stands still for half a minute, and its commits are durable whatever the database's own settings say.
    /// </summary>
    /// <exception cref="HubStoreException">As for <see cref="OpenAsync(CancellationToken)"/>.</exception>
    public async Task<NpgsqlConnection> OpenUnpooledAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(_unpooled.Value, cancellationToken);
        try
        {
            // A server before version 14 does not notice a node that stands still and whose machine answers.
            var idle = connection.PostgreSqlVersion.Major >= 14 ? "set_config('idle_session_timeout', '30000', false), " : "";
#pragma warning disable CA2100 // it is one of two constants
            await using var settings = new NpgsqlCommand(
                $"SELECT {idle}set_config('idle_in_transaction_session_timeout', '30000', false), "
                + "set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
                + "set_config('tcp_keepalives_count', '4', false), "
                + "CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END",
                connection);
#pragma warning restore CA2100
            await settings.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw Explain(e);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
            if (!_isPrepared)
            {
                await PrepareAsync(connection, cancellationToken);
            }

            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (e is HubStoreException || (e is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                throw;
            }

            Series.Clear();
            throw Explain(e);
        }
    }

    /// <summary>Says what an error means, and forgets what it makes doubtful.</summary>
    public HubStoreException Explain(Exception error)
    {
        Notice(error);
        return PostgresErrors.Explain(Name, error);
    }

    /// <summary>Forgets what an error makes doubtful.</summary>
    public void Notice(Exception error)
    {
        if (PostgresErrors.MeansMissingTables(error))
        {
            _isPrepared = false; // somebody has dropped them
        }

        if (PostgresErrors.IsConnectionLost(error) || PostgresErrors.IsTimeout(error))
        {
            ForgetConnections();
        }
    }

    /// <summary>
    /// Closes the idle connections, and forgets the series. After the loss of the server each connection would fail once, and the next
    /// server need not have what this one had.
    /// </summary>
    public void ForgetConnections()
    {
        _all.Clear();
        Series.Clear();
    }

    /// <summary>Measures the size of the tables, their indexes and partitions, unless that was done a short time ago.</summary>
    public async Task<long> MeasureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_measuredAt is { } last && _time.GetElapsedTime(last) < SizeAge)
        {
            return Size;
        }

        await using var command = new NpgsqlCommand(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
            + "WHERE relkind = 'r' AND relnamespace = 'hub'::regnamespace",
            connection);
        Interlocked.Exchange(ref _size, (long)(await command.ExecuteScalarAsync(cancellationToken))!);
        _measuredAt = _time.GetTimestamp();
        return Size;
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        if (_all != _source)
        {
            await _all.DisposeAsync();
        }

        if (_unpooled.IsValueCreated)
        {
            await _unpooled.Value.DisposeAsync();
        }

        _preparing.Dispose();
    }

    // A standby can store nothing.
    private static NpgsqlDataSource PrimaryOf(NpgsqlDataSource source) =>
        source is NpgsqlMultiHostDataSource hosts ? hosts.WithTargetSession(TargetSessionAttributes.Primary) : source;

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _preparing.WaitAsync(cancellationToken);
        try
        {
            if (!_isPrepared)
            {
                await PostgresSchema.PrepareAsync(Name, connection, cancellationToken);
                _isPrepared = true;
            }
        }
        finally
        {
            _preparing.Release();
        }
    }
}
