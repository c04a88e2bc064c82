using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The database: opens connections to it, makes sure that it has the tables, and measures it.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>For how long a measured size counts. Each measurement asks the file system for every partition.</summary>
    private static readonly TimeSpan SizeAge = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlMultiHostDataSource? _hosts;
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
        if (settings.Host!.Contains(',', StringComparison.Ordinal))
        {
            var hosts = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
            (_source, _hosts) = (hosts.WithTargetSession(TargetSessionAttributes.Primary), hosts); // a standby can store nothing
        }
        else
        {
            _source = NpgsqlDataSource.Create(settings);
        }
    }

    /// <summary>The address of the database, without the user and the password.</summary>
    public string Name { get; }

    /// <summary>The size of the tables when it was measured last; 0 until then.</summary>
    public long Size => Interlocked.Read(ref _size);

    /// <summary>Opens a connection, and creates the tables if that has not been done.</summary>
    /// <exception cref="HubStoreException">The database cannot be used; the message says why.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await _source.OpenConnectionAsync(cancellationToken);
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

            throw Explain(e);
        }
    }

    public HubStoreException Explain(Exception error)
    {
        if (PostgresErrors.MeansMissingTables(error))
        {
            _isPrepared = false; // somebody has dropped them
        }

        return PostgresErrors.Explain(Name, error);
    }

    /// <summary>Closes the idle connections. After a restart of the server each of them would fail once.</summary>
    public void ForgetConnections() => (_hosts ?? _source).Clear();

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
        if (_hosts is not null)
        {
            await _hosts.DisposeAsync();
        }

        _preparing.Dispose();
    }

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
