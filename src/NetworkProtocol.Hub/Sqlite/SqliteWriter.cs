using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// The one thread that writes. It takes all work that has arrived into one transaction, so that a commit, which waits for the disk, serves
/// as many edges as there are.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>
    /// How many values a transaction takes at most, so that nobody waits long for the others' part of it. Work that is larger alone has a
    /// transaction of its own.
    /// </summary>
    private const int TransactionWeight = 5_000;

    /// <summary>How much work waits here at most. The rest waits in its connections, whose memory the server limits.</summary>
    private const int QueueLength = 64;

    private readonly Channel<SqliteWork> _queue = Channel.CreateBounded<SqliteWork>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteFile _file;
    private readonly StoreLimits _limits;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly List<SqliteWork> _group = [];
    private SqliteSession? _session;
    private volatile HubStoreException? _failure;
    private long _busySince;

    public SqliteWriter(SqliteFile file, StoreLimits limits, HubMetrics metrics, TimeProvider time)
    {
        (_file, _limits, _metrics, _time) = (file, limits, metrics, time);
        _thread = new Thread(Run) { Name = "hub store", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What was read of what waits for the next hub.</summary>
    public SqliteForwardProgress Progress { get; } = new();

    /// <summary>Why the last transaction failed; null if it did not.</summary>
    public HubStoreException? Failure => _failure;

    /// <summary>How long the transaction takes that is under way; zero without one.</summary>
    public TimeSpan Busy => Interlocked.Read(ref _busySince) is > 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Does something in a transaction, and returns when it is committed.</summary>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public Task<T> DoAsync<T>(Func<SqliteSession, T> apply, int weight, CancellationToken cancellationToken) =>
        DoAsync(apply, weight, null, cancellationToken);

    /// <summary>Likewise; if the data makes it fail, does it again in the careful way, which puts aside what cannot be stored.</summary>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<T> DoAsync<T>(
        Func<SqliteSession, T> apply, int weight, Func<SqliteSession, T>? careful, CancellationToken cancellationToken)
    {
        var work = new SqliteWorkOf<T>(apply, weight, careful, cancellationToken);
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

    /// <summary>Does the work that waits, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                TakeGroup();
                Process(_group);
            }
        }
        finally
        {
            Close();
            _ended.SetResult();
        }
    }

    // This thread is the writer's own, so waiting on it costs nobody anything.
    private bool WaitForWork() => _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void TakeGroup()
    {
        _group.Clear();
        var weight = 0L;
        while (_queue.Reader.TryPeek(out var work) && (_group.Count == 0 || weight + work.Weight <= TransactionWeight))
        {
            _queue.Reader.TryRead(out _); // the same one: nobody else reads
            if (work.IsCancelled)
            {
                work.Fail(new OperationCanceledException()); // else a client that asks again and again would be behind its own questions
                continue;
            }

            weight += work.Weight;
            _group.Add(work);
        }
    }

    private void Process(List<SqliteWork> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            Commit(group);
            _failure = null;
        }
#pragma warning disable CA1031 // an error that ends this thread would end the hub
        catch (Exception e)
#pragma warning restore CA1031
        {
            Rollback(e);
            if (SqliteErrors.MayComeFromData(e) && (group.Count > 1 || group[0].BecomeCareful()))
            {
                foreach (var work in group)
                {
                    Process([work]); // so that one client's data cannot fail the others', nor one message those behind it
                }

                return;
            }

            _failure = Explain(e);
            foreach (var work in group)
            {
                work.Fail(_failure);
            }

            return;
        }
        finally
        {
            Interlocked.Exchange(ref _busySince, 0);
        }

        foreach (var work in group)
        {
            work.Complete();
        }
    }

    private void Commit(List<SqliteWork> group)
    {
        var began = _time.GetTimestamp();
        Interlocked.Exchange(ref _busySince, began);
        _session ??= new SqliteSession(_file.OpenWriter(), _limits, Progress);
        _session.Begin();
        foreach (var work in group)
        {
            work.Apply(_session);
        }

        _session.Commit();
        _metrics.Committed(_time.GetElapsedTime(began), _session.Counts, _session.SourceCount);
    }

    private void Rollback(Exception error)
    {
        _session?.Rollback();
        if (error is not SqliteException sqlite || SqliteErrors.NeedsNewConnection(sqlite))
        {
            Close();
        }
    }

    private HubStoreException Explain(Exception error) => error switch
    {
        HubStoreException explained => explained,
        SqliteException sqlite => SqliteErrors.Explain(_file.Path, sqlite),
        _ => new HubStoreException($"The hub's store {_file.Path} has failed: {error.Message}", error) { IsTemporary = true },
    };

    private void Close()
    {
        try
        {
            _session?.Dispose();
        }
        catch (SqliteException)
        {
            // The disk fails, or is full: what was committed is in the log, and the next connection reads it.
        }

        _session = null;
    }
}
