using Serilog.Core;

namespace NetworkProtocol.Web;

/// <summary>Standard output, which the log and the lines of the start share in one queue, so that their order is kept.</summary>
internal sealed class StandardOutput
{
    private const string Name = "standard_output";

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<Action>? _enqueue;

    /// <summary>Completes when a write has failed.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Creates the queue in front of the output that writes events.</summary>
    public LogQueue Open(ILogEventSink output)
    {
        var queue = new LogQueue(Name, output, _ => _lost.TrySetResult(), TimeProvider.System);
        _enqueue = queue.Enqueue;
        return queue;
    }

    /// <summary>Queues a line that is not an event of the log.</summary>
    public void Print(string line) => _enqueue!(() => Console.Out.WriteLine(line));
}
