using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// The writer's connection with what it knows: sources, lanes and the series that were used last. A transaction is <see cref="Begin"/>, any
/// number of greetings and batches, and <see cref="Commit"/>; what a rollback makes wrong is forgotten. Only the writer's thread uses it.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatements _sql;
    private readonly SqliteSources _sources;
    private readonly SqliteSeries _series;
    private long _dataVersion;

    public SqliteSession(SqliteConnection connection, StoreLimits limits, SqliteForwardProgress progress)
    {
        _connection = connection;
        try
        {
            _sql = new SqliteStatements(connection);
            _sources = new SqliteSources(_sql, limits);
            Forward = new SqliteForwardTables(_sql, limits, progress);
            _series = new SqliteSeries(_sql, limits, _sources, Forward);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What waits for the next hub.</summary>
    public SqliteForwardTables Forward { get; }

    public StoredCounts Counts { get; private set; } = new();

    public long SourceCount => _sources.Count;

    public void Begin()
    {
        _sql.Begin.Run();
        Counts = new StoredCounts();
        var version = DataVersion();
        if (version != _dataVersion)
        {
            Forget(); // another program has changed the database
            _dataVersion = version;
        }

        _sources.Load();
        Forward.Begin();
    }

    /// <summary>Writes what is collected in memory, so that statements see it.</summary>
    public void WriteSeries() => _series.Write();

    public void Commit()
    {
        WriteSeries();
        _sources.Write();
        _sql.Commit.Run();
        _series.Age();
        Forward.Committed();
    }

    public void Rollback()
    {
        Forget();
        try
        {
            _sql.Rollback.Run();
        }
        catch (SqliteException)
        {
            // SQLite has ended the transaction itself, as it does on a full disk.
        }
    }

    /// <exception cref="SourceRefusedException">The name belongs to another identity, or there are too many sources.</exception>
    public HelloAnswer Greet(string identity, Hello hello, long now)
    {
        var source = _sources.Find(hello.Source, identity) ?? _sources.Create(hello.Source, identity, now);
        _sources.Seen(source, now);
        var lane = source.Lanes.GetValueOrDefault(hello.Lane);
        var decision = MarkRules.Greet(lane?.State, hello);
        if (lane is null)
        {
            source.Lanes.Add(hello.Lane, lane = new LaneRow(hello.Lane, decision.Lane) { IsChanged = true });
        }
        else if (lane.State != decision.Lane)
        {
            lane.Stream = lane.State.Epoch == decision.Lane.Epoch ? lane.Stream : 0;
            (lane.State, lane.IsChanged) = (decision.Lane, true);
        }

        return new HelloAnswer(decision.Lane.Mark, decision.Lane.Epoch, null, decision.Status);
    }

    /// <param name="identity">Who the client is.</param>
    /// <param name="prepared">The batch.</param>
    /// <param name="now">Its arrival.</param>
    /// <param name="isCareful">Whether a message that alone makes the transaction fail is put aside, which takes longer.</param>
    /// <exception cref="SourceRefusedException">The name belongs to another identity.</exception>
    public AppendAnswer Append(string identity, PreparedBatch prepared, long now, bool isCareful = false)
    {
        var batch = prepared.Batch;
        var source = _sources.Find(batch.Source, identity);
        var lane = source?.Lanes.GetValueOrDefault(batch.Lane);
        var decision = MarkRules.Append(lane?.State, batch);
        if (source is not null)
        {
            _sources.Seen(source, now);
        }

        if (decision.Status == AppendStatus.Stored)
        {
            Store(source!, lane!, prepared, decision, now, isCareful);
        }

        return new AppendAnswer(decision.Mark, decision.Status);
    }

    /// <summary>Writes a row, to find out whether the store can store.</summary>
    public void Probe(long now) => _sql.Probe.With(now).Run();

    /// <summary>Deletes the oldest readings of a series.</summary>
    /// <returns>How many were deleted: fewer than <paramref name="limit"/> if no old one is left.</returns>
    public int DeleteReadings(long series, long before, int limit) => _series.DeleteReadings(series, before, limit);

    /// <summary>Deletes the oldest rollups of a series, likewise.</summary>
    public int DeleteRollups(long series, Resolution resolution, long before, int limit) =>
        _series.DeleteRollups(series, resolution, before, limit);

    public void Dispose()
    {
        _sql.Dispose();
        _connection.Dispose();
    }

    private void Store(
        SourceRow source, LaneRow lane, PreparedBatch prepared, AppendDecision decision, long now, bool isCareful)
    {
        var batch = prepared.Batch;
        Forward.Now = now;
        lane.Duplicates += decision.Duplicates;
        Counts.Duplicates += decision.Duplicates;
        lane.IsChanged |= decision.Duplicates > 0 || lane.Behind != batch.Behind || lane.State != decision.Lane!.Value;
        (lane.State, lane.Behind) = (decision.Lane!.Value, batch.Behind);
        for (var i = decision.Duplicates; i < batch.Messages.Count; i++)
        {
            var problem = prepared[i].Problem
                ?? (isCareful ? TryStore(source, lane, batch.Messages[i], prepared[i])
                    : _series.Store(source, lane, batch.Messages[i], prepared[i]));
            if (problem is null)
            {
                Forward.Add(source.Name, lane.Lane, batch.Messages[i]);
                lane.Messages++;
                Counts.Messages++;
            }
            else
            {
                PutAside(source, lane, batch.Messages[i], problem, now);
            }
        }

        foreach (var loss in decision.Losses)
        {
            _sql.InsertLoss.With(source.Id, (long)lane.Lane, batch.Epoch, loss.First, loss.Count, (long)loss.Reason, now).Run();
            lane.Lost = StoredCounts.Add(lane.Lost, loss.Count);
            Counts.Lost = StoredCounts.Add(Counts.Lost, loss.Count);
            source.HasNewLosses = true;
            source.IsChanged = true;
        }

        if (batch.Messages.Count > decision.Duplicates)
        {
            (lane.LastTime, lane.LastArrival) = (batch.Messages[^1].Time, now);
            Counts.Lags.Add((source.Name, lane.Lane, now, now - batch.Messages[^1].Time));
        }
    }

    /// <summary>
    /// Stores a message with a savepoint of its own. The series are written for each, so that no other message's are lost.
    /// </summary>
    private string? TryStore(SourceRow source, LaneRow lane, BatchMessage message, in PayloadValues values)
    {
        var (stream, before) = (lane.Stream, _sources.CountsOf(source));
        _series.Write();
        _sql.Savepoint.Run();
        try
        {
            var problem = _series.Store(source, lane, message, values);
            _series.Write();
            _sql.Release.Run();
            return problem;
        }
        catch (Exception e) when (SqliteErrors.MayComeFromData(e))
        {
            _sql.Reset(); // the error may have come while a statement had a row
            _sql.RollbackToSavepoint.Run();
            _sql.Release.Run();
            _series.Forget();
            lane.Stream = stream;
            _sources.Restore(source, before);
            return $"The store could not take the message: {e.Message}";
        }
    }

    private void PutAside(SourceRow source, LaneRow lane, BatchMessage message, string problem, long now)
    {
        var payload = message.Payload.Span;
        if (payload.Length > StoreLimits.DeadLetterBytes)
        {
            problem += $" Of its {payload.Length} bytes the first {StoreLimits.DeadLetterBytes} are kept.";
            payload = payload[..StoreLimits.DeadLetterBytes];
        }

        _sql.InsertDeadLetter.With(source.Id, message.Sequence, message.Time)
            .Bind(4, message.Topic).Bind(5, payload).Bind(6, problem).Bind(7, now).Run();
        lane.DeadLetters++;
        Counts.DeadLetters++;
        source.HasNewDeadLetters = true;
        source.IsChanged = true;
    }

    private void Forget()
    {
        _sources.Forget();
        _series.Forget();
    }

    private long DataVersion()
    {
        var version = _sql.DataVersion.Step() ? _sql.DataVersion.Long(0) : 0;
        _sql.DataVersion.Reset();
        return version;
    }
}
