using Npgsql;
using NpgsqlTypes;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// One transaction: takes the locks of the sources, asks <see cref="MarkRules"/>, and writes what is new, each table by one statement.
/// </summary>
internal sealed class PostgresTransaction(
    NpgsqlConnection connection, StoreLimits limits, PostgresSeriesCache cache, PostgresPartitions partitions)
{
    private const string Savepoint = "message";

    private readonly PostgresSources _sources = new(connection);
    private readonly PostgresSeriesFinder _series = new(connection, limits, cache);
    private readonly PostgresRows _rows = new(limits.Forward?.HasFlag(ForwardWhat.Rollups) == true);
    private readonly PostgresOutboxRows _outbox = new(limits.Forward?.HasFlag(ForwardWhat.Messages) == true);
    private readonly PostgresAside _aside = new();
    private readonly List<PostgresMessage> _messages = [];

    public StoredCounts Counts { get; } = new();

    /// <summary>How many sources there are; null if this transaction has not counted them.</summary>
    public long? SourceCount { get; private set; }

    /// <returns>
    /// The days that need a partition first, which another transaction has to create; none if this transaction is committed. They are those
    /// of messages that are new: a client that may not send must not make tables.
    /// </returns>
    public async Task<IReadOnlyCollection<long>> RunAsync(IReadOnlyList<PostgresWork> group)
    {
        string[] names = [.. group.Select(work => work.Source)];
        var transaction = await connection.BeginTransactionAsync();
        try
        {
            await _sources.LockAsync(names);
            PostgresGreeting[] first = [.. group.OfType<PostgresGreeting>().Where(greeting => !_sources.Has(greeting.Source))];
            if (first.Length > 0)
            {
                // A transaction that begins a source must hold no lock of another one: see PostgresLocks.
                await transaction.DisposeAsync();
                SourceCount = await PostgresSources.CreateAsync(connection, first, limits);
                transaction = await connection.BeginTransactionAsync();
                await _sources.LockAsync(names);
            }

            _series.Begin(_sources.SeriesTable);
            foreach (var work in group)
            {
                await DecideAsync(work);
            }

            var days = _messages.Where(message => message.Values.Problem is null).SelectMany(message => message.Days()).ToHashSet();
            if (!partitions.Cover(days))
            {
                return days;
            }

            if (group.Any(work => work.IsCareful))
            {
                await StoreOneByOneAsync(transaction);
            }
            else
            {
                await StoreAsync(_messages);
            }

            await using var batch = new NpgsqlBatch(connection);
            _rows.Write(batch);
            _outbox.Write(batch); // behind the rollups: what they count is sent before them, and nothing else
            _aside.Write(batch);
            _sources.Write(batch);
            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync();
            }

            await transaction.CommitAsync();
        }
        finally
        {
            await transaction.DisposeAsync();
        }

        _series.Committed();
        return [];
    }

    private async ValueTask DecideAsync(PostgresWork work)
    {
        work.Refusal = null;
        try
        {
            switch (work)
            {
                case PostgresGreeting greeting:
                    greeting.Answer = Greet(greeting);
                    break;
                case PostgresAppend append:
                    append.Answer = await AppendAsync(append);
                    break;
            }
        }
        catch (SourceRefusedException e)
        {
            work.Refusal = e; // it has changed nothing, so the others in the transaction go on
        }
    }

    private HelloAnswer Greet(PostgresGreeting greeting)
    {
        var source = _sources.Find(greeting.Source, greeting.Identity, greeting.Now)
            ?? throw StoreLimits.TooManySources(SourceCount ?? limits.Sources);
        var lane = source.Lanes.GetValueOrDefault(greeting.Hello.Lane);
        var decision = MarkRules.Greet(lane?.State, greeting.Hello);
        if (lane is null)
        {
            source.Lanes.Add(greeting.Hello.Lane, new LaneRow(greeting.Hello.Lane, decision.Lane) { IsChanged = true });
        }
        else if (lane.State != decision.Lane)
        {
            lane.Stream = lane.State.Epoch == decision.Lane.Epoch ? lane.Stream : 0;
            (lane.State, lane.IsChanged) = (decision.Lane, true);
        }

        return new HelloAnswer(decision.Lane.Mark, decision.Lane.Epoch, null, decision.Status);
    }

    private async ValueTask<AppendAnswer> AppendAsync(PostgresAppend append)
    {
        var batch = append.Prepared.Batch;
        var source = _sources.Find(append.Source, append.Identity, append.Now);
        var lane = source?.Lanes.GetValueOrDefault(batch.Lane);
        var decision = MarkRules.Append(lane?.State, batch);
        if (decision.Status == AppendStatus.Stored)
        {
            await TakeAsync(source!, lane!, append, decision);
        }

        return new AppendAnswer(decision.Mark, decision.Status);
    }

    private async ValueTask TakeAsync(SourceRow source, LaneRow lane, PostgresAppend append, AppendDecision decision)
    {
        var batch = append.Prepared.Batch;
        lane.Duplicates += decision.Duplicates;
        Counts.Duplicates += decision.Duplicates;
        lane.IsChanged |= decision.Duplicates > 0 || lane.Behind != batch.Behind || lane.State != decision.Lane!.Value;
        (lane.State, lane.Behind) = (decision.Lane!.Value, batch.Behind);
        foreach (var loss in decision.Losses)
        {
            _aside.Add(source, lane, batch.Epoch, loss, append.Now);
            lane.Lost = StoredCounts.Add(lane.Lost, loss.Count);
            Counts.Lost = StoredCounts.Add(Counts.Lost, loss.Count);
        }

        if (batch.Messages.Count == decision.Duplicates)
        {
            return;
        }

        var stream = await _sources.StreamOfAsync(source, lane);
        for (var i = decision.Duplicates; i < batch.Messages.Count; i++)
        {
            _messages.Add(new PostgresMessage(source, lane, stream, batch.Messages[i], append.Prepared[i], append.Now));
        }

        (lane.LastTime, lane.LastArrival) = (batch.Messages[^1].Time, append.Now);
        Counts.Lags.Add((source.Name, lane.Lane, append.Now, append.Now - batch.Messages[^1].Time));
    }

    private async Task StoreAsync(List<PostgresMessage> messages)
    {
        await _series.FindAsync(messages.Where(message => message.Values.Problem is null));
        foreach (var message in messages)
        {
            Count(message, message.Values.Problem ?? Collect(message));
        }

        await _series.InsertAsync();
        await _rows.CopyAsync(connection);
    }

    /// <summary>Stores each message with a savepoint of its own, and puts aside those that fail.</summary>
    private async Task StoreOneByOneAsync(NpgsqlTransaction transaction)
    {
        foreach (var message in _messages)
        {
            Count(message, message.Values.Problem ?? await TryStoreAsync(transaction, message));
        }
    }

    private async Task<string?> TryStoreAsync(NpgsqlTransaction transaction, PostgresMessage message)
    {
        var begun = _series.Begun;
        await transaction.SaveAsync(Savepoint);
        try
        {
            await _series.FindAsync([message]);
            var problem = Collect(message);
            await _series.InsertAsync();
            await _rows.CopyAsync(connection);
            await using var batch = new NpgsqlBatch(connection);
            _rows.Write(batch);
            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync();
            }

            await transaction.ReleaseAsync(Savepoint);
            return problem;
        }
        catch (Exception e) when (PostgresErrors.MayComeFromData(e))
        {
            await transaction.RollbackAsync(Savepoint);
            _series.Undo(begun);
            return $"The store could not take the message: {(e as PostgresException)?.MessageText ?? e.Message}";
        }
        finally
        {
            _rows.Clear();
        }
    }

    /// <returns>Why the message must be put aside; null if it is collected.</returns>
    private string? Collect(in PostgresMessage message)
    {
        // The series come first: a message that may not have all of them is put aside as a whole.
        foreach (var field in message.Fields())
        {
            if (_series.Require(message.Source, message.Message.Topic, field) is { } problem)
            {
                return problem;
            }
        }

        if (message.Values.Rollup is { } rollup)
        {
            _rows.Add(_series.Get(message.Source, message.Message.Topic, rollup.Field), rollup);
        }

        for (var i = 0; i < message.Values.Count; i++)
        {
            var value = message.Values[i];
            _rows.Add(
                _series.Get(message.Source, message.Message.Topic, value.Field), value, message.Stream, message.Message.Sequence, i);
        }

        if (message.Values.KeepsBytes)
        {
            _rows.Add(
                _series.Get(message.Source, message.Message.Topic, ""), message.Message, message.Stream, message.Values.Count);
        }

        return null;
    }

    private void Count(in PostgresMessage message, string? problem)
    {
        if (problem is null)
        {
            _outbox.Add(message);
            message.Lane.Messages++;
            Counts.Messages++;
        }
        else
        {
            _aside.Add(message, problem);
            message.Lane.DeadLetters++;
            Counts.DeadLetters++;
        }
    }
}
