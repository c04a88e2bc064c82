using Serilog.Core;

namespace NetworkProtocol.Web;

/// <summary>Standard output, for the log and the lines of the start in the order in which they come.</summary>
internal sealed class StandardOutput
{
    private const string Name = "standard_output";

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<Action>? _enqueue;

    /// <summary>Ends when a write has failed.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Puts the queue before what writes events.</summary>
    public LogQueue Open(ILogEventSink output)
    {
        var queue = new LogQueue(Name, output, _ => _lost.TrySetResult(), TimeProvider.System);
        _enqueue = queue.Enqueue;
        return queue;
    }

    /// <summary>Prints a line that is no event of the log, and does not wait for it.</summary>
    public void Print(string line) => _enqueue!(() => Console.Out.WriteLine(line));
}
