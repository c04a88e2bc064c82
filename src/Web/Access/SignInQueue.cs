using System.Net;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Passwords are checked one at a time: a check takes a core for a tenth of a second, and the protocol needs it, too. Whose network has
/// asked least goes first, and when the queue is full the network that asks most loses a place: a stranger with many addresses keeps nobody out.
/// Browsers in which the same user has signed in before go before all others.
/// </summary>
internal sealed class SignInQueue
{
    /// <summary>Passwords that wait to be checked.</summary>
    public const int Capacity = 20;

    /// <summary>How many that were checked last still count for their network.</summary>
    private const int Remembered = 64;

    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];
    private readonly Queue<Networks> _checked = new();
    private bool _isBusy;

    /// <summary>The right to check a password, until it is disposed; null when there is no place.</summary>
    /// <exception cref="OperationCanceledException">The browser has left.</exception>
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

        await using var left = cancellationToken.Register(() => Leave(waiting, cancellationToken));
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

    // The widest network counts first: a stranger who has all of it has all that is in it.
    private (bool, int, int, int) Rank(Waiting waiting)
    {
        var all = _waiting.Select(other => other.Networks).Concat(_checked).ToArray();
        var own = waiting.Networks;
        return (!waiting.IsKnown, all.Count(other => other.Wide == own.Wide), all.Count(other => other.Middle == own.Middle), all.Count(other => other.Narrow == own.Narrow));
    }

    private void Leave(Waiting waiting, CancellationToken cancellationToken)
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
