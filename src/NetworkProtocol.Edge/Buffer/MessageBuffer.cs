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

    /// <summary>The largest size of their messages, beyond the last one, so that the log of the database stays small.</summary>
    private const long MaxGroupBytes = 256 << 10;

    /// <summary>The jobs that may wait for the thread, and the messages that may wait for room in the buffer.</summary>
    private const int MaxWaiting = 10_000;

    private readonly Channel<IBufferJob> _jobs = Channel.CreateBounded<IBufferJob>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly LinkedList<IBufferJob> _blocked = new();
    private readonly BufferDisk _disk;
    private readonly BufferStorage _storage;
    private readonly BufferLimits _limits;
    private readonly EdgeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isRunning;
    private long _busySince;
    private bool _hasMore; // blocked messages that may find room
    private volatile BufferState? _state;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MessageBuffer(
        IOptions<EdgeOptions> options, BufferStorage storage, EdgeMetrics metrics, TimeProvider time, ILogger<MessageBuffer> logger)
    {
        (_storage, _limits, _metrics, _time) = (storage, new BufferLimits(options.Value), metrics, time);
        _disk = new BufferDisk(storage, _limits, options.Value.AcceptWithoutDisk, time, logger);
        metrics.Watch(this, _limits);
    }

    /// <summary>What the buffer held after the last commit; null before <see cref="Open"/>.</summary>
    public BufferState? State => _state;

    /// <inheritdoc cref="BufferDisk.Problem"/>
    public string? Problem => _disk.Problem;

    /// <inheritdoc cref="BufferDisk.Shortage"/>
    public string? Shortage => _disk.Shortage;

    /// <summary>How long the transaction takes that is under way; zero without one.</summary>
    public TimeSpan Busy => Interlocked.Read(ref _busySince) is > 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Completes when something has been written since the property was read.</summary>
    public Task Changed => _changed.Task;

    /// <summary>
    /// Opens the file, salvages it if it is damaged, and starts the thread. A full disk does not stop the start.
    /// </summary>
    /// <exception cref="IOException">There is no file that can be written; the message names it.</exception>
    public void Open()
    {
        _state = _disk.Open()?.State;
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
    public Task<T> RunAsync<T>(Func<BufferFile, T> function, CancellationToken cancellationToken) =>
        RunAsync(function, 0, cancellationToken);

    /// <summary>
    /// Adds the first of these messages of one lane, as many as there is room for, and notes in the same transaction how far they go in the
    /// place that they come from. Nothing is dropped for them.
    /// </summary>
    /// <param name="messages">The messages, with their positions there; null: they need none.</param>
    /// <param name="cancellationToken">Stops waiting; the messages may be added all the same.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="BufferException">The disk does not take them.</exception>
    public Task<int> AppendAsync(
        IReadOnlyList<(BufferedMessage Message, long? Position)> messages, CancellationToken cancellationToken) => RunAsync(
        file =>
        {
            var (count, room) = (0, MaxGroupBytes);
            while (count < messages.Count && room > 0 && _limits.HasRoomFor(file, messages[count].Message))
            {
                room -= messages[count].Message.Bytes;
                file.Add(messages[count++].Message);
            }

            if (count > 0 && messages[count - 1] is (var last, { } position))
            {
                file.MoveTo(last.Lane, position);
            }

            return count;
        },
        messages.Sum(one => one.Message.Bytes),
        cancellationToken);

    private async Task<T> RunAsync<T>(Func<BufferFile, T> function, long bytes, CancellationToken cancellationToken)
    {
        var job = new BufferJob<T>(function, bytes);
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
            var room = MaxGroupBytes;
            while (group.Count < MaxGroup && room > 0 && _jobs.Reader.TryRead(out var job))
            {
                group.Add(job);
                room -= job.Bytes;
            }

            Interlocked.Exchange(ref _busySince, _time.GetTimestamp());
            Execute(group);
            Interlocked.Exchange(ref _busySince, 0);
            group.Clear();
        }

        foreach (var job in _blocked)
        {
            job.Fail(new BufferException($"The {_storage.Owner.Name} stops"));
        }

        _disk.Dispose();
        _ended.SetResult();
    }

    /// <summary>Waits for a job, or until a disk that has failed is to be tried again; false at the end.</summary>
    private bool WaitForJobs()
    {
        if (_hasMore)
        {
            return true;
        }

        // It is the buffer's own thread, so nobody else waits with it.
        var jobs = _jobs.Reader.WaitToReadAsync().AsTask();
        try
        {
            return (_disk.HasToRetry ? jobs.WaitAsync(BufferDisk.RetryInterval, _time) : jobs).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private void Execute(List<IBufferJob> group)
    {
        while (true)
        {
            IBufferJob[] blocked = [.. _blocked];
            try
            {
                Commit(group);
                return;
            }
#pragma warning disable CA1031 // An exception that leaves this thread ends the process, and a damaged file can cause any.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _blocked.Clear();
                Array.ForEach(blocked, job => _blocked.AddLast(job));
                if (!_disk.Recover(e, group.Exists(job => job is AppendJob) || blocked.Length > 0))
                {
                    var refusal = new BufferException(_storage.Describe(e), e);
                    group.ForEach(job => job.Fail(refusal));
                    return;
                }
            }
        }
    }

    private void Commit(List<IBufferJob> group)
    {
        var began = _time.GetTimestamp();
        var done = new List<IBufferJob>(group.Count + _blocked.Count);
        var file = _disk.Use();
        file.Begin();
        file.DropExpired(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var refused = new List<IBufferJob>();
        group.ForEach(job => RunOrBlock(job, file, done, refused));
        RunBlocked(file, done, MaxGroupBytes - group.Sum(job => job.Bytes));
        var state = file.State;
        file.Commit();
        _state = state;
        file.Dropped.AddTo(_metrics);
        _metrics.HubRestored(file.TakeLostByHub());
        _disk.Committed(state);
        if (file.HasWritten)
        {
            _metrics.Committed(_time.GetElapsedTime(began));
        }

        done.ForEach(job => job.Complete());
        refused.ForEach(job => job.Fail(
            new BufferException($"The buffer is full, and {MaxWaiting} messages wait for room already") { IsFull = true }));
        if (file.HasWritten) // a job that only reads must not wake the one that waits for something to read
        {
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    // What is behind a blocked message waits with it, so that the order of each sensor stays.
    private void RunOrBlock(IBufferJob job, BufferFile file, List<IBufferJob> done, List<IBufferJob> refused)
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
            refused.Add(job);
        }
    }

    private void RunBlocked(BufferFile file, List<IBufferJob> done, long room)
    {
        _hasMore = false;
        while (_blocked.First is { } first)
        {
            if (room <= 0)
            {
                _hasMore = true; // the rest has a transaction of its own
                return;
            }

            if (!first.Value.TryRun(file))
            {
                return;
            }

            room -= first.Value.Bytes;
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
}
