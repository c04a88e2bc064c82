using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Sqlite;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub;

/// <summary>A hub's store in one SQLite file.</summary>
internal sealed class SqliteHubStore : IHubStore
{
    /// <summary>A transaction that takes this long is reported: edges wait, and their buffers fill.</summary>
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(10);

    /// <summary>How long the store may take to show that it has recovered.</summary>
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMilliseconds(300);

    private readonly SqliteFile _file;
    private readonly SqliteWriter _writer;
    private readonly SqliteReader _reader;
    private readonly SqliteRetention _retention;
    private readonly TimeProvider _time;

    public SqliteHubStore(string path, HubOptions options, HubMetrics metrics, TimeProvider time)
    {
        _time = time;
        _file = new SqliteFile(path);
        _writer = new SqliteWriter(_file, StoreLimits.Of(options), metrics, time);
        _reader = new SqliteReader(_file);
        _retention = new SqliteRetention(_writer, _reader, options.Retention, time);
        Forward = new SqliteForward(_writer, _reader, options.Retention, time);
        metrics.MeasureStore(() => _file.Length);
        metrics.MeasureDisk(() => _file.FreeBytes);
    }

    /// <summary>What the store keeps for the next hub.</summary>
    public SqliteForward Forward { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task OpenAsync(CancellationToken cancellationToken = default) => ProbeAsync(cancellationToken);

    public Task<HelloAnswer> HelloAsync(string identity, Hello hello, CancellationToken cancellationToken = default) =>
        _writer.DoAsync(session => session.Greet(identity, hello, Now), 1, cancellationToken);

    public async Task<AppendAnswer> AppendAsync(string identity, Batch batch, CancellationToken cancellationToken = default)
    {
        var prepared = new PreparedBatch(batch, Now);
        var answer = await _writer.DoAsync(
            session => session.Append(identity, prepared, Now),
            prepared.Weight,
            session => session.Append(identity, prepared, Now, isCareful: true),
            cancellationToken);
        Forward.Signal();
        return answer;
    }

    public async Task CheckAsync(CancellationToken cancellationToken = default)
    {
        if (_writer.Busy > LongestTransaction)
        {
            throw new HubStoreException($"The hub's store {_file.Path} has been writing for {_writer.Busy.TotalSeconds:0} s: "
                + "its disk is slow.")
            {
                IsTemporary = true,
            };
        }

        if (_writer.Failure is { } failure)
        {
            await ProbeAsync(failure, cancellationToken); // when no edge sends, nobody else would find out that the store works again
        }
    }

    public Task RetainAsync(DateTimeOffset now, CancellationToken cancellationToken = default) =>
        _retention.RunAsync(now, cancellationToken);

    public Task<Slice<SourceInfo>> SourcesAsync(HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Sources(query), cancellationToken);

    public Task<Slice<SeriesInfo>> SeriesAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Series(source, topic, query), cancellationToken);

    public Task<SeriesInfo?> FindSeriesAsync(long series, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.FindSeries(series), cancellationToken);

    public Task<Slice<Reading>> LatestAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Latest(source, topic, query), cancellationToken);

    public Task<Slice<Reading>> ReadingsAsync(
        long series, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Readings(series, span, query), cancellationToken);

    public Task<Slice<Rollup>> RollupsAsync(
        long series, Resolution resolution, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Rollups(series, resolution, span, query), cancellationToken);

    public Task<Slice<DeadLetter>> DeadLettersAsync(
        string? source, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.DeadLetters(source, query), cancellationToken);

    public Task<Slice<LossInfo>> LossesAsync(string? source, HubQuery query, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Losses(source, query), cancellationToken);

    public Task<HubTotals> TotalsAsync(CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(SqliteQueries.Totals(_file), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync(); // first, so that the writer's is the last connection, which empties the log
        await _writer.DisposeAsync();
    }

    // A store that waits for a lock has not recovered, and who asks must not wait with it.
    private async Task ProbeAsync(HubStoreException failure, CancellationToken cancellationToken)
    {
        try
        {
            await ProbeAsync(cancellationToken).WaitAsync(LongestProbe, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw failure;
        }
    }

    private Task<bool> ProbeAsync(CancellationToken cancellationToken) => _writer.DoAsync(
        session =>
        {
            session.Probe(Now);
            return true;
        },
        1,
        cancellationToken);
}
