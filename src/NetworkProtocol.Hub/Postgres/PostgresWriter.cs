using System.Threading.Channels;
using Npgsql;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// Writes what edges send. A few writers share one queue, each with a connection; a writer takes all work that waits into one transaction,
/// so that a commit serves as many edges as there are. Two writers that get work of one source come after one another: see
/// <see cref="PostgresSources"/>.
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    /// <summary>How many transactions run at once. More would share the same disk, and make smaller groups.</summary>
    private const int Writers = 4;

    /// <summary>
    /// How many values a transaction takes at most, so that nobody waits long for the others' part of it. Work that is larger alone has a
    /// transaction of its own.
    /// </summary>
    private const int TransactionWeight = 10_000;

    /// <summary>How much work waits here at most. The rest waits in its connections, whose memory the server limits.</summary>
    private const int QueueLength = 64;

    /// <summary>How often a transaction is tried that failed for a reason that is not its own.</summary>
    private const int Attempts = 3;

    /// <summary>For how long a failed transaction counts without another one.</summary>
    private static readonly TimeSpan FailureAge = TimeSpan.FromSeconds(30);

    private readonly Channel<PostgresWork> _queue = Channel.CreateBounded<PostgresWork>(QueueLength);
    private readonly long[] _busySince = new long[Writers];
    private readonly Lock _counting = new();
    private readonly PostgresDatabase _database;
    private readonly PostgresPartitions _partitions;
    private readonly StoreLimits _limits;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Task _ended;
    private volatile Failure? _failure;
    private long _sources;

    public PostgresWriter(
        PostgresDatabase database, PostgresPartitions partitions, StoreLimits limits, HubMetrics metrics, TimeProvider time)
    {
        (_database, _partitions, _limits, _metrics, _time) = (database, partitions, limits, metrics, time);
        _ended = Task.WhenAll(Enumerable.Range(0, Writers).Select(index => Task.Run(() => RunAsync(index))));
    }

    /// <summary>
    /// Why the last transaction failed; null if it did not. After <see cref="FailureAge"/> a failure is forgotten: a load balancer keeps
    /// the edges from a node that reports it, and then no transaction could succeed.
    /// </summary>
    public HubStoreException? LastFailure =>
        _failure is { } failure && _time.GetElapsedTime(failure.At) < FailureAge ? failure.Reason : null;

    /// <summary>How long the oldest transaction takes that is under way; zero without one.</summary>
    public TimeSpan Busy
    {
        get
        {
            var since = Enumerable.Range(0, Writers).Select(index => Interlocked.Read(ref _busySince[index])).Where(at => at > 0).ToArray();
            return since.Length == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since.Min());
        }
    }

    /// <summary>Tells how many sources there are, for the metrics.</summary>
    public void Know(long sources) => Interlocked.Exchange(ref _sources, sources);

    /// <summary>Does the work in a transaction, and returns when it is committed.</summary>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<T> DoAsync<T>(PostgresWorkOf<T> work, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await _queue.Writer.WriteAsync(work, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new HubStoreException("The hub's store is closed.");
        }

        return await work.Done.WaitAsync(cancellationToken);
    }

    /// <summary>Does the work that waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended;
    }

    private async Task RunAsync(int index)
    {
        var group = new List<PostgresWork>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            TakeGroup(group);
            Interlocked.Exchange(ref _busySince[index], _time.GetTimestamp());
            await ProcessAsync(group);
            Interlocked.Exchange(ref _busySince[index], 0);
        }
    }

    private void TakeGroup(List<PostgresWork> group)
    {
        group.Clear();
        var weight = 0L;
        lock (_queue) // else another writer could take the work that was looked at
        {
            while (_queue.Reader.TryPeek(out var work) && (group.Count == 0 || weight + work.Weight <= TransactionWeight))
            {
                _queue.Reader.TryRead(out _);
                if (work.IsCancelled)
                {
                    // Else a client that asks again and again would be behind its own questions.
                    work.Fail(new OperationCanceledException());
                    continue;
                }

                weight += work.Weight;
                group.Add(work);
            }
        }
    }

    private async Task ProcessAsync(List<PostgresWork> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            await CommitWithAttemptsAsync(group);
            _failure = null;
        }
#pragma warning disable CA1031 // an error that ends this loop would end the hub
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (PostgresErrors.MayComeFromData(e) && (group.Count > 1 || group[0].BecomeCareful()))
            {
                foreach (var work in group)
                {
                    await ProcessAsync([work]); // so that one client's data cannot fail the others', nor one message those behind it
                }

                return;
            }

            var reason = _database.Explain(e);
            _failure = new Failure(reason, _time.GetTimestamp());
            foreach (var work in group)
            {
                work.Fail(reason);
            }

            return;
        }

        foreach (var work in group)
        {
            work.Complete();
        }
    }

    private async Task CommitWithAttemptsAsync(List<PostgresWork> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CommitAsync(group);
                return;
            }
            catch (Exception e) when (attempt < Attempts && Repair(e))
            {
                // The mark says whether the transaction was committed before its connection was lost, so that it can be repeated.
            }
        }
    }

    private bool Repair(Exception error)
    {
        _database.Notice(error);
        if (error is PostgresException postgres && PostgresErrors.IsMissingPartition(postgres))
        {
            _partitions.Forget();
        }

        return PostgresErrors.IsWorthRepeating(error);
    }

    private async Task CommitAsync(List<PostgresWork> group)
    {
        var began = _time.GetTimestamp();
        await using var connection = await _database.OpenAsync(CancellationToken.None);
        while (true)
        {
            var transaction = new PostgresTransaction(connection, _limits, _database.Series, _partitions);
            var days = await transaction.RunAsync(group);
            if (transaction.SourceCount is { } sources)
            {
                Know(sources);
            }

            if (days.Count == 0)
            {
                lock (_counting)
                {
                    _metrics.Committed(_time.GetElapsedTime(began), transaction.Counts, Interlocked.Read(ref _sources));
                }

                return;
            }

            await _partitions.CreateAsync(connection, days, group[0].Now, CancellationToken.None);
        }
    }

    private sealed record Failure(HubStoreException Reason, long At);
}
