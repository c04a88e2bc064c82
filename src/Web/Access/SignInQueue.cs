using System.Net;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// A queue in which passwords are checked one at a time, because a check occupies a core for a tenth of a second and the protocol needs
/// that core, too. The next check is for the network with the fewest requests. When the queue is full, the network with the most requests
/// loses a place. So a stranger with many addresses cannot keep other users out. Browsers in which the same user has signed in before have
/// priority.
/// </summary>
internal sealed class SignInQueue
{
    /// <summary>The limit of passwords that wait for their check.</summary>
    public const int Capacity = 20;

    /// <summary>The number of latest checks that still count as requests of their network.</summary>
    private const int Remembered = 64;

    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];
    private readonly Queue<Networks> _checked = new();
    private bool _isBusy;

    /// <summary>Waits for the turn to check a password. The turn lasts until it is disposed. Null if the queue is full.</summary>
    /// <exception cref="OperationCanceledException">The browser has aborted its request.</exception>
    public async Task<IDisposable?> WaitForTurnAsync(IPAddress? address, bool isKnown, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(Networks.Of(address), isKnown);
        lock (_lock)
        {
            _waiting.Add(waiting);
            if (_waiting.Count > Capacity)
            {
                var loser = _waiting.MaxBy(Rank)!;
                _waiting.Remove(loser);
                loser.Turn.TrySetResult(null);
            }

            if (!_isBusy)
            {
                Next();
            }
        }

        await using var registration = cancellationToken.Register(() => Cancel(waiting, cancellationToken));
        return await waiting.Turn.Task;
    }

    private void Next()
    {
        _isBusy = _waiting.Count > 0;
        if (!_isBusy)
        {
            return;
        }

        var next = _waiting.MinBy(Rank)!;
        _waiting.Remove(next);
        if (_checked.Count == Remembered)
        {
            _checked.Dequeue();
        }

        _checked.Enqueue(next.Networks);
        next.Turn.TrySetResult(new Turn(this));
    }

    // The widest network counts first, because an attacker who controls it also controls all networks in it.
    private (bool, int, int, int) Rank(Waiting waiting)
    {
        var all = _waiting.Select(other => other.Networks).Concat(_checked).ToArray();
        var own = waiting.Networks;
        return (
            !waiting.IsKnown,
            all.Count(other => other.Wide == own.Wide),
            all.Count(other => other.Middle == own.Middle),
            all.Count(other => other.Narrow == own.Narrow));
    }

    private void Cancel(Waiting waiting, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiting.Remove(waiting))
            {
                waiting.Turn.TrySetCanceled(cancellationToken);
            }
        }
    }

    private void End()
    {
        lock (_lock)
        {
            Next();
        }
    }

    private sealed class Waiting(Networks networks, bool isKnown)
    {
        public Networks Networks => networks;

        public bool IsKnown => isKnown;

        public TaskCompletionSource<IDisposable?> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(SignInQueue queue) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                queue.End();
            }
        }
    }
}
