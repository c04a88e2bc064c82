using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Postgres;
using NetworkProtocol.Hub.Storage;
using Npgsql;

namespace NetworkProtocol.Hub;

/// <summary>A hub's store in a database of PostgreSQL, which other hub nodes may use at the same time.</summary>
internal sealed class PostgresHubStore : IHubStore
{
    /// <summary>A transaction that takes this long is reported: edges wait, and their buffers fill.</summary>
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(10);

    private readonly PostgresDatabase _database;
    private readonly PostgresPartitions _partitions = new();
    private readonly PostgresWriter _writer;
    private readonly PostgresReader _reader;
    private readonly PostgresRetention _retention;
    private readonly TimeProvider _time;

    public PostgresHubStore(HubOptions options, HubMetrics metrics, TimeProvider time)
    {
        _time = time;
        _database = new PostgresDatabase(options.ConnectionString, time);
        _writer = new PostgresWriter(_database, _partitions, StoreLimits.Of(options), metrics, time);
        _reader = new PostgresReader(_database);
        _retention = new PostgresRetention(_database, _partitions, options.Retention, options.Forward.IsOn, time);
        Forward = new PostgresForward(_database, options.Retention, time);
        metrics.MeasureStore(() => _database.Size);
    }

    /// <summary>What the store keeps for the next hub.</summary>
    public PostgresForward Forward { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        await ProbeAsync(cancellationToken);
        await TotalsAsync(cancellationToken); // the metrics need the number of sources and the size
    }

    public Task<HelloAnswer> HelloAsync(string identity, Hello hello, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hello);
        return _writer.DoAsync(new PostgresGreeting(identity, hello, Now, cancellationToken), cancellationToken);
    }

    public async Task<AppendAnswer> AppendAsync(string identity, Batch batch, CancellationToken cancellationToken = default)
    {
        var now = Now;
        var answer = await _writer.DoAsync(
            new PostgresAppend(identity, new PreparedBatch(batch, now), now, cancellationToken), cancellationToken);
        Forward.Signal();
        return answer;
    }

    public async Task CheckAsync(CancellationToken cancellationToken = default)
    {
        if (_writer.Busy > LongestTransaction)
        {
            throw new HubStoreException(
                $"The hub's store ({_database.Name}) has been writing for {_writer.Busy.TotalSeconds:0} s: its server is slow.")
            {
                IsTemporary = true,
            };
        }

        // The server may be gone since the last edge has sent.
        await ProbeAsync(cancellationToken);

        // The probe writes one row, and a transaction of edges needs more: a partition for example, or room on another disk.
        if (_writer.LastFailure is { InnerException: { } inner } failure && !PostgresErrors.ProbeTells(inner))
        {
            throw new HubStoreException(failure.Message, inner) { IsTemporary = failure.IsTemporary };
        }
    }

    public Task RetainAsync(DateTimeOffset now, CancellationToken cancellationToken = default) =>
        _retention.RunAsync(now, cancellationToken);

    public Task<Slice<SourceInfo>> SourcesAsync(HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Sources(query), cancellationToken);

    public Task<Slice<SeriesInfo>> SeriesAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Series(source, topic, query), cancellationToken);

    public Task<SeriesInfo?> FindSeriesAsync(long series, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.FindSeries(series), cancellationToken);

    public Task<Slice<Reading>> LatestAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Latest(source, topic, query), cancellationToken);

    public Task<Slice<Reading>> ReadingsAsync(
        long series, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Readings(series, span, query), cancellationToken);

    public Task<Slice<Rollup>> RollupsAsync(
        long series, Resolution resolution, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Rollups(series, resolution, span, query), cancellationToken);

    public Task<Slice<DeadLetter>> DeadLettersAsync(
        string? source, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.DeadLetters(source, query), cancellationToken);

    public Task<Slice<LossInfo>> LossesAsync(string? source, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(PostgresQueries.Losses(source, query), cancellationToken);

    public async Task<HubTotals> TotalsAsync(CancellationToken cancellationToken = default)
    {
        var totals = await _reader.ReadAsync(PostgresQueries.Totals(_database), cancellationToken);
        _writer.Know(totals.Sources);
        return totals;
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _writer.DisposeAsync();
        await _database.DisposeAsync();
    }

    // Writes a row, because a server that answers may still have a full disk, or have become a standby.
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _database.OpenAsync(cancellationToken);
            await using var probe = new NpgsqlCommand(
                "INSERT INTO hub.probe VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at", connection)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = Now } },
            };
            await probe.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _database.ForgetConnections(); // the probe has waited too long, and the idle connections may be to the same lost host
            throw;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw _database.Explain(e);
        }
    }
}
