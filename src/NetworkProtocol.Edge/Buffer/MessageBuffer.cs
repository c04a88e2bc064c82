using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The messages that the hub has not acknowledged, on disk. One thread owns the file and does whatever has arrived in one transaction, so
/// that the price of a sync is paid once for all sensors that publish at the same time.
/// </summary>
internal sealed class MessageBuffer : IAsyncDisposable
{
    /// <summary>The largest number of jobs of one transaction.</summary>
    private const int MaxGroup = 1000;

    /// <summary>The jobs that may wait for the thread, and the messages that may wait for room in the buffer.</summary>
    private const int MaxWaiting = 10_000;

    private readonly Channel<IBufferJob> _jobs = Channel.CreateBounded<IBufferJob>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly LinkedList<IBufferJob> _blocked = new();
    private readonly BufferStorage _storage;
    private readonly BufferLimits _limits;
    private readonly EdgeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<MessageBuffer> _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BufferFile? _file;
    private bool _isRunning;
    private volatile BufferState? _state;
    private volatile string? _problem;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MessageBuffer(
        IOptions<EdgeOptions> options, BufferStorage storage, EdgeMetrics metrics, TimeProvider time, ILogger<MessageBuffer> logger)
    {
        (_storage, _limits, _metrics, _time, _logger) = (storage, BufferLimits.Of(options.Value), metrics, time, logger);
        metrics.Watch(this, _limits);
    }

    /// <summary>What the buffer held after the last commit; null before <see cref="Open"/>.</summary>
    public BufferState? State => _state;

    /// <summary>Why the disk does not take messages at the moment; null if it does.</summary>
    public string? Problem => _problem;

    /// <summary>Completes when something has been written since the property was read.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Opens the file, salvages it if it is damaged, and starts the thread.</summary>
    /// <exception cref="IOException">There is no file that can be written; the message names it.</exception>
    public void Open()
    {
        _file = _storage.Open();
        _state = _file.State;
        _isRunning = true;
        new Thread(Run) { Name = "edge buffer", IsBackground = true }.Start();
    }

    /// <summary>Adds a message, and returns its sequence number when the disk has it.</summary>
    /// <exception cref="BufferException">The buffer is full, or the disk does not take the message.</exception>
    public async Task<long> AppendAsync(BufferedMessage message, CancellationToken cancellationToken)
    {
        var job = new AppendJob(message, _limits, _metrics, cancellationToken);
        await _jobs.Writer.WriteAsync(job, cancellationToken);
        return await job.Sequence;
    }

    /// <summary>Calls a function with the file, on the buffer's thread, and returns when the disk has what it wrote.</summary>
    /// <exception cref="BufferException">The disk does not take it.</exception>
    public async Task<T> RunAsync<T>(Func<BufferFile, T> function, CancellationToken cancellationToken)
    {
        var job = new BufferJob<T>(function);
        await _jobs.Writer.WriteAsync(job, cancellationToken);
        return await job.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread after the jobs that have arrived, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        if (_isRunning)
        {
            await _ended.Task;
        }
    }

    private void Run()
    {
        var group = new List<IBufferJob>(MaxGroup);
        while (WaitForJobs())
        {
            while (group.Count < MaxGroup && _jobs.Reader.TryRead(out var job))
            {
                group.Add(job);
            }

            Execute(group);
            group.Clear();
        }

        foreach (var job in _blocked)
        {
            job.Fail(new BufferException("The edge stops"));
        }

        _file?.Dispose();
        _ended.SetResult();
    }

    // It is the buffer's own thread, so nobody else waits with it.
    private bool WaitForJobs() => _jobs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void Execute(List<IBufferJob> group)
    {
        var began = _time.GetTimestamp();
        var done = new List<IBufferJob>(group.Count + _blocked.Count);
        try
        {
            var file = _file ??= _storage.Open();
            file.Begin();
            var expired = file.DropExpired(_time.GetUtcNow().ToUnixTimeMilliseconds());
            group.ForEach(job => RunOrBlock(job, file, done));
            RunBlocked(file, done);
            var state = file.State;
            file.Commit();
            _state = state;
            _metrics.Dropped(Drop.Expired, expired);
        }
#pragma warning disable CA1031 // An exception that leaves this thread ends the process, and a damaged file can cause any.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Undo(done.Union(group).Except(_blocked), e);
            return;
        }

        End(_file, done, began);
    }

    private void End(BufferFile file, List<IBufferJob> done, long began)
    {
        if (file.HasWritten)
        {
            _metrics.Committed(_time.GetElapsedTime(began));
            Recovered();
        }

        done.ForEach(job => job.Complete());
        if (file.HasWritten) // a job that only reads must not wake the one that waits for something to read
        {
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    // What is behind a blocked message waits with it, so that the order of each sensor stays.
    private void RunOrBlock(IBufferJob job, BufferFile file, List<IBufferJob> done)
    {
        if ((_blocked.Count == 0 || job is not AppendJob) && job.TryRun(file))
        {
            done.Add(job);
        }
        else if (_blocked.Count < MaxWaiting || RemoveAbandoned())
        {
            _blocked.AddLast(job);
        }
        else
        {
            job.Fail(new BufferException($"The buffer is full, and {MaxWaiting} messages wait for room already") { IsFull = true });
        }
    }

    private void RunBlocked(BufferFile file, List<IBufferJob> done)
    {
        while (_blocked.First is { } first && first.Value.TryRun(file))
        {
            _blocked.RemoveFirst();
            done.Add(first.Value);
        }
    }

    /// <summary>Removes the blocked jobs whose sensors are gone; returns whether there were any.</summary>
    private bool RemoveAbandoned()
    {
        var before = _blocked.Count;
        for (var node = _blocked.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value is AppendJob { IsAbandoned: true })
            {
                _blocked.Remove(node);
            }

            node = next;
        }

        return _blocked.Count < before;
    }

    private void Undo(IEnumerable<IBufferJob> jobs, Exception error)
    {
        if (_problem is null)
        {
            EdgeLog.NotDurable(_logger, error.Message);
        }

        var refusal = new BufferException(BufferStorage.Describe(error), error);
        _problem = refusal.Message;
        foreach (var job in jobs.ToArray())
        {
            job.Fail(refusal);
        }

        try
        {
            if (BufferStorage.IsDamage(error))
            {
                Salvage(error);
            }
            else
            {
                _file?.Rollback();
            }
        }
#pragma warning disable CA1031 // As above. The next job opens the file again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            EdgeLog.NotDurable(_logger, e.Message);
            _file?.Dispose();
            _file = null;
        }
    }

    private void Salvage(Exception error)
    {
        _file?.Dispose();
        _file = null;
        _file = _storage.Salvage(error.Message);
        _state = _file.State;
    }

    // Only what was written proves that the disk takes messages again.
    private void Recovered()
    {
        if (_problem is not null)
        {
            _problem = null;
            EdgeLog.DurableAgain(_logger);
        }
    }
}
